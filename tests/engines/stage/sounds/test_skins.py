"""Drum and ball: sharp onsets, levels of foley, and two sounds that nobody confuses."""

import numpy as np
import pytest

from clapboard.engines.stage.sounds.foley import knock
from clapboard.engines.stage.sounds.skins import ball_bounce, drum_hit

RATE = 48_000


def spectrum(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.fft.rfftfreq(1 << 16, 1 / RATE), np.abs(np.fft.rfft(sound, 1 << 16)) ** 2


@pytest.mark.parametrize("make", [drum_hit, ball_bounce])
@pytest.mark.parametrize("force", [0.2, 0.6, 1.0])
def test_it_starts_at_once_at_the_level_of_its_force(make, force):
    for seed in range(3):
        sound = make(force, seed)
        peak = np.abs(sound).max()
        assert sound.dtype == np.float32
        assert 20 * np.log10(peak) == pytest.approx(-12 + 30 * np.log10(force / 0.6), abs=0.1)
        assert np.argmax(np.abs(sound) >= peak / 2) <= 0.002 * RATE
        energy = np.add.reduceat(sound.astype(np.float64) ** 2, np.arange(0, len(sound), 240))
        assert np.argmax(np.diff(energy, prepend=0.0)) == 0
        assert abs(sound[-1]) < 1e-4


def test_the_drum_is_low_and_long_and_the_ball_short_and_higher():
    hz, drum = spectrum(drum_hit(0.6, 1))
    _, ball = spectrum(ball_bounce(0.6, 1))
    assert 90 < hz[drum.argmax()] < 140
    assert 280 < hz[ball.argmax()] < 400

    def lasts_s(sound):
        left = np.cumsum(sound[::-1].astype(np.float64) ** 2)[::-1]
        return np.argmax(left < 1e-3 * left[0]) / RATE

    assert lasts_s(drum_hit(0.6, 1)) > 1.8 * lasts_s(ball_bounce(0.6, 1)) > 1.8 * lasts_s(knock(0.6, 1))


@pytest.mark.parametrize("make", [drum_hit, ball_bounce])
def test_force_is_brighter_and_every_seed_its_own(make):
    def centroid_hz(sound):
        hz, power = spectrum(sound)
        return (hz * power).sum() / power.sum()

    assert centroid_hz(make(1.0, 2)) > 1.1 * centroid_hz(make(0.2, 2))
    np.testing.assert_array_equal(make(0.6, 1), make(0.6, 1))
    assert np.abs(make(0.6, 1) - make(0.6, 2)).max() > 0.005
