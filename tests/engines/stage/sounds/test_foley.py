"""Impacts and other events: their onset, brightness and level."""

import numpy as np
import pytest

from clapboard.engines.stage.curves import constant, from_points
from clapboard.engines.stage.sounds.boat import bell_buoy, foghorn, halyard, hull_slap, sail_flap
from clapboard.engines.stage.sounds.foley import clink, footstep, impact, knock, switch_click
from clapboard.engines.stage.sounds.materials import LOOSE, STRUCK
from clapboard.engines.stage.sounds.rubbing import CREAKS, candle_puff, creak, match_strike, rolling

RATE = 48_000
HARD = ["glass", "wood", "metal", "stone", "ceramic", "porcelain", "ice", "plastic"]


def centroid_hz(sound, from_s=0.0, to_s=0.4):
    part = sound[int(from_s * RATE) : int(to_s * RATE)]
    power = np.abs(np.fft.rfft(part, 1 << 15)) ** 2
    return np.sum(np.fft.rfftfreq(1 << 15, 1 / RATE) * power) / np.sum(power)


def _db(value):
    return 20 * np.log10(value)


@pytest.mark.parametrize("struck", HARD)
@pytest.mark.parametrize("striker", ["glass", "metal", "wood"])
def test_hard_impacts_start_at_once(struck, striker):
    for seed in range(4):
        for force in (0.2, 0.6, 1.0):
            sound = impact(struck, striker, force, seed)
            peak = np.abs(sound).max()
            assert np.argmax(np.abs(sound) >= peak / 2) <= 0.0005 * RATE
            energy = np.add.reduceat(sound.astype(np.float64) ** 2, np.arange(0, len(sound), 240))
            assert np.argmax(np.diff(energy, prepend=0.0)) == 0  # the first 5 ms hold the largest rise


@pytest.mark.parametrize("struck", STRUCK)
def test_level_and_no_dc(struck):
    sound = impact(struck, "shoe", 0.6, 1)
    assert sound.dtype == np.float32
    assert abs(_db(np.abs(sound).max()) + 12) < 0.1
    assert abs(sound.mean()) < 0.01 * np.abs(sound).max()
    assert np.abs(sound[-1]) < 1e-4
    assert np.abs(sound[:96]).max() > 0.5 * np.abs(sound).max() or struck in (*LOOSE, "water", "hull", "door")


def test_force_is_louder_and_brighter():
    soft, hard = (impact("wood", "wood", force, 3) for force in (0.1, 1.0))
    assert abs(_db(np.abs(hard).max() / np.abs(soft).max()) - 30) < 0.5
    assert centroid_hz(hard) > 1.1 * centroid_hz(soft)


def test_brightness_follows_material():
    glass, wood, cloth = (
        np.mean([centroid_hz(impact(struck, striker, 0.6, seed)) for seed in range(5)])
        for struck, striker in (("glass", "metal"), ("wood", "wood"), ("cloth", "cloth"))
    )
    assert glass > 2 * wood
    low_share = []
    for struck in ("wood", "cloth"):
        power = np.abs(np.fft.rfft(impact(struck, "shoe", 0.6, 2), 1 << 15)) ** 2
        low_share.append(power[: int(150 / RATE * (1 << 15))].sum() / power.sum())
    assert low_share[1] > low_share[0]
    assert cloth < glass


def test_ringing_lasts_as_the_material_does():
    def half_s(struck):
        energy = np.cumsum(impact(struck, "metal", 0.6, 1)[::-1].astype(np.float64) ** 2)[::-1]
        return np.argmax(energy < 1e-3 * energy[0]) / RATE

    assert half_s("metal") > half_s("glass") > half_s("wood") > half_s("plastic")


def test_no_two_hits_are_the_same_but_one_seed_is():
    one, again, other = (impact("stone", "glass", 0.6, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    size = min(len(one), len(other))
    assert np.abs(one[:size] - other[:size]).max() > 0.02


def test_unknown_materials_are_named():
    with pytest.raises(ValueError, match="marzipan"):
        impact("marzipan", "wood", 0.5, 1)
    with pytest.raises(ValueError, match="spoon"):
        impact("wood", "spoon", 0.5, 1)


@pytest.mark.parametrize(
    "make",
    [knock, clink, sail_flap, halyard, hull_slap, bell_buoy, lambda force, seed: footstep("snow", force, seed)],
    ids=["knock", "clink", "sail", "halyard", "hull", "bell", "step"],
)
def test_events_of_a_force(make):
    soft, hard, other = make(0.3, 1), make(0.9, 1), make(0.9, 2)
    assert np.abs(hard).max() > 2 * np.abs(soft).max()
    assert np.abs(hard).max() < 1
    assert not np.array_equal(hard[:1000], other[:1000])
    assert np.abs(hard[:480]).max() > 0.25 * np.abs(hard).max()


@pytest.mark.parametrize("make", [switch_click, match_strike, candle_puff, foghorn])
def test_events_of_a_seed(make):
    one, other = make(1), make(2)
    assert np.isfinite(one).all()
    assert 0.05 < np.abs(one).max() < 0.6
    assert not np.array_equal(one[:1000], other[:1000])


@pytest.mark.parametrize("kind", CREAKS)
def test_creaks_are_trains_of_slips(kind):
    sound = creak(kind, 1.0, 0.6, 3)
    assert 1.0 <= len(sound) / RATE < 1.3
    peaks = np.abs(sound[: len(sound) // 96 * 96]).reshape(-1, 96).max(axis=1)
    assert peaks.std() / peaks.mean() > 0.4


def test_a_far_foghorn_is_dull():
    assert centroid_hz(foghorn(1, distance_m=3000.0), to_s=3.0) < 0.7 * centroid_hz(
        foghorn(1, distance_m=50.0), to_s=3.0
    )


def test_rolling_follows_its_speed():
    speed = from_points([(0.5, 0.0), (0.55, 1.2), (2.0, 0.4), (3.0, 0.0)])
    render = rolling(speed, 3)
    sound = render(0, 4 * RATE)
    assert sound.shape == (1, 4 * RATE)
    assert np.array_equal(sound[:, 50_000:99_999], rolling(speed, 3)(50_000, 99_999))
    rest, fast, slow = (
        np.sqrt(np.mean(sound[0, int(a * RATE) : int(b * RATE)] ** 2)) for a, b in ((0, 0.4), (0.7, 1), (2.2, 2.8))
    )
    assert rest < 1e-5
    assert fast > 2 * slow > 20 * rest
    assert np.abs(sound[0, int(3.6 * RATE) :]).max() < 1e-3


def test_a_ball_pulses_once_a_turn():
    radius_m, speed_m_s = 0.03, 0.6
    sound = rolling(constant(speed_m_s), 3, radius_m=radius_m)(0, 12 * RATE)[0]
    loud = np.sqrt(np.mean(sound.reshape(-1, 480) ** 2, axis=1))
    power = np.abs(np.fft.rfft(loud - loud.mean())) ** 2
    hz = np.fft.rfftfreq(len(loud), 0.01)
    turn_hz = speed_m_s / (2 * np.pi * radius_m)
    near = np.abs(hz - turn_hz) < 0.1
    assert power[near].max() > 8 * np.median(power)
