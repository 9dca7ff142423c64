"""Any film as the model wants it: pictures at given times, stereo sound at 48 kHz, whatever its format.

    facts = probe(path)                                            # or one line that says what is wrong with it
    for picture_3HW in pictures(path, times_s, (width, height)): ...    # RGB from -1 to 1, the frame nearest in time
    sound = Sound(path)
    samples = sound.read(first, count)                             # float32 [2, count], forwards only

Time 0 is the first frame. Turned phone films stand upright, pixels become square, and the middle is cut out to the
size asked for.
"""

# PyAV leaves some of its types open.
# pyright: reportAttributeAccessIssue=false
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
import torch
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from torch import Tensor

from clapboard.clock import SAMPLE_RATE
from clapboard.errors import MediaError
from clapboard.take import Samples

ENDINGS: Final = (".mp4", ".mov", ".mkv", ".webm")
SLATE_KEY: Final = "clapboard"
"""Metadata key under which a film of ours carries its slate."""
HD_ROWS: Final = 720
"""Untagged films of so many rows or more are BT.709, smaller ones BT.601, as players take them."""
UNTAGGED: Final = 2
"""Code of an unspecified colour matrix (ITU-T H.273)."""
BT709: Final = 1
BT601: Final = 5
JITTER: Final = SAMPLE_RATE // 50
"""Samples by which time stamps of sound may be off; a larger gap is silence (20 ms, less than a frame)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the header says."""

    width_px: int
    height_px: int
    fps: Fraction
    duration_s: float
    audio_rate: int
    audio_channels: int
    slate: str | None
    """How Clapboard made it, as JSON; none: it did not."""


@contextmanager
def opened(path: Path) -> Generator[InputContainer]:
    """The film; whatever the reader says is wrong with it is one line."""
    try:
        with av.open(path, metadata_errors="replace") as container:
            yield container
    except FFmpegError as error:
        raise MediaError(f"it cannot be read ({error.strerror})") from None


def probe(path: Path) -> Facts:
    """The facts; raises `MediaError` for what is no film with picture and sound."""
    with opened(path) as container:
        if not container.streams.video:
            raise MediaError("it has no picture")
        if not container.streams.audio:
            raise MediaError("it has no sound")
        video, audio = container.streams.video[0], container.streams.audio[0]
        for stream, kind in ((video, "picture"), (audio, "sound")):
            if stream.codec_context is None:
                raise MediaError(f"the codec of its {kind} is unknown")
        stream_s = video.duration * video.time_base if video.duration and video.time_base else None
        length_s = stream_s or Fraction(container.duration or 0, av.time_base)
        return Facts(
            width_px=video.width,
            height_px=video.height,
            fps=video.average_rate or Fraction(0),
            duration_s=float(length_s),
            audio_rate=audio.rate,
            audio_channels=audio.channels,
            slate=container.metadata.get(SLATE_KEY),
        )


def frames_at(path: Path, times_s: Iterable[Fraction]) -> Iterator[VideoFrame]:
    """The frame nearest in time to each of these rising times; ends where the film does."""
    with opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        coming = (frame for frame in container.decode(stream) if frame.pts is not None)
        last, following = next(coming, None), next(coming, None)
        if last is None:
            return
        start_s = stamp_s(last)
        for time_s in times_s:
            wanted_s = start_s + time_s
            while following is not None and stamp_s(following) - wanted_s < wanted_s - stamp_s(last):
                last, following = following, next(coming, None)
            length_s = 1 / (stream.average_rate or Fraction(24))
            if following is None and wanted_s >= stamp_s(last) + length_s:
                return
            yield last


def stamp_s(frame: VideoFrame) -> Fraction:
    """When a frame is shown, exactly."""
    assert frame.pts is not None and frame.time_base is not None
    return frame.pts * frame.time_base


def upright(frame: VideoFrame, size: tuple[int, int], aspect: Fraction) -> Tensor:
    """A frame as an RGB picture [3, H, W] of this width and height from -1 to 1; pixels are `aspect` times as wide."""
    turns = round(frame.rotation / 90) % 4
    width, height = size if turns % 2 == 0 else size[::-1]
    scale = max(width / (frame.width * aspect), height / frame.height)
    sides = max(round(frame.width * aspect * scale), width), max(round(frame.height * scale), height)
    matrix = frame.colorspace if frame.colorspace != UNTAGGED else BT709 if frame.height >= HD_ROWS else BT601
    rgb = frame.reformat(*sides, format="rgb24", src_colorspace=matrix, interpolation="BICUBIC").to_ndarray()
    top, left = (sides[1] - height) // 2, (sides[0] - width) // 2
    middle = np.rot90(rgb[top : top + height, left : left + width], turns)
    return torch.tensor(np.ascontiguousarray(middle)).permute(2, 0, 1).float() / 127.5 - 1


def pictures(path: Path, times_s: Iterable[Fraction], size: tuple[int, int]) -> Iterator[Tensor]:
    """RGB pictures [3, H, W] at these rising times, from the middle of the film's."""
    with opened(path) as container:
        aspect = container.streams.video[0].sample_aspect_ratio or Fraction(1)
    for frame in frames_at(path, times_s):
        yield upright(frame, size, aspect)


class Sound:
    """A film's sound, read forwards; before its start and after its end there is silence."""

    def __init__(self, path: Path) -> None:
        self._blocks = self._decoded(path)
        self._start = 0
        """The sample that `_kept` begins with."""
        self._kept: Samples = np.zeros((2, 0), np.float32)

    def read(self, first: int, count: int) -> Samples:
        """Samples first ... first + count - 1 of the film, float32 [2, count]; what lies before them is forgotten."""
        assert first >= self._start
        while self._start + self._kept.shape[1] < first + count:
            block = next(self._blocks, np.zeros((2, count), np.float32))
            self._kept = np.concatenate([self._kept, block], 1)
            gone = min(max(first - self._start, 0), self._kept.shape[1])
            self._kept, self._start = self._kept[:, gone:], self._start + gone
        return self._kept[:, first - self._start : first - self._start + count].copy()

    def _decoded(self, path: Path) -> Iterator[Samples]:
        """Blocks that follow each other without a gap from the film's time 0 on."""
        with opened(path) as container:
            stream, video = container.streams.audio[0], container.streams.video[0]
            zero_s = (video.start_time or 0) * (video.time_base or Fraction(1))
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
            end = 0
            for native in chain(container.decode(stream), [None]):
                for frame in resampler.resample(native):
                    block: Samples = frame.to_ndarray().astype(np.float32)
                    place = end
                    if frame.pts is not None and frame.time_base is not None:
                        place = round((frame.pts * frame.time_base - zero_s) * SAMPLE_RATE)
                    if place < end and end == 0:
                        block = block[:, -place:]  # it begins before the picture
                    elif place > end + (JITTER if end else 0):
                        block = np.concatenate([np.zeros((2, place - end), np.float32), block], 1)
                    end += block.shape[1]
                    yield block
