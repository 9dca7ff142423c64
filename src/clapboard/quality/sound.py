"""The decoded mix, block by block: levels, silence, clipping, and an outline of its peaks."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import Span
from clapboard.sound.loudness import PEAK_DELAY, LoudnessMeter, PeakMeter
from clapboard.take import Samples

CELL: Final = SAMPLE_RATE // 200
"""Samples of one cell of the outline: 5 ms."""

SILENCE_DBFS: Final = -60.0
SILENCE_S: Final = 0.5
FULL_SCALE: Final = 0.9999


class SoundMeter:
    """Feed all blocks in order, call `finish`, then read the facts. Keeps two numbers per 5 ms."""

    def __init__(self) -> None:
        self._loudness, self._peaks, self._peak = LoudnessMeter(), PeakMeter(1), 0.0
        self._cells: list[NDArray[np.float32]] = []
        self._rest = np.empty((2, 0), np.float32)
        self._before = np.zeros((2, 1), np.float32)
        self.num_samples = 0
        self.clipped_samples = 0

    def feed(self, block: Samples) -> None:
        """Measure float32 [2, n]."""
        self._loudness.feed(block)
        self._peak = max(self._peak, float(self._peaks.feed(block).max(initial=0.0)))
        self.clipped_samples += int(np.count_nonzero(np.abs(block) >= FULL_SCALE))
        self.num_samples += block.shape[1]
        joined = np.concatenate([self._rest, block], 1)
        whole = joined.shape[1] // CELL * CELL
        self._outline(joined[:, :whole])
        self._rest = joined[:, whole:]

    def _outline(self, whole: Samples) -> None:
        slope = np.diff(whole, axis=1, prepend=self._before)
        self._before = np.concatenate([self._before, whole], 1)[:, -1:]
        parts = [np.abs(signal).max(0).reshape(-1, CELL).max(1) for signal in (whole, slope)]
        self._cells.append(np.array(parts, np.float32))

    def finish(self) -> None:
        """Measure what the meters still hold back."""
        self._peak = max(self._peak, float(self._peaks.feed(np.zeros((2, 2 * PEAK_DELAY), np.float32)).max()))
        if self._rest.shape[1]:
            self._outline(np.pad(self._rest, ((0, 0), (0, CELL - self._rest.shape[1])), mode="edge"))
            self._rest = self._rest[:, :0]

    def outline(self) -> NDArray[np.float32]:
        """Peaks [2, cells] of each 5 ms: of the sound, and of its slope, in which high sounds stand out."""
        return np.concatenate([np.zeros((2, 0), np.float32), *self._cells], axis=1)

    @property
    def loudness_lufs(self) -> float | None:
        """Integrated loudness, or none for silence and films that are too short."""
        value = self._loudness.integrated_lufs()
        return value if math.isfinite(value) else None

    @property
    def true_peak_dbtp(self) -> float | None:
        """True peak, or none for silence."""
        return 20 * math.log10(self._peak) if self._peak > 0 else None

    def silences(self) -> list[Span]:
        """Stretches of half a second or more below -60 dBFS."""
        quiet = self.outline()[0] < 10 ** (SILENCE_DBFS / 20)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
        length_s = self.num_samples / SAMPLE_RATE
        spans: list[Span] = []
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            if (b - a) * CELL >= SILENCE_S * SAMPLE_RATE:
                end_s = min(length_s, b * CELL / SAMPLE_RATE)
                spans.append(Span(from_s=round(a * CELL / SAMPLE_RATE, 3), to_s=round(end_s, 3)))
        return spans
