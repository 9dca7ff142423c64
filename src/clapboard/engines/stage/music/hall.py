"""The hall that the music sounds in: an impulse response made from noise, and fast convolution of one block with it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.music.synth import Samples

BLOCK = 1 << 16
"""Samples of a block; the response is as long (1.37 s: at 2 s of reverberation its end is 41 dB down, and faded)."""

_PREDELAY_S = 0.018
# Reverberation time of a band relative to the middle's, as in halls with wood and an audience (Beranek, ch. on warmth).
_BANDS = (
    (0.0, 250.0, 1.1),
    (250.0, 1500.0, 1.0),
    (1500.0, 4000.0, 0.75),
    (4000.0, 9000.0, 0.48),
    (9000.0, 24000.0, 0.3),
)


@lru_cache(maxsize=4)
def response(hall_s: float) -> NDArray[np.complex64]:
    """Spectra [2, BLOCK + 1] of the two ears' responses to a mono send, each of unit energy."""
    rng = np.random.default_rng([int(hall_s * 1000), 2])
    t = np.arange(BLOCK) / SAMPLE_RATE
    white = np.fft.rfft(rng.standard_normal((2, BLOCK)))
    freq_hz = np.fft.rfftfreq(BLOCK, 1 / SAMPLE_RATE)
    tail = np.zeros((2, BLOCK))
    for low_hz, high_hz, ratio in _BANDS:
        band = np.fft.irfft(white * ((freq_hz >= low_hz) & (freq_hz < high_hz)) * (freq_hz > 90), BLOCK)
        tail += band * np.exp(-6.9 * t / (hall_s * ratio))
    tail *= np.clip((t - _PREDELAY_S) / 0.05, 0, 1) * np.clip((t[-1] - t) / 0.25, 0, 1)
    early = np.zeros((2, BLOCK))
    for ear in range(2):
        for delay_s in _PREDELAY_S + 0.06 * rng.uniform(0, 1, 9) ** 1.3:
            early[ear, int(delay_s * SAMPLE_RATE)] += rng.choice([-1, 1]) * np.exp(-delay_s / 0.05)
    early = np.fft.irfft(np.fft.rfft(early) / (1 + (freq_hz / 5000.0) ** 2), BLOCK)
    both = tail / np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    both += 0.5 * early / np.sqrt(np.sum(early**2, axis=1, keepdims=True))
    both /= np.sqrt(np.sum(both**2, axis=1, keepdims=True))
    return np.fft.rfft(both.astype(np.float32), 2 * BLOCK).astype(np.complex64)


def wet(before: Samples, block: Samples, hall_s: float) -> Samples:
    """What the hall answers during `block` [2, BLOCK], given the block before it: [2, BLOCK] (overlap-save)."""
    send = np.concatenate((before, block), axis=1).mean(axis=0)
    return np.fft.irfft(np.fft.rfft(send) * response(hall_s), 2 * BLOCK)[:, BLOCK:].astype(np.float32)
