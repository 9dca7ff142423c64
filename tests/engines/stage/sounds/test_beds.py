"""Continuous beds: pure in the range, seamless, calibrated, and following their curves."""

import itertools

import numpy as np
import pytest

from clapboard.engines.stage.curves import constant, from_points
from clapboard.engines.stage.sounds import rain
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.engines.stage.sounds.fire import kettle
from clapboard.engines.stage.sounds.grid import CELL, HOP
from clapboard.engines.stage.sounds.night import city_night
from clapboard.engines.stage.sounds.shore import break_times

RATE = 48_000
NAMED = [
    *("rain_on_glass", "rain_on_roof", "rain_on_water", "rain_on_leaves", "rain_on_canvas", "rain_open"),
    *("wind", "wind_sea", "wind_pines", "waves", "lake_lapping", "fire", "insects", "snow_hush", "city_night"),
    *("room_tone", "mountain_air"),
]


def _db(samples):
    return 10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2) + 1e-20)


def _likeness(one, other):
    return abs(np.sum(one * other)) / np.sqrt(np.sum(one**2) * np.sum(other**2) + 1e-12)


def _centroid_hz(samples):
    power = np.abs(np.fft.rfft(samples)) ** 2
    return np.sum(np.fft.rfftfreq(len(samples), 1 / RATE) * power) / np.sum(power)


def loudness_lufs(stereo):
    """ITU-R BS.1770 without gating, the K filters applied in the frequency domain."""
    size = 1 << (stereo.shape[1] + RATE).bit_length()
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z)
    shelf /= np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high = (1 - z) ** 2 / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    heard = np.fft.irfft(np.fft.rfft(stereo.astype(np.float64), size) * shelf * high, size)[:, : stereo.shape[1]]
    return -0.691 + 10 * np.log10(np.sum(np.mean(heard**2, axis=1)))


def test_every_bed_is_there_with_words():
    assert set(NAMED) <= set(BEDS)
    assert all(spec.name == name and spec.words for name, spec in BEDS.items())
    words = [word for spec in BEDS.values() for word in spec.words]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("name", BEDS)
def test_pure_in_range(name):
    level = from_points([(0, 0.2), (4, 0.9)])
    start, stop = 20_000, 20_000 + 2 * CELL
    whole = BEDS[name].make(level, 5)(start, stop)
    assert whole.shape == (2, stop - start)
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    cuts = [start, start + 1, CELL - 1, CELL, CELL + 777, 2 * CELL + 40, stop]
    pieces = BEDS[name].make(level, 5)
    parts = {a: pieces(a, b) for a, b in sorted(itertools.pairwise(cuts), reverse=True)}
    assert np.array_equal(np.concatenate([parts[a] for a in cuts[:-1]], axis=1), whole)


@pytest.mark.parametrize("name", BEDS)
def test_seeds_differ_and_nothing_loops(name):
    level = constant(0.6)
    one, other = (BEDS[name].make(level, seed)(0, 3 * CELL)[0] for seed in (1, 2))
    assert _likeness(one, other) < 0.3
    for lag in (CELL, 2 * CELL, RATE):
        if name != "room_tone":  # a mains hum repeats every second, as it must
            assert _likeness(one[lag:], one[:-lag]) < 0.3


