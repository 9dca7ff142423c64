"""Animals and thunder: pitches that glide as the calls do, thunder that darkens and slows with distance."""

import numpy as np
import pytest

from clapboard.engines.stage.curves import constant
from clapboard.engines.stage.sounds.creatures import CAT_CALLS, GULL_CALLS, cat, dog_bark, gull, loon, owl, purr
from clapboard.engines.stage.sounds.thunder import thunder

RATE = 48_000


def pitch_hz(sound, at_s, lowest_hz=150, highest_hz=1500):
    """Fundamental near a moment, by autocorrelation."""
    begin = int(at_s * RATE)
    part = sound[begin : begin + 2400] * np.hanning(2400)
    spectrum = np.abs(np.fft.rfft(part, 8192)) ** 2
    likeness = np.fft.irfft(spectrum)
    lags = np.arange(int(RATE / highest_hz), int(RATE / lowest_hz))
    likely = likeness[lags] / likeness[0]
    return RATE / lags[np.argmax(likely > 0.93 * likely.max()) if likely.max() > 0.3 else np.argmax(likely)]


@pytest.mark.parametrize(
    "make",
    [
        owl,
        loon,
        dog_bark,
        *(lambda seed, c=c: gull(c, seed) for c in GULL_CALLS),
        *(lambda seed, c=c: cat(c, seed) for c in CAT_CALLS),
    ],
)
def test_calls_are_clean_and_calibrated(make):
    one, other = make(1), make(2)
    assert one.dtype == np.float32
    assert -16 < 20 * np.log10(np.abs(one).max()) < -11
    assert abs(one.mean()) < 1e-3
    assert np.abs(one[-1]) < 1e-3
    assert len(one) != len(other) or not np.array_equal(one, other)
    assert np.array_equal(one, make(1))


def test_the_meow_rises_and_falls():
    sound = cat("meow", 3)
    length_s = len(sound) / RATE
    early, middle, late = (pitch_hz(sound, part * length_s) for part in (0.1, 0.4, 0.88))
    assert middle > 1.1 * early
    assert late < 0.85 * middle


def test_the_meow_opens_and_closes():
    sound = cat("meow", 3)

    def bright(part):
        begin = int(part * len(sound))
        power = np.abs(np.fft.rfft(sound[begin : begin + 2400])) ** 2
        hz = np.fft.rfftfreq(2400, 1 / RATE)
        return power[(hz > 900) & (hz < 5000)].sum() / power.sum()

    assert bright(0.4) > 2 * bright(0.05)
    assert bright(0.4) > 2 * bright(0.88)


def test_the_gull_falls_and_has_harmonics():
    sound = gull("keow", 3)
    length_s = len(sound) / RATE
    assert pitch_hz(sound, 0.8 * length_s, 400) < 0.9 * pitch_hz(sound, 0.25 * length_s, 400)
    middle = sound[int(0.3 * len(sound)) :][:4096] * np.hanning(4096)
    power = np.abs(np.fft.rfft(middle)) ** 2
    base_hz = pitch_hz(sound, 0.3 * length_s, 400)
    bins = RATE / 4096
    for harmonic in (2, 3):
        at = harmonic * base_hz / bins
        near = power[int(0.94 * at) : int(1.06 * at)].max()
        assert near > 0.05 * power.max()


def test_the_long_call_is_a_row_of_notes():
    sound = gull("long", 3)
    loud = np.sqrt(np.mean(sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2, axis=1))
    notes = np.sum(np.diff((loud > 0.15 * loud.max()).astype(int)) == 1)
    assert notes >= 6


def test_the_purr_pulses_and_breathes():
    render = purr(constant(0.8), 2)
    sound = render(0, 6 * RATE)
    assert np.array_equal(sound[:, 30_000:90_001], purr(constant(0.8), 2)(30_000, 90_001))
    level = np.abs(sound[0]).reshape(-1, 96).max(axis=1)
    power = np.abs(np.fft.rfft(level - level.mean())) ** 2
    hz = np.fft.rfftfreq(len(level), 0.002)
    pulse = (hz > 15) & (hz < 40)
    assert 23 < hz[pulse][power[pulse].argmax()] < 29
    slow = np.sqrt(np.mean(sound[0].reshape(-1, RATE // 10) ** 2, axis=1))
    assert slow.max() > 2.5 * slow.min()


def test_far_thunder_is_darker_slower_and_softer():
    def spread(distance_m):
        sound = thunder(distance_m, 3)
        assert len(sound) <= 12 * RATE
        energy = np.cumsum(sound.astype(np.float64) ** 2)
        power = np.abs(np.fft.rfft(sound)) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / RATE)
        rise_s = np.argmax(np.abs(sound) > 0.5 * np.abs(sound).max()) / RATE
        return (
            np.sum(hz * power) / np.sum(power),
            np.searchsorted(energy, 0.3 * energy[-1]) / RATE,
            rise_s,
            np.abs(sound).max(),
        )

    near, far = spread(150.0), spread(6000.0)
    assert far[0] < 0.5 * near[0]
    assert far[1] > 2 * near[1]
    assert near[2] < 0.002 < 0.1 < far[2]
    assert far[3] < 0.5 * near[3]


def test_thunder_rolls():
    sound = thunder(2500.0, 5)
    loud = np.sqrt(np.mean(sound[: len(sound) // 9600 * 9600].reshape(-1, 9600) ** 2, axis=1))
    assert np.sum(loud > 0.1 * loud.max()) * 0.2 > 3.0  # seconds of sound
    swells = np.sum((loud[1:-1] > loud[:-2]) & (loud[1:-1] > loud[2:]))
    assert swells >= 3
    assert not np.array_equal(sound[:RATE], thunder(2500.0, 6)[:RATE])
