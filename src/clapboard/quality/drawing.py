"""What the page shows of a film: frames, outlines of sound, a spectrogram; all at a size that suits a page."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard import media
from clapboard.clock import SAMPLE_RATE
from clapboard.take import Frame, Samples

COLUMNS: Final = 960
"""Points across an outline and a spectrogram."""

THUMBNAIL_PX: Final = 420
_ROWS: Final = 150
_WINDOW: Final = 2048
_HOP: Final = 512
_LOWEST_HZ: Final = 40.0
_HIGHEST_HZ: Final = 16_000.0
_RANGE_DB: Final = 80.0  # shown below the loudest point


def thumbnails(path: Path, wanted: Iterable[int]) -> dict[int, str]:
    """Frames by index as JPEG data URLs, in one pass over the film."""
    left = set(wanted)
    found: dict[int, str] = {}
    for index, frame in enumerate(media.decode_frames(path)):
        if index in left:
            found[index] = _jpeg(_small(frame))
        if len(found) == len(left):
            break
    return found


def _small(frame: Frame) -> NDArray[np.uint8]:
    rgb = media.to_rgb(frame)
    height = max(2, round(rgb.shape[0] * THUMBNAIL_PX / rgb.shape[1]))
    return cv2.resize(rgb[..., ::-1], (THUMBNAIL_PX, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _jpeg(bgr: NDArray[np.uint8]) -> str:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


class Outline:
    """Feed a sound of known length in blocks, then read the peak of each of 960 equal parts."""

    def __init__(self, num_samples: int) -> None:
        self._scale = COLUMNS / max(1, num_samples)
        self._start = 0
        self.peaks = np.zeros(COLUMNS, np.float32)

    def feed(self, block: Samples) -> None:
        """Add float32 [2, n]."""
        columns = ((np.arange(self._start, self._start + block.shape[1])) * self._scale).astype(np.int64)
        np.maximum.at(self.peaks, columns.clip(0, COLUMNS - 1), np.abs(block).max(0))
        self._start += block.shape[1]


class Spectrogram:
    """Feed a sound of known length in blocks, then read its picture: 40 Hz to 16 kHz upwards, log scale."""

    def __init__(self, num_samples: int) -> None:
        self._columns = int(np.clip(num_samples // _HOP, 1, COLUMNS))
        self._scale = self._columns / max(1, num_samples)
        self._power = np.zeros((self._columns, _WINDOW // 2 + 1), np.float32)
        self._kept = np.zeros(_WINDOW // 2, np.float32)
        self._centre = 0

    def feed(self, block: Samples) -> None:
        """Add float32 [2, n]; each column keeps the loudest of its moments."""
        kept = np.concatenate([self._kept, block.mean(0)])
        count = max(0, (len(kept) - _WINDOW) // _HOP + 1)
        if count:
            views = np.lib.stride_tricks.sliding_window_view(kept, _WINDOW)[: count * _HOP : _HOP]
            power = np.abs(np.fft.rfft(views * np.hanning(_WINDOW).astype(np.float32))) ** 2
            columns = ((self._centre + np.arange(count) * _HOP) * self._scale).astype(np.int64)
            np.maximum.at(self._power, columns.clip(0, self._columns - 1), power.astype(np.float32))
            self._centre += count * _HOP
        self._kept = kept[count * _HOP :]

    def image(self) -> str:
        """The picture as a JPEG data URL, 960 wide; call it once, at the end."""
        self.feed(np.zeros((2, _WINDOW // 2), np.float32))
        hz = np.geomspace(_HIGHEST_HZ, _LOWEST_HZ, _ROWS)
        level = 10 * np.log10(self._power.T + 1e-9)
        bins = hz * _WINDOW / SAMPLE_RATE
        low = bins.astype(np.int64)
        part = (bins - low)[:, None]
        rows = level[low] * (1 - part) + level[low + 1] * part
        shade = np.clip((rows - rows.max()) / _RANGE_DB + 1, 0, 1) * 255
        wide = cv2.resize(shade.astype(np.uint8), (COLUMNS, _ROWS), interpolation=cv2.INTER_LINEAR)
        return _jpeg(cv2.applyColorMap(wide, cv2.COLORMAP_INFERNO).astype(np.uint8))


def height_of(hz: float) -> float:
    """Where a frequency lies in the spectrogram: 0 at its top, 1 at its foot."""
    return float(np.log(_HIGHEST_HZ / hz) / np.log(_HIGHEST_HZ / _LOWEST_HZ))
