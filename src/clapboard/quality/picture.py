"""Frames, one at a time: light, stillness and movement. Memory is some forty numbers a frame."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard.take import Frame

_STRIDE: Final = 4
"""Every fourth sample of every fourth row: 57,600 of a 720p frame are plenty for its statistics."""

BLACK_CODE: Final = 24
_LIT_SHARE: Final = 0.005
"""A picture is black when hardly anything in it (0.5 %) rises above 24 of 16..235: a night scene does."""

FROZEN_CODE: Final = 0.02
"""H.264 repeats an unchanged picture almost exactly; grain or any motion moves the mean by more (measured)."""

# Movement is measured where large steps look small: on 80x45 and 20x12 points.
_SCALES_PX: Final = ((80, 45), (20, 12))
_TILES: Final = (4, 5)
_FLASH_CODES: Final = 4.0
"""The mean light of a whole frame rarely grows by this much at once (measured: grain and fire stay under 1)."""
_FLASH_RATIO: Final = 6.0
_STOP_RATIO: Final = 4.0
"""A stop stands out when it is this far above the stops of the second around it (measured on bounces and hammers)."""
_LEAST_STOP: Final = 1.0
"""Codes squared a point, of movement lost: less is grain."""


class PictureMeter:
    """Feed every frame in order, then read the facts."""

    def __init__(self) -> None:
        self._mean: list[float] = []
        self._change: list[float] = []
        self._motion: list[NDArray[np.float32]] = []
        self.black_frames = 0
        self._last: NDArray[np.uint8] | None = None
        self._last_small: list[NDArray[np.float32]] = []

    def feed(self, frame: Frame) -> None:
        """Measure an I420 frame."""
        luma = frame[: frame.shape[0] * 2 // 3]
        thin = np.ascontiguousarray(luma[::_STRIDE, ::_STRIDE])
        self.black_frames += int(np.count_nonzero(thin >= BLACK_CODE) <= _LIT_SHARE * thin.size)
        self._mean.append(cv2.mean(thin)[0])
        change = np.inf if self._last is None else cv2.norm(thin, self._last, cv2.NORM_L1) / thin.size
        small = [cv2.resize(thin, size, interpolation=cv2.INTER_AREA).astype(np.float32) for size in _SCALES_PX]
        if self._last_small:
            pairs = zip(self._last_small, small, strict=True)
            self._motion.append(np.concatenate([_directions(*pair) for pair in pairs]))
        self._change.append(change)
        self._last, self._last_small = thin, small

    @property
    def num_frames(self) -> int:
        """Frames fed."""
        return len(self._mean)

    @property
    def mean_luma(self) -> float:
        """Mean luma code, 16 black .. 235 white."""
        return float(np.mean(self._mean)) if self._mean else 0.0

    @property
    def flicker(self) -> float:
        """Mean absolute second difference of the mean luma without its greatest fifth: flashes are events, no flicker.

        In codes; 0.1 to 0.6 is usual, light that alternates by +-10 has 40.
        """
        bends = np.sort(np.abs(np.diff(self._mean, 2)))
        return float(bends[: -(len(bends) // 5) or None].mean()) if len(bends) else 0.0

    def freezes(self) -> tuple[int, int]:
        """(frames that repeat the one before, longest run of them)."""
        still = np.concatenate([[False], np.array(self._change) < FROZEN_CODE, [False]])
        edges = np.flatnonzero(np.diff(still.astype(np.int8)))
        runs = edges[1::2] - edges[::2]
        return int(runs.sum()), int(runs.max(initial=0))

    def novelty(self, fps: float) -> NDArray[np.float64]:
        """How suddenly something happens at each frame; at 1 and above it is an event.

        Either the whole frame's light grows at once, or movement in some direction is lost at once: a thing that falls
        and bounces stops moving down. A flash hides movement, and so does a cut.
        """
        if self.num_frames < 3:
            return np.zeros(self.num_frames)
        step = np.diff(self._mean)
        rise = np.concatenate([[0.0], np.maximum(step, 0)])
        flash = rise / max(_FLASH_CODES, _FLASH_RATIO * float(np.median(np.abs(step))))
        motion = np.array(self._motion)
        lost = np.concatenate([[0.0], np.maximum(motion[:-1] - motion[1:], 0).sum(1), [0.0]])
        hidden = np.concatenate([[True], np.abs(step) >= _FLASH_CODES, [True]])
        lost[hidden[:-1] | hidden[1:]] = 0
        width = 2 * max(1, round(fps / 2)) + 1
        around = np.lib.stride_tricks.sliding_window_view(np.pad(lost, width // 2, mode="reflect"), width)
        usual = np.percentile(around, 75, axis=1)
        return np.maximum(flash, lost / np.maximum(_LEAST_STOP, _STOP_RATIO * usual))


def _directions(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Movement to the right, left, down and up, mean over tiles: brightness change times slope, codes squared."""
    change, middle = before - after, (before + after) / 2
    rows, columns = _TILES
    size = (columns, rows)
    moved = []
    for x, y in ((1, 0), (0, 1)):
        slope = cv2.Sobel(middle, cv2.CV_32F, x, y, scale=1 / 8)
        tiles = cv2.resize(change * slope, size, interpolation=cv2.INTER_AREA)
        moved += [np.maximum(tiles, 0).mean(), np.maximum(-tiles, 0).mean()]
    return np.array(moved, np.float32)
