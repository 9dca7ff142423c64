"""The decoded mix, block by block: levels, silence, clipping, an outline to draw, and the surroundings of each cue."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import Span
from clapboard.sound.loudness import PEAK_DELAY, LoudnessMeter, PeakMeter
from clapboard.take import Samples

CELL = SAMPLE_RATE // 200
"""Samples of one cell of the outline: 5 ms."""
REACH = SAMPLE_RATE // 4
"""Samples kept on each side of a cue: 250 ms."""
SILENCE_DBFS = -60.0
SILENCE_S = 0.5
FULL_SCALE = 0.9999


class SoundMeter:
    """Feed all blocks in order, then read the facts. Keeps one number per 5 ms and half a second per cue."""

    def __init__(self, cue_samples: Sequence[int]) -> None:
        self._loudness, self._peaks, self._peak = LoudnessMeter(), PeakMeter(1), 0.0
        self._cells: list[NDArray[np.float32]] = []
        self._rest = np.empty((2, 0), np.float32)
        self.num_samples = 0
        self.clipped_samples = 0
        self.around = {cue: np.zeros(2 * REACH, np.float32) for cue in cue_samples}
        """Mono surroundings of each cue: `REACH` samples before it and after."""

    def feed(self, block: Samples) -> None:
        """Measure float32 [2, n]."""
        self._loudness.feed(block)
        self._peak = max(self._peak, float(self._peaks.feed(block).max(initial=0.0)))
        self.clipped_samples += int((np.abs(block) >= FULL_SCALE).sum())
        self._outline(block)
        start, stop = self.num_samples, self.num_samples + block.shape[1]
        for cue, kept in self.around.items():
            a, b = max(start, cue - REACH), min(stop, cue + REACH)
            if a < b:
                kept[a - cue + REACH : b - cue + REACH] = block[:, a - start : b - start].mean(0)
        self.num_samples = stop

    def _outline(self, block: Samples) -> None:
        joined = np.concatenate([self._rest, block], 1)
        whole = joined.shape[1] // CELL * CELL
        cells = np.abs(joined[:, :whole]).max(0).reshape(-1, CELL)
        self._cells.append(cells.max(1))
        self._rest = joined[:, whole:]

    def outline(self) -> NDArray[np.float32]:
        """Peak of each 5 ms."""
        last = np.abs(self._rest).max(initial=0, keepdims=True)[0, :1]
        return np.concatenate([*self._cells, last])

    @property
    def loudness_lufs(self) -> float | None:
        """Integrated loudness, or none for silence and films that are too short."""
        value = self._loudness.integrated_lufs()
        return value if math.isfinite(value) else None

    @property
    def true_peak_dbtp(self) -> float | None:
        """True peak, or none for silence."""
        rest = self._peaks.feed(np.zeros((2, 2 * PEAK_DELAY), np.float32))  # what the meter still holds back
        self._peak = max(self._peak, float(rest.max()))
        return 20 * math.log10(self._peak) if self._peak > 0 else None

    def silences(self) -> list[Span]:
        """Stretches of half a second or more below -60 dBFS."""
        quiet = self.outline() < 10 ** (SILENCE_DBFS / 20)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
        spans = []
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            if (b - a) * CELL >= SILENCE_S * SAMPLE_RATE:
                spans.append(Span(from_s=round(a * CELL / SAMPLE_RATE, 3), to_s=round(b * CELL / SAMPLE_RATE, 3)))
        return spans
