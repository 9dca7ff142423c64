"""Films that nano learns from: the stage engine's, with exact labels, as arrays.

clip = film(seed)                      # pictures, one dry sound per stem, and the Timeline they were made from
make(folder, range(2000))              # one .npz each; what is there already stays
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from clapboard import clock, engines
from clapboard.engines.nava.nano.domain import STEMS, random_timeline
from clapboard.engines.nava.picture import from_i420
from clapboard.progress import Progress, Step, silent
from clapboard.take import Source, Take
from clapboard.timeline import Timeline

RATE_HZ: Final = 24_000
_HALF_BAND: Final = np.sinc(np.arange(-47, 48) / 2) * np.hanning(97)[1:-1] / 2


@dataclass(frozen=True, slots=True)
class Clip:
    """Pictures uint8 [N, 64, 112, 3] (RGB), a mono sound [T] per stem at 24 kHz, and the Timeline."""

    pictures: np.ndarray
    sounds: dict[str, np.ndarray]
    timeline: Timeline


def dry(source: Source) -> np.ndarray:
    """A source as it is heard where the camera stands, without a room: mono at 48 kHz, falling off as 1 / distance."""
    samples = source.render(source.start, source.start + source.length).mean(0)
    t_s = (source.start + np.arange(0, source.length, 480)) / clock.SAMPLE_RATE
    distance_m = np.maximum(source.position(t_s)[1], 1.0)
    gain = np.interp(np.arange(source.length), np.arange(0, source.length, 480), 1 / distance_m)
    return samples * gain * 10 ** (source.gain_db / 20)


def halved(samples: np.ndarray) -> np.ndarray:
    """48 kHz to 24 kHz."""
    return np.convolve(samples, _HALF_BAND, "same")[::2].astype(np.float32)


def sounds_of(take: Take, num_samples: int) -> dict[str, np.ndarray]:
    """Each stem's sources together."""
    found = {}
    for name in STEMS:
        whole = np.zeros(num_samples)
        for source in take.stems.get(name, ()):  # pyright: ignore[reportCallIssue, reportArgumentType] - a StrEnum
            first, last = max(source.start, 0), min(source.start + source.length, num_samples)
            if first < last:
                whole[first:last] += dry(source)[first - source.start : last - source.start]
        found[name] = halved(whole)
    return found


def film(timeline: Timeline) -> Clip:
    """The stage engine's film of a Timeline."""
    take = engines.load("stage").perform(timeline, seed=timeline.seed, progress=silent)
    frames = take.picture.frames(0, take.picture.num_frames)
    pictures = np.stack([((from_i420(x) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy() for x in frames])
    return Clip(pictures, sounds_of(take, timeline.num_samples), timeline)


def make(folder: Path, seeds: Iterable[int], progress: Progress = silent) -> None:
    """Films of random Timelines, one file each, whole or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, wanted = engines.load("stage").vocabulary, list(seeds)
    for done, seed in enumerate(wanted, 1):
        path = folder / f"{seed:06d}.npz"
        if not path.exists():
            clip = film(random_timeline(seed, vocabulary))
            partial = path.with_suffix(".part")
            arrays = {name: sound.astype(np.float16) for name, sound in clip.sounds.items()}
            arrays |= {"pictures": clip.pictures, "timeline": np.array(clip.timeline.to_yaml())}
            with partial.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)
            partial.replace(path)
        progress(Step(stage="filming", done=done, total=len(wanted)))


def read(path: Path) -> Clip:
    """A clip that `make` wrote."""
    with np.load(path) as kept:
        sounds = {name: kept[name].astype(np.float32) for name in STEMS}
        return Clip(kept["pictures"], sounds, Timeline.from_text(str(kept["timeline"])))


def read_timeline(path: Path) -> Timeline:
    """The Timeline of a clip that `make` wrote."""
    with np.load(path) as kept:
        return Timeline.from_text(str(kept["timeline"]))
