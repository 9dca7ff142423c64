"""Noise with a spectrum that changes over time: overlapping frames of random spectra, each shaped as its moment asks.

A frame is two hops long under a sine window; neighbours are unrelated, so their powers add to a steady one and no seam
can be heard. Magnitudes are linear gains on noise of rms 1, one value per FFT bin: [BINS], or [FRAMES, BINS] over time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.grid import CELL, FRAMES, HOP
from clapboard.take import Samples

WINDOW = 2 * HOP
BINS = WINDOW // 2 + 1
BIN_HZ = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE).astype(np.float32)
BIN_HZ[0] = BIN_HZ[1] / 4  # so that logarithms of frequency exist

Magnitudes = NDArray[np.float32]

_SINE = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW).astype(np.float32)
_UNIT = np.float32(np.sqrt(6 * WINDOW))  # uniform parts in +-1/2 have power 1/6; irfft divides by its length


def _coherence(crossover_hz: float) -> Magnitudes:
    # Two ears (or microphones) hear a diffuse field alike where the wavelength is longer than their distance
    # (Cook et al. 1955); the crossover is the frequency where likeness is lost.
    return (0.95 / (1 + (BIN_HZ / crossover_hz) ** 2)).astype(np.float32)


_ALIKE = _coherence(400.0)
_UNLIKE = np.sqrt(1 - _ALIKE**2)


def db(level_db: float) -> float:
    """Decibels as a linear gain."""
    return 10.0 ** (level_db / 20.0)


def spectrum(*points: tuple[float, float]) -> Magnitudes:
    """Magnitudes from (Hz, dB) points, straight lines in dB over octaves between them, constant outside; no DC."""
    hz, level_db = np.array(points, np.float64).T
    curve = 10 ** (np.interp(np.log2(BIN_HZ), np.log2(hz), level_db) / 20)
    curve[0] = 0.0
    return curve.astype(np.float32)


def bump(center_hz: NDArray[np.float64], octaves: float) -> Magnitudes:
    """Bells over log frequency, [frames, BINS] for centres [frames]; 8.7 dB are lost `octaves` away."""
    away = np.log2(BIN_HZ)[None, :] - np.log2(center_hz)[:, None].astype(np.float32)
    bells = np.exp(-((away / np.float32(octaves)) ** 2), dtype=np.float32)
    bells[:, 0] = 0.0
    return bells


def layered(levels: Sequence[NDArray[np.float64]], shapes: Sequence[Magnitudes]) -> Magnitudes:
    """Unrelated noise layers as one: root of the summed powers. Levels [frames] each, shapes [BINS] each."""
    powers = np.stack([shape**2 for shape in shapes])
    return np.sqrt(np.stack([level**2 for level in levels], axis=1).astype(np.float32) @ powers)


def noise_piece(rng: np.random.Generator, left: Magnitudes, right: Magnitudes | None = None) -> Samples:
    """One cell of shaped noise and its tail of one hop, float32 [2, CELL + HOP]; magnitudes [FRAMES, BINS]."""
    parts = rng.random((2, FRAMES, BINS, 2), np.float32)
    parts -= np.float32(0.5)
    spectra = parts.view(np.complex64)[..., 0]
    spectra[1] = spectra[0] * _ALIKE + spectra[1] * _UNLIKE
    spectra[0] *= left
    spectra[1] *= left if right is None else right
    frames = np.fft.irfft(spectra, WINDOW, axis=-1)
    frames *= _SINE * _UNIT
    out = np.zeros((2, CELL + HOP), np.float32)
    out[:, :CELL] = frames[:, :, :HOP].reshape(2, CELL)
    out[:, HOP:] += frames[:, :, HOP:].reshape(2, CELL)
    return out


def shaped(rng: np.random.Generator, num_samples: int, curve: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
    """A short run of mono noise of rms about 1 under a fixed curve of (Hz, dB) points, for events."""
    size = 1 << max(8, (num_samples - 1).bit_length())
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    hz[0] = 1.0
    points_hz, level_db = np.array(curve, np.float64).T
    gain = 10 ** (np.interp(np.log2(hz), np.log2(points_hz), level_db) / 20)
    gain[0] = 0.0
    gain *= np.sqrt(len(gain) / np.sum(gain**2))
    spectra = np.fft.rfft(rng.standard_normal(size, np.float32)) * gain.astype(np.float32)
    return np.fft.irfft(spectra, size)[:num_samples].astype(np.float32)
