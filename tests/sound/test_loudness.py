import math

import numpy as np
import pytest

from clapboard.sound.loudness import LoudnessMeter, true_peak_dbtp
from sound.dry import integrated_lufs

RATE = 48_000


def sine(level_db, seconds, freq_hz=1000.0, phase=0.0):
    t = np.arange(int(RATE * seconds)) / RATE
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * freq_hz * t + phase)
    return np.stack([wave, wave]).astype(np.float32)


def in_blocks(samples, size):
    return [samples[:, a : a + size] for a in range(0, samples.shape[1], size)]


def steps(*parts):
    return np.concatenate([sine(level, seconds) for level, seconds in parts], axis=1)


# EBU Tech 3341, table 1, test signals 1 to 5: 1 kHz stereo sines, tolerance 0.1 LU.
@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (steps((-23, 20)), -23.0),
        (steps((-33, 20)), -33.0),
        (steps((-36, 10), (-23, 60), (-36, 10)), -23.0),
        (steps((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.0),
        (steps((-26, 20), (-20, 20.1), (-26, 20)), -23.0),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_ebu_tech_3341(signal, expected):
    assert integrated_lufs(in_blocks(signal, 2**17)) == pytest.approx(expected, abs=0.1)


def test_full_scale_997_hz_in_one_channel_is_minus_3_01_lkfs():
    # BS.1770-4: a 0 dB FS 997 Hz sine in the left channel reads -3.01 LKFS.
    wave = sine(0, 5, 997.0)
    wave[1] = 0
    assert integrated_lufs([wave]) == pytest.approx(-3.01, abs=0.02)
    assert integrated_lufs([sine(-20, 5, 997.0)]) == pytest.approx(-20.0, abs=0.02)
    assert integrated_lufs([wave[:1]]) == pytest.approx(-3.01, abs=0.02)


def test_blocks_do_not_matter():
    rng = np.random.default_rng([1])
    noise = rng.normal(0, 0.1, (2, 100_000)).astype(np.float32)
    whole = integrated_lufs([noise])
    assert integrated_lufs(in_blocks(noise, 777)) == pytest.approx(whole, abs=1e-9)
    assert true_peak_dbtp(in_blocks(noise, 777)) == pytest.approx(true_peak_dbtp([noise]), abs=1e-4)


def test_silence_and_short_films_have_no_loudness():
    assert integrated_lufs([np.zeros((2, RATE), np.float32)]) == -math.inf
    assert integrated_lufs([]) == -math.inf
    meter = LoudnessMeter()
    meter.feed(sine(-10, 0.399))
    assert meter.integrated_lufs() == -math.inf
    assert true_peak_dbtp([]) == -math.inf


# EBU Tech 3341, test signals 15 to 19: tolerance +0.2 / -0.4 dB.
@pytest.mark.parametrize(
    ("freq_hz", "phase_deg"), [(RATE / 4, 0), (RATE / 4, 45), (RATE / 6, 60), (RATE / 8, 67.5), (15_000, 10)]
)
def test_true_peak_of_sines_between_the_samples(freq_hz, phase_deg):
    fade = np.minimum(1, np.arange(RATE // 2) / 500).astype(np.float32)
    wave = sine(-6, 0.5, freq_hz, math.radians(phase_deg)) * np.minimum(fade, fade[::-1])
    assert -6.4 <= true_peak_dbtp(in_blocks(wave, 4096)) <= -5.8


def test_true_peak_sees_what_samples_hide():
    wave = sine(0, 0.1, RATE / 4, math.pi / 4)[:, 100:-100]
    assert np.abs(wave).max() == pytest.approx(10 ** (-3.01 / 20), abs=1e-3)
    assert true_peak_dbtp([wave]) > -0.4


def test_true_peak_of_the_last_sample_counts():
    click = np.zeros((2, 1000), np.float32)
    click[0, -1] = 0.5
    assert true_peak_dbtp([click]) == pytest.approx(-6.02, abs=0.01)
