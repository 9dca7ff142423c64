"""Sounds that are made of many small ones: banks of short grains, and strewing them over a cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.grid import CELL, FRAME_S, HOP
from clapboard.engines.stage.sounds.kernels import ring, scatter
from clapboard.engines.stage.sounds.spectra import shaped
from clapboard.take import Samples

_EAR_LAG = 14
"""Samples by which a sound from the far side reaches the other of two microphones 10 cm apart (0.29 ms)."""

_SILENT = 1e-3  # where a grain is cut: -60 dB below its peak

Grain = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bank:
    """Grains of peak 1 side by side: data [grains, samples], and each grain's own length."""

    data: Samples
    lengths: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Events:
    """Grains to play, [e] each: the sample of the cell, which grain, its gain and its side in [-1, 1]."""

    at: NDArray[np.int64]
    which: NDArray[np.int64]
    gain: NDArray[np.float64]
    side: NDArray[np.float64]


def bank(grains: Sequence[Grain]) -> Bank:
    """A bank of these grains, each scaled to peak 1."""
    data = np.zeros((len(grains), max(len(grain) for grain in grains)), np.float32)
    for row, grain in zip(data, grains, strict=True):
        row[: len(grain)] = grain / np.abs(grain).max()
    return Bank(data, np.array([len(grain) for grain in grains], np.int64))


def ringing(hz: NDArray[np.float64], decay_s: NDArray[np.float64], gain: NDArray[np.float64]) -> Grain:
    """Damped modes struck together: each falls by 1/e in its `decay_s`."""
    length = int(np.log(1 / _SILENT) * decay_s.max() * SAMPLE_RATE)
    out = np.zeros(length, np.float32)
    ring(out, *(a.astype(np.float32) for a in (hz, 1 / decay_s, gain, np.zeros(len(hz)))))
    return out


def tick(rng: np.random.Generator, lowest_hz: float, highest_hz: float, decay_s: float) -> Grain:
    """A small hit on something stiff: five modes between two frequencies, the higher the shorter."""
    hz = np.exp(rng.uniform(np.log(lowest_hz), np.log(highest_hz), 5))
    return ringing(hz, decay_s * (lowest_hz / hz) ** 0.5, rng.uniform(0.3, 1.0, 5) * rng.choice([-1.0, 1.0], 5))


def burst(rng: np.random.Generator, decay_s: float, curve: Sequence[tuple[float, float]]) -> Grain:
    """A short puff of noise under a curve of (Hz, dB) points; its attack lasts a tenth of its decay."""
    length = int(np.log(1 / _SILENT) * decay_s * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    envelope = np.exp(-t_s / decay_s) * np.minimum(1.0, t_s / (0.1 * decay_s) + 0.05)
    return (shaped(rng, length, curve) * envelope).astype(np.float32)


def bubble(radius_mm: float, rise: float) -> Grain:
    """An air bubble under water that rings while it nears the surface (van den Doel 2005, eq. 3 to 8).

    Minnaert's pitch 3 Hz m / radius; damping by radiation, heat and viscosity; `rise` (0 .. 0.3) bends the pitch up.
    """
    hz = 3000.0 / radius_mm
    decay_per_s = 0.13 / (radius_mm * 1e-3) + 0.0072 * (radius_mm * 1e-3) ** -1.5
    length = int(np.log(1 / _SILENT) / decay_per_s * SAMPLE_RATE) + 16
    t_s = np.arange(length) / SAMPLE_RATE
    turns = hz * t_s * (1 + 0.5 * rise * decay_per_s * t_s)
    return (np.sin(2 * np.pi * turns) * np.exp(-decay_per_s * t_s)).astype(np.float32)


def poisson_times(rng: np.random.Generator, rate_hz: NDArray[np.float64]) -> NDArray[np.int64]:
    """Samples of the cell at which independent events fall, at a rate for each frame [FRAMES]; frames rise."""
    counts = rng.poisson(rate_hz * FRAME_S)
    return np.repeat(np.arange(len(counts)) * HOP, counts) + rng.integers(0, HOP, int(counts.sum()))


def strewn(bank: Bank, events: Events, tail: int) -> Samples:
    """All events of a cell added up, float32 [2, CELL + tail]; `tail` must hold the longest grain and the ear lag."""
    out = np.zeros((2, CELL + tail), np.float32)
    strew(out, bank, events)
    return out


def strew(out: Samples, bank: Bank, events: Events) -> None:
    """Adds events to out [2, CELL + tail]: panned by level (equal power) and by the time between two microphones."""
    angle = (events.side + 1) * (np.pi / 4)
    gains = np.stack([np.cos(angle), np.sin(angle)]) * events.gain
    lag = np.rint(events.side * _EAR_LAG).astype(np.int64)
    places = np.stack([events.at + np.maximum(lag, 0), events.at + np.maximum(-lag, 0)])
    scatter(out, bank.data, bank.lengths, places, events.which, gains.astype(np.float32))


def tail_of(bank: Bank) -> int:
    """Samples that the grains of a cell may ring past its end."""
    return max(HOP, int(bank.lengths.max()) + _EAR_LAG)
