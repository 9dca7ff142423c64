"""What an engine hands back: a picture, dry stems and the cues that tie them; and the Master made of them.

Conventions, everywhere in Clapboard:
  picture  frames are uint8 planar YUV 4:2:0 (I420), BT.709, limited range 16..235, shape [height * 3 / 2, width]
  sound    float32, 48 kHz, shape [channels, samples], full scale is +-1
  position azimuth -1 (left edge of the picture) .. +1 (right edge), beyond that outside; distance in metres
"""

import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from clapboard.timeline import Acoustics, Stem, Timeline, Unstaged

Frame = NDArray[np.uint8]
Samples = NDArray[np.float32]


class Picture(Protocol):
    """Frames of any range, in order; frame k never depends on which range it was asked in."""

    width_px: int
    height_px: int
    num_frames: int

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        """Frames start..stop-1. Each yielded array is the caller's to keep."""
        ...


class Cue(BaseModel):
    """An instant that is seen and heard: the film's frame index and the film's sample index.

    `impact` cues strike (a sharp onset that the report can look for in the finished sound); others just begin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    who: str
    stem: Stem
    seen_frame: int | None
    heard_sample: int
    impact: bool = False
    force: float = 0.6


Position = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Film times in seconds [n] -> (azimuth [n], distance_m [n])."""


def fixed(azimuth: float, distance_m: float) -> Position:
    """A source that does not move."""
    return lambda t_s: (np.full(len(t_s), azimuth), np.full(len(t_s), distance_m))


CENTRE = fixed(0.0, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One dry sound of a stem, from film sample `start` on, `length` samples long.

    `render(a, b)` gives film samples a..b-1 (start <= a <= b <= start + length) as float32 [1 or 2, b - a]. It is pure:
    the same range gives the same bytes, and neighbouring ranges join without a seam. One channel is a point at
    `position`; two channels are a wide sound that fills the picture (rain all round) and is not panned.
    """

    name: str
    start: int
    length: int
    render: Callable[[int, int], Samples]
    position: Position = CENTRE
    gain_db: float = 0.0
    room: Acoustics | None = None
    """The space it is heard in, or none for a sound without one (music from nowhere)."""


Stems = Mapping[Stem, tuple[Source, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """A performance of a Timeline: picture, dry sources of each stem, cues, and what could not be staged."""

    picture: Picture
    stems: Stems
    cues: tuple[Cue, ...] = ()
    unstaged: tuple[Unstaged, ...] = ()


class Slate(BaseModel):
    """What every file carries of its making; from it alone a film is planned, retaken, mixed or rendered again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeline: Timeline
    engine: str
    versions: dict[str, str]
    cues: tuple[Cue, ...] = ()


class Reel:
    """Stereo sound of a fixed length kept on disk, so that memory stays flat in the film's length.

    Written and read in any order; unwritten samples are silence. The file has no name and goes when the Reel does.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the Reel
        weakref.finalize(self, self._file.close)
        self._file.truncate(length * 8)

    def read(self, start: int, stop: int) -> Samples:
        """Samples start..stop-1 as float32 [2, n]."""
        self._file.seek(start * 8)
        data = self._file.read((stop - start) * 8)
        return np.ascontiguousarray(np.frombuffer(data, np.float32).reshape(-1, 2).T)

    def write(self, start: int, samples: Samples) -> None:
        """Put float32 [2, n] at `start`."""
        self._file.seek(start * 8)
        self._file.write(np.ascontiguousarray(samples.T, np.float32).tobytes())

    def blocks(self, size: int) -> Iterator[Samples]:
        """All samples in order, `size` at a time."""
        for start in range(0, self.length, size):
            yield self.read(start, min(self.length, start + size))


@dataclass(frozen=True, kw_only=True, slots=True)
class Master:
    """Finished stems and their mix, before the codec. |mix - sum of stems| is below -90 dBFS."""

    num_samples: int
    stems: Mapping[Stem, Reel]
    mix: Reel
    ceiling_dbtp: float
    """True peak that the finished file may reach; the mix itself stays under it by what the codec may add."""
    static_gain_db: float
    """Gain of the whole film before its limiter."""
