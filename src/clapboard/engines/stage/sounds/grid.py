"""Continuous sound on a fixed grid of cells, so that any range of a film can be rendered alone, with the same samples.

A bed says what one cell sounds like, `piece(cell) -> float32 [channels, CELL + tail]`, where the tail rings into the
next cell. `on_grid` adds pieces up and cuts out the range that is asked for: memory and work never depend on the film's
length. What is random in a cell comes from `Dice`: generators by cell, and values on lattices of time.

Time inside a cell is counted in frames of HOP samples; curves are read once a frame.
"""

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import Curve
from clapboard.take import Samples

HOP = 1024
"""Samples a frame: 21 ms, finer than a gust or a breaking wave changes."""

FRAMES = 48
CELL = FRAMES * HOP
"""Samples a cell: 1.024 s."""

FRAME_S = HOP / SAMPLE_RATE

Render = Callable[[int, int], Samples]
"""Film samples a..b-1 as float32 [channels, b - a]; pure."""

_CELLS_KEPT = 3  # neighbouring requests share cells; three of them are under 2 MB a bed


def on_grid(piece: Callable[[int], Samples]) -> Render:
    """A render from the pieces of a bed; tails may be as long as a cell."""
    pieces = lru_cache(maxsize=_CELLS_KEPT)(piece)

    @lru_cache(maxsize=_CELLS_KEPT)
    def whole(cell: int) -> Samples:
        ringing = pieces(cell - 1)[:, CELL:]
        out = pieces(cell)[:, :CELL].copy()
        out[:, : ringing.shape[1]] += ringing
        return out

    def render(start: int, stop: int) -> Samples:
        cells = range(start // CELL, max(start, stop - 1) // CELL + 1)
        parts = [whole(cell)[:, max(0, start - cell * CELL) : max(0, stop - cell * CELL)] for cell in cells]
        return np.concatenate(parts, axis=1)

    return render


def as_point(render: Render) -> Render:
    """The same sound in one channel, for a source that stands at one place of the picture."""
    return lambda start, stop: render(start, stop).mean(axis=0, keepdims=True, dtype=np.float32)


def frame_times(cell: int) -> NDArray[np.float64]:
    """Film seconds of the middles of the overlapping noise frames of a cell, [FRAMES]."""
    return np.arange(cell * FRAMES + 1, (cell + 1) * FRAMES + 1, dtype=np.float64) * FRAME_S


def edge_times(cell: int) -> NDArray[np.float64]:
    """Film seconds of the frame edges of a cell, both ends included, [FRAMES + 1]."""
    return np.arange(cell * FRAMES, (cell + 1) * FRAMES + 1, dtype=np.float64) * FRAME_S


def over_samples(edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Values at frame edges [frames + 1], drawn out linearly to samples [frames * HOP]."""
    steps = np.arange(HOP, dtype=np.float32) / np.float32(HOP)
    edges_f32 = edges.astype(np.float32)
    lines = edges_f32[:-1, None] + (edges_f32[1:] - edges_f32[:-1])[:, None] * steps
    return lines.reshape(-1).astype(np.float32, copy=False)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): neighbouring integers to unrelated ones."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Dice:
    """All chance of one bed. Two beds of a film differ by name, two films by seed."""

    seed: int
    name: str

    def rng(self, index: int) -> np.random.Generator:
        """The generator of a cell, or of any other numbered thing from -2^30 on."""
        return np.random.default_rng([self.seed, zlib.crc32(self.name.encode()), index + 2**30])

    def uniform(self, index: NDArray[np.int64], lane: int = 0) -> NDArray[np.float64]:
        """A value in [0, 1) for each integer, the same whenever it is asked; lanes are unrelated to each other."""
        key = np.uint64((self.seed * 0x9E3779B97F4A7C15 + zlib.crc32(f"{self.name}/{lane}".encode())) % 2**64)
        bits = _mixed(_mixed(index.astype(np.int64).view(np.uint64)) ^ key) >> np.uint64(11)
        return bits.astype(np.float64) * 2.0**-53

    def drift(self, t_s: NDArray[np.float64], rate_hz: float, lane: int = 0) -> NDArray[np.float64]:
        """A smooth wandering value in [-1, 1] that turns about `rate_hz` times a second."""
        place = t_s * rate_hz
        index = np.floor(place).astype(np.int64)
        part = place - index
        ease = part * part * (3.0 - 2.0 * part)
        before, after = self.uniform(index, lane), self.uniform(index + 1, lane)
        return 2.0 * (before + (after - before) * ease) - 1.0


class Turns:
    """Full turns that something has made since the film began, when it turns at `rate` (a curve in Hz).

    The sum over past cells is kept, one number a cell, so that a phase is known at any cell without rendering to it.
    """

    def __init__(self, rate: Curve) -> None:
        self._rate = rate
        self._starts = [0.0]  # of cell -1, the first one that is ever asked for
        self._lock = threading.Lock()

    def of_cell(self, cell: int) -> NDArray[np.float64]:
        """Turns at each sample of a cell, [CELL]; only the fraction counts."""
        with self._lock:
            while len(self._starts) <= cell + 1:
                rate_hz = self._rate(edge_times(len(self._starts) - 2))
                # The sum of a straight line's samples, frame by frame.
                passed = (rate_hz[:-1] * (HOP + 1) + rate_hz[1:] * (HOP - 1)).sum() / (2 * SAMPLE_RATE)
                self._starts.append((self._starts[-1] + float(passed)) % 1.0)
            start = self._starts[cell + 1]
        rate_hz = self._rate(edge_times(cell))
        part = np.arange(HOP) / HOP
        steps = ((rate_hz[:-1, None] + np.diff(rate_hz)[:, None] * part) / SAMPLE_RATE).reshape(-1)
        return start + np.cumsum(steps) - steps
