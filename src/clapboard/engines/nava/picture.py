"""Pictures between the film's frames and the model's: sizes, colours, and a film that is decoded as it is watched.

Frames are I420 as everywhere in Clapboard; the model's pictures are RGB [..., 3, H, W] from -1 to 1.
"""

import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from clapboard.engines.nava.shots import FPS, picture_at
from clapboard.take import Frame, Picture, Stems
from clapboard.timeline import Timeline

# BT.709: R'G'B' from 0 to 1 to luma, and half the inverse of the two chroma scales.
_LUMA = (0.2126, 0.7152, 0.0722)
_BLUE, _RED = 1.8556, 1.5748


def scaled(pictures_N3HW: Tensor, scale: float, least: tuple[int, int]) -> list[int]:
    """Height and width of the pictures, scaled, and at least this width and height."""
    height, width = pictures_N3HW.shape[-2:]
    return [max(round(height * scale), least[1]), max(round(width * scale), least[0])]


def cover(pictures_N3HW: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle of the pictures at this width and height, enlarged only when they are smaller."""
    width, height = size
    scale = max(width / pictures_N3HW.shape[-1], height / pictures_N3HW.shape[-2])
    if scale > 1:
        sides = scaled(pictures_N3HW, scale, size)
        pictures_N3HW = F.interpolate(pictures_N3HW, size=sides, mode="bicubic", align_corners=False).clamp(-1, 1)
    top, left = (pictures_N3HW.shape[-2] - height) // 2, (pictures_N3HW.shape[-1] - width) // 2
    return pictures_N3HW[..., top : top + height, left : left + width]


def uncover(pictures_N3HW: Tensor, size: tuple[int, int]) -> Tensor:
    """The way back: pictures of a film on the model's grid; a rim that the film never showed repeats its edge."""
    width, height = size
    scale = max(width / pictures_N3HW.shape[-1], height / pictures_N3HW.shape[-2])
    if scale < 1:
        sides = scaled(pictures_N3HW, scale, size)
        small = F.interpolate(pictures_N3HW, size=sides, mode="bilinear", align_corners=False, antialias=True)
        return cover(small, size)
    rows, columns = height - pictures_N3HW.shape[-2], width - pictures_N3HW.shape[-1]
    rim = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    return F.pad(pictures_N3HW, rim, mode="replicate")


def to_i420(pictures_N3HW: Tensor) -> list[Frame]:
    """RGB pictures with even sides as frames [H * 3 / 2, W]."""
    rgb = (pictures_N3HW.float() + 1) / 2
    luma = (rgb * torch.tensor(_LUMA, device=rgb.device)[:, None, None]).sum(1)
    chroma = [(rgb[:, 2] - luma) / _BLUE, (rgb[:, 0] - luma) / _RED]
    halves = [F.avg_pool2d(c[:, None], 2)[:, 0] * 224 + 128 for c in chroma]
    planes = [x.flatten(1) for x in (luma * 219 + 16, *halves)]
    frames = torch.cat(planes, 1).round().clamp(0, 255).to(torch.uint8).unflatten(1, (-1, rgb.shape[-1]))
    return list(frames.cpu().numpy())


def from_i420(frame: Frame) -> Tensor:
    """A frame as an RGB picture [3, H, W]."""
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    values = torch.tensor(frame, dtype=torch.float32)
    luma = (values[:height] - 16) / 219
    chroma_CHW = (values[height:].reshape(2, height // 2, width // 2) - 128) / 224
    blue, red = F.interpolate(chroma_CHW[None], size=(height, width), mode="bilinear", align_corners=False)[0]
    b, r = luma + blue * _BLUE, luma + red * _RED
    g = (luma - _LUMA[0] * r - _LUMA[2] * b) / _LUMA[1]
    return (torch.stack([r, g, b]) * 2 - 1).clamp(-1, 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """The picture of one shot: the film's frames that it fills, and its latent [K, F, H, W]."""

    frames: range
    latent_KFHW: Tensor


class NavaPicture:
    """A film's frames, decoded once, in order, when they are first asked for, and kept in a file without a name."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        timeline: Timeline,
        decode: Callable[[Tensor], Iterator[Tensor]],
        born_with: tuple[str, Stems] | None,
    ) -> None:
        self.width_px, self.height_px = timeline.size
        self.num_frames = timeline.num_frames
        self.scenes, self._fps, self._decode = tuple(scenes), timeline.fps, decode
        self.born_with = born_with
        """What decided the sound that was made together with this picture, and that sound."""
        self._reels = [tempfile.TemporaryFile() for _ in scenes]  # noqa: SIM115 - they live as long as the picture
        for reel in self._reels:
            weakref.finalize(self, reel.close)
        self._coming = [self._developed(scene) for scene in scenes]
        self._done = [0 for _ in scenes]
        self._lock = threading.Lock()

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        for index, scene in enumerate(self.scenes):
            for frame in range(max(start, scene.frames.start), min(stop, scene.frames.stop)):
                yield self._picture(index, picture_at(frame - scene.frames.start, self._fps))

    def _developed(self, scene: Scene) -> Iterator[Frame]:
        for pictures in self._decode(scene.latent_KFHW):
            yield from to_i420(cover(pictures, (self.width_px, self.height_px)))

    def _picture(self, scene: int, index: int) -> Frame:
        """The model's picture of a scene."""
        shape = (self.height_px * 3 // 2, self.width_px)
        length = shape[0] * shape[1]
        with self._lock:
            reel = self._reels[scene]
            while self._done[scene] <= index:
                reel.seek(self._done[scene] * length)
                reel.write(next(self._coming[scene]).tobytes())
                self._done[scene] += 1
            reel.seek(index * length)
            return np.frombuffer(bytearray(reel.read(length)), np.uint8).reshape(shape)


def pictures_of(film: Picture, frames: range, fps: Fraction, size: tuple[int, int]) -> Iterator[Tensor]:
    """Any film's pictures [3, H, W] at the model's rate and size, for as long as the frames last."""
    shown = -1
    last = torch.empty(0)
    index = 0
    source = film.frames(frames.start, frames.stop)
    while index / FPS < len(frames) / fps:
        wanted = min(int(index * fps / FPS + Fraction(1, 2)), len(frames) - 1)
        while shown < wanted:
            last = uncover(from_i420(next(source))[None], size)[0]
            shown += 1
        yield last
        index += 1
