"""How a throat or syrinx sounds: harmonics of a gliding pitch, coloured by moving formants, with breath and roughness.

Control values are given every FRAME samples; calls are drawn as contours of (part of the call 0..1, value) points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.foley import Sound
from clapboard.engines.stage.sounds.kernels import voice
from clapboard.engines.stage.sounds.spectra import db, shaped

FRAME = 96
"""Samples between control values: 2 ms."""

_HIGHEST_HZ = 15_000.0
_MOST_HARMONICS = 28

Contour = Sequence[tuple[float, float]]
Controls = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Throat:
    """What colours a call. A formant is (contour of its Hz, bandwidth Hz, gain dB)."""

    formants: tuple[tuple[Contour, float, float], ...]
    tilt: float
    """Fall of the source's harmonics as a power of their number: 1 is 6 dB an octave."""
    breath_db: float = -40.0
    floor_db: float = -30.0
    """How much of the source passes between formants."""


def contour(points: Contour, num_frames: int) -> Controls:
    """Values along a call: smooth between points."""
    part, value = np.array(points, np.float64).T
    place = np.linspace(0, 1, num_frames)
    index = np.clip(np.searchsorted(part, place, side="right") - 1, 0, len(part) - 2)
    ease = np.clip((place - part[index]) / np.maximum(part[index + 1] - part[index], 1e-9), 0, 1)
    ease = ease * ease * (3 - 2 * ease)
    return value[index] + (value[index + 1] - value[index]) * ease


def num_frames(duration_s: float) -> int:
    """Control values of a call."""
    return int(duration_s * SAMPLE_RATE) // FRAME + 2


def wander(rng: np.random.Generator, frames: int, rate_hz: float) -> Controls:
    """A smooth random control in [-1, 1]."""
    points = int(frames * FRAME / SAMPLE_RATE * rate_hz) + 3
    return np.interp(np.linspace(0, points - 1, frames), np.arange(points), rng.uniform(-1, 1, points))


def sung(rng: np.random.Generator, pitch_hz: Controls, level: Controls, throat: Throat) -> Sound:
    """A call along its pitch and level, both [frames]; peak is not yet set."""
    frames = len(pitch_hz)
    length = (frames - 1) * FRAME
    highest = int(min(_MOST_HARMONICS, _HIGHEST_HZ / pitch_hz.min()))
    number = np.arange(1, max(2, highest) + 1)
    hz = pitch_hz[:, None] * number
    passed = np.full(hz.shape, db(throat.floor_db))
    for points, bandwidth_hz, gain_db in throat.formants:
        center_hz = contour(points, frames)[:, None]
        passed += db(gain_db) / np.sqrt(1 + ((hz - center_hz) / (bandwidth_hz / 2)) ** 2)
    harmonics = level[:, None] * passed * number**-throat.tilt * np.clip((_HIGHEST_HZ - hz) / 2000, 0, 1)
    # A quiet throat is a dark one: strong tone closes sharper.
    harmonics *= np.maximum(level, 1e-3)[:, None] ** (0.1 * (number - 1))
    samples = np.arange(length)
    turns = np.cumsum(np.interp(samples, np.arange(frames) * FRAME, pitch_hz)) / SAMPLE_RATE
    tone = voice(turns, harmonics.astype(np.float32), FRAME)
    first, second = (contour(throat.formants[min(i, len(throat.formants) - 1)][0], 3)[1] for i in (0, 1))
    low_hz, high_hz = min(first, second), max(first, second)
    curve = [(low_hz / 3, -24), (low_hz, 0), (1.01 * high_hz, 0), (3 * high_hz, -14), (6 * high_hz, -30)]
    air = shaped(rng, length, curve) * np.interp(samples, np.arange(frames) * FRAME, level).astype(np.float32)
    breath = np.float32(db(throat.breath_db) * np.abs(tone).max())
    return (tone + air * breath).astype(np.float32)
