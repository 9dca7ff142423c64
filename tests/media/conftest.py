"""Small real films of the bars engine, for every test of this folder."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.bars import Bars
from clapboard.media.film import encode_sound, write_film
from clapboard.progress import Progress, silent
from clapboard.take import Master, Reel, Slate, Take
from clapboard.timeline import Shot, Stem, Timeline


@dataclass(frozen=True)
class Shoot:
    """A performed and mixed film that is not yet written."""

    timeline: Timeline
    take: Take
    master: Master
    slate: Slate

    def write(self, path: Path, progress: Progress = silent) -> None:
        write_film(path, self.take.picture, encode_sound(self.master), self.slate, progress=progress)


def shoot(num_frames: int = 12, fps: str = "12", prompt: str = "bars", size: tuple[int, int] = (64, 64)) -> Shoot:
    rate = clock.parse_rate(fps)
    shot = Shot(id="s", duration_s=float(Fraction(num_frames) / rate), place="bars")
    timeline = Timeline(prompt=prompt, fps=rate, size=size, shots=[shot])
    assert timeline.num_frames == num_frames
    take = Bars().perform(timeline, seed=0, progress=silent)
    (beep,) = take.stems[Stem.EFFECTS]
    mix = Reel(timeline.num_samples)
    mix.write(0, np.repeat(beep.render(0, timeline.num_samples), 2, axis=0))
    master = Master(
        num_samples=timeline.num_samples,
        stems={Stem.EFFECTS: mix},
        mix=mix,
        ceiling_dbtp=-1.0,
        static_gain_db=0.0,
    )
    slate = Slate(timeline=timeline, engine="bars", versions={"clapboard": "0.1.0"}, cues=take.cues)
    return Shoot(timeline, take, master, slate)


@pytest.fixture(name="shoot")
def _shoot() -> Callable[..., Shoot]:
    return shoot


@pytest.fixture(scope="session")
def film_path(tmp_path_factory) -> Path:
    """A finished film of one second, 12 frames. Do not write to it."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    shoot().write(path)
    return path
