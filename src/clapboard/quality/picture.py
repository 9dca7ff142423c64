"""Frames, one at a time: light, stillness and movement. Memory is a few numbers a frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard.take import Frame

# A picture is black when hardly anything in it (0.5 %) rises above 24 of 16..235: a night scene does.
BLACK_CODE = 24
# H.264 repeats an unchanged picture almost exactly; grain or any motion moves the mean by more (measured, docs/log.md).
FROZEN_CODE = 0.02
_SMALL = (160, 90)


class PictureMeter:
    """Feed every frame in order, then read the facts."""

    def __init__(self) -> None:
        self._mean: list[float] = []
        self._change: list[float] = []
        self._motion: list[float] = []
        self._rise: list[float] = []
        self.black_frames = 0
        self._last_luma: NDArray[np.uint8] | None = None
        self._last_small: NDArray[np.float32] | None = None

    def feed(self, frame: Frame) -> None:
        """Measure an I420 frame."""
        luma = frame[: frame.shape[0] * 2 // 3]
        thin = np.ascontiguousarray(luma[::4, ::4])
        small = cv2.resize(luma, _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
        self.black_frames += bool(np.percentile(thin, 99.5) < BLACK_CODE)
        self._mean.append(float(small.mean()))
        if self._last_luma is None or self._last_small is None:
            self._change.append(np.inf)
            self._motion.append(0.0)
            self._rise.append(0.0)
        else:
            self._change.append(float(cv2.absdiff(thin, self._last_luma).mean()))
            moved = small - self._last_small
            self._rise.append(max(0.0, float(moved.mean())))
            self._motion.append(float(np.abs(moved - moved.mean()).mean()))
        self._last_luma, self._last_small = thin, small

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
        """Mean absolute second difference of the mean luma, in codes a frame; 0.1 to 0.6 is usual."""
        if len(self._mean) < 3:
            return 0.0
        return float(np.abs(np.diff(self._mean, 2)).mean())

    def freezes(self) -> tuple[int, int]:
        """(frames that repeat the one before, longest run of them)."""
        frozen = np.array(self._change) < FROZEN_CODE
        longest = run = 0
        for still in frozen:
            run = run + 1 if still else 0
            longest = max(longest, run)
        return int(frozen.sum()), longest

    def novelty(self) -> NDArray[np.float64]:
        """How suddenly something happens at each frame: light that rises at once, or motion that starts or stops."""
        rise, motion = np.array(self._rise), np.array(self._motion)
        jump = np.abs(np.diff(motion, prepend=motion[:1]))
        return rise / (np.median(rise) + 0.2) + jump / (np.median(jump) + 0.05)