@pytest.mark.parametrize("name", BEDS)
def test_no_seam_and_no_dc(name):
    sound = BEDS[name].make(constant(0.7), 3)(CELL // 2, CELL // 2 + 3 * CELL)
    steps = np.abs(np.diff(sound, axis=1)).max(axis=0)
    seams = [CELL // 2 + cell * CELL - 1 for cell in range(3)]
    near = [np.sort(np.delete(steps[seam - 2000 : seam + 2000], 2000))[-40] for seam in seams]
    assert all(steps[seam] <= 1.5 * limit for seam, limit in zip(seams, near, strict=True))
    assert abs(sound.mean()) < 0.02 * sound.std()


@pytest.mark.parametrize("name", ["rain_open", "rain_on_glass", "wind", "waves", "fire", "insects", "birdsong"])
def test_level_zero_is_silence(name):
    assert np.abs(BEDS[name].make(constant(0.0), 1)(RATE, 2 * RATE)).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", BEDS)
def test_calibrated_at_level_point_six(name):
    power = [10 ** (loudness_lufs(BEDS[name].make(constant(0.6), seed)(0, 30 * RATE)) / 10) for seed in (4, 5, 6, 7)]
    assert abs(10 * np.log10(np.mean(power)) + 30) < 2.0


def test_rain_grows_in_number_size_and_loudness():
    levels = np.array([0.1, 0.3, 0.6, 1.0])
    mm_h = rain.intensity_mm_h(levels)
    assert np.all(np.diff(mm_h) > 0)
    assert 0.3 < mm_h[0] < 1
    assert np.all(np.diff(rain.drops_per_s(mm_h, 1.2, 1.0)) > 0)
    sounds = [BEDS["rain_on_glass"].make(constant(level), 2)(0, 4 * RATE)[0] for level in (0.1, 0.25, 0.6, 1.0)]
    taps = []
    for sound in sounds[:3]:
        high = np.diff(sound, 2)  # the taps are brighter than the roar outside
        peaks = np.abs(high[: len(high) // 96 * 96]).reshape(-1, 96).max(axis=1)
        taps.append(np.sum(peaks > 0.002))
    assert taps[0] * 2 < taps[1] < taps[2] / 2
    assert np.all(np.diff([_db(sound) for sound in sounds]) > 3)


def test_a_downpour_is_darker_than_a_drizzle():
    drizzle, downpour = (BEDS["rain_open"].make(constant(level), 2)(0, 3 * RATE)[0] for level in (0.12, 1.0))
    assert _centroid_hz(downpour) < 0.85 * _centroid_hz(drizzle)


def test_rain_is_not_steady_noise():
    drizzle = BEDS["rain_on_glass"].make(constant(0.2), 2)(0, 4 * RATE)[0]
    peaks = np.abs(drizzle).reshape(-1, 96).max(axis=1)
    assert peaks.std() / peaks.mean() > 0.6  # white noise: 0.25


def test_surfaces_sound_different():
    centroid_hz = {name: _centroid_hz(BEDS[name].make(constant(0.6), 2)(0, 2 * RATE)[0]) for name in NAMED[:6]}
    assert centroid_hz["rain_on_canvas"] < centroid_hz["rain_on_roof"] + 200
    assert centroid_hz["rain_on_roof"] < centroid_hz["rain_on_leaves"] < centroid_hz["rain_on_water"]


def test_wind_brightens_with_its_curve():
    soft, hard = (BEDS["wind_pines"].make(constant(level), 2)(0, 5 * RATE)[0] for level in (0.3, 0.9))
    assert _db(hard) > _db(soft) + 12
    assert _centroid_hz(hard) > 1.4 * _centroid_hz(soft)


def test_waves_breathe_at_the_period_of_a_swell():
    breaks_s = break_times(3, 0.0, 60.0)
    assert 6 < np.diff(breaks_s).mean() < 9
    sound = BEDS["waves"].make(constant(0.6), 3)(0, 30 * RATE)[0]
    level = np.sqrt(np.mean(sound.reshape(-1, RATE // 4) ** 2, axis=1))
    assert 20 * np.log10(np.percentile(level, 95) / np.percentile(level, 10)) > 8
    for at_s in breaks_s[(breaks_s > 2) & (breaks_s < 28)]:
        before, after = (level[int(4 * (at_s + shift)) : int(4 * (at_s + shift)) + 4].mean() for shift in (-2.0, 0.0))
        assert after > before


def test_fire_crackles_are_sparse_and_sharp():
    sound = BEDS["fire"].make(constant(0.6), 3)(0, 8 * RATE)[0]
    assert 20 * np.log10(np.abs(sound).max() / sound.std()) > 18
    bright = np.abs(np.diff(sound, 2))
    bursts = np.flatnonzero(bright > 12 * np.median(bright))
    crackles = 1 + np.sum(np.diff(bursts) > 0.01 * RATE)
    assert 2 * 8 < crackles < 25 * 8


def test_insects_sing_high_and_more_of_them_with_the_curve():
    few, many = (BEDS["insects"].make(constant(level), 3)(0, 6 * RATE)[0] for level in (0.25, 1.0))
    assert _centroid_hz(few) > 2500
    assert _db(many) > _db(few) + 3


def test_a_wet_street_hisses():
    dry, wet = (city_night(constant(1.0), 3, wet)(0, 12 * RATE)[0] for wet in (None, constant(0.5)))
    assert _centroid_hz(wet) > 1.3 * _centroid_hz(dry)


def test_the_kettle_whistles_at_last():
    render = kettle(from_points([(0, 0.3), (6, 1.0)]), 1)
    sound = render(0, 8 * RATE)
    assert sound.shape == (1, 8 * RATE)

    def tone(from_s):
        part = sound[0, int(from_s * RATE) : int((from_s + 1) * RATE)]
        power = np.abs(np.fft.rfft(part * np.hanning(RATE))) ** 2
        high = power[1000:4000]
        return 1000 + int(high.argmax()), 10 * np.log10(high.max() / np.median(high))

    assert tone(0.5)[1] < 15
    assert tone(6.5)[1] > 30
    assert 2000 < tone(6.5)[0] < 2500
    assert tone(5.0)[0] < tone(6.5)[0]


def test_memory_does_not_grow_with_the_film():
    render = BEDS["rain_open"].make(constant(0.5), 1)
    far = 7200 * RATE
    assert render(far, far + HOP).shape == (2, HOP)
