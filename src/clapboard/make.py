"""The story: prompt -> Timeline -> Take -> mix -> film -> report. Each stage is one function.

film = generate("rain on a night window, soft piano, far thunder", "film.mp4")
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from clapboard import engines
from clapboard.engines import Engine
from clapboard.errors import InputError, MediaError
from clapboard.progress import Progress, silent
from clapboard.take import Master, Picture, Slate, Stems, Take
from clapboard.timeline import LevelDb, MasterName, Mix, Retake, Stem, Timeline, Unstaged

if TYPE_CHECKING:
    from clapboard.director import Options
    from clapboard.quality import Report


WARMUP_PROMPTS = (
    "rain on a night window, a cat meows, a candle, a glass ball drops, soft piano",
    "snow at the ocean coast, a sailing boat, gulls cry, a lighthouse, thunder, strings and harp",
    "campfire by a mountain lake under the aurora, an owl hoots, fog, flute and guitar",
    "a yard in a light drizzle, a knock, a drum is hit, a rubber ball drops, a stone splashes, a car passes",
)
"""Between them they call every kernel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """A finished film: its file, the Timeline it was made from, the report measured from the file, and stem files."""

    path: Path
    timeline: Timeline
    report: "Report"
    stems: Mapping[Stem, Path] = field(default_factory=dict[Stem, Path])


def plan(prompt: str, *, engine: str = engines.DEFAULT, options: "Options | None" = None) -> Timeline:
    """The Timeline that the director reads from a prompt, in the words that this engine knows."""
    from clapboard.director import Options, direct

    return direct(prompt, engines.load(engine).vocabulary, options=options or Options())


def generate(
    prompt: str,
    path: Path | str = "film.mp4",
    *,
    engine: str = engines.DEFAULT,
    options: "Options | None" = None,
    stems: Path | None = None,
    progress: Progress = silent,
) -> Film:
    """A film from a prompt. `stems` is a folder for 24-bit WAV stems."""
    return render(plan(prompt, engine=engine, options=options), path, engine=engine, stems=stems, progress=progress)


def render(
    timeline: Timeline,
    path: Path | str,
    *,
    engine: str = engines.DEFAULT,
    stems: Path | None = None,
    progress: Progress = silent,
) -> Film:
    """A film from a Timeline. The target is only replaced by a complete film."""
    from clapboard import media

    target = Path(path)
    _check_targets(target, stems)
    take, master = _perform(timeline, engine, progress)
    slate = _slate(timeline, engine, take)
    encoded = media.encode_sound(master)
    media.write_film(target, take.picture, encoded, slate, progress=progress)
    files = media.write_stems(stems, target.stem, master) if stems else {}
    return _finish(target, files, progress)


def stream(
    timeline: Timeline, out: BinaryIO, *, engine: str = engines.DEFAULT, progress: Progress = silent
) -> Timeline:
    """Write a playable fragmented MP4 to `out` while it renders: a preview, its loudness set from the first 8 s.

    Returns the Timeline as it was filmed, with all that is unstaged.
    """
    from clapboard import media, sound

    performer = engines.load(engine)
    take = performer.perform(timeline, seed=timeline.seed, progress=progress)
    blocks = sound.live_blocks(take.stems, timeline)
    slate = _slate(timeline, engine, take)
    media.stream_film(out, take.picture, blocks, slate, progress=progress)
    return slate.timeline


def retake(
    source: Path | str, target: Path | str, again: Retake, *, stems: Path | None = None, progress: Progress = silent
) -> Film:
    """The film's sound again - all of it, one stem, one window - under the same picture, whose packets are copied.

    A retake that names no seed takes one that the film has not used yet.
    """
    slate = _read(source)
    _check_retake(again, slate.timeline)
    if "seed" not in again.model_fields_set:
        used = {slate.timeline.seed, *(made.seed for made in slate.timeline.retakes)}
        again = again.model_copy(update={"seed": next(seed for seed in count() if seed not in used)})
    note, unstaged = again.note, slate.timeline.unstaged
    if note and again.acoustics is None:
        from clapboard.director import read_room

        again = again.model_copy(update={"acoustics": read_room(note)})
        if again.acoustics is None:
            unstaged = [*unstaged, Unstaged(text=note, reason="the note names no room that is known")]
    retakes = [made.model_dump(mode="json") for made in (*slate.timeline.retakes, again)]
    timeline = slate.timeline.change(retakes=retakes, unstaged=[item.model_dump() for item in unstaged])
    return _sound_again(Path(source), Path(target), slate.model_copy(update={"timeline": timeline}), stems, progress)


def mix(
    source: Path | str,
    target: Path | str,
    *,
    gains_db: Mapping[Stem, LevelDb | None],
    master: MasterName | None = None,
    stems: Path | None = None,
    progress: Progress = silent,
) -> Film:
    """A new balance under the same picture. A gain of None switches the stem off; a number switches it on again."""
    slate = _read(source)
    old = slate.timeline.mix
    off = [stem for stem in Stem if gains_db.get(stem, 0.0 if stem not in old.off else None) is None]
    gains = old.gains_db | {stem: gain for stem, gain in gains_db.items() if gain is not None}
    desk = {"master": master or old.master, "duck_db": old.duck_db, "gains_db": gains, "off": off}
    timeline = slate.timeline.change(mix=Mix.parse(desk).model_dump(mode="json"))
    return _sound_again(Path(source), Path(target), slate.model_copy(update={"timeline": timeline}), stems, progress)


def still(
    timeline: Timeline,
    path: Path | str,
    *,
    at_s: float = 0.0,
    engine: str = engines.DEFAULT,
    progress: Progress = silent,
) -> Path:
    """One frame of the film as a PNG."""
    from clapboard import clock, media

    if not 0 <= at_s < timeline.duration_s:
        raise InputError(f"--at {at_s:g} s is outside the film, which lasts {float(timeline.duration_s):g} s")
    media.check_writable(Path(path))
    take = engines.load(engine).perform(timeline, seed=timeline.seed, progress=progress)
    frame = min(timeline.num_frames - 1, clock.frame_shown(at_s, timeline.fps))
    media.write_png(Path(path), next(take.picture.frames(frame, frame + 1)))
    return Path(path)


def report(path: Path | str, *, progress: Progress = silent) -> "Report":
    """What is really in a film's file."""
    from clapboard.quality import review

    return review(Path(path), progress=progress)


def report_page(path: Path | str, page: Path | str, *, progress: Progress = silent) -> "Report":
    """The report, and one HTML page of it; the stems are sounded again from the film's own slate to be drawn."""
    from clapboard import media
    from clapboard.quality import write_page

    media.check_writable(Path(page))
    found, slate = report(path, progress=progress), _read(path)
    _, master = _perform(slate.timeline, slate.engine, progress)
    write_page(Path(path), found, Path(page), master)
    return found


def _perform(timeline: Timeline, engine: str, progress: Progress) -> tuple[Take, Master]:
    """The engine's Take and the finished sound, retakes included."""
    from clapboard import sound

    performer = engines.load(engine)
    take = performer.perform(timeline, seed=timeline.seed, progress=progress)
    retaken = _retaken(performer, timeline, take.picture, progress)
    try:
        return take, sound.mix(take.stems, timeline, retaken=retaken, progress=progress)
    except OSError as error:
        where = f"cannot keep the sound in {tempfile.gettempdir()} while it is mixed"
        raise MediaError(f"{where}: {error.strerror}; free some space there or set TMPDIR") from error


def _sound_again(source: Path, target: Path, slate: Slate, stems: Path | None, progress: Progress) -> Film:
    """Sound the slate's Timeline and put it under the source's picture."""
    from clapboard import media

    _check_targets(target, stems)
    _, master = _perform(slate.timeline, slate.engine, progress)
    media.replace_sound(source, target, media.encode_sound(master), slate)
    files = media.write_stems(stems, target.stem, master) if stems else {}
    return _finish(target, files, progress)


def _retaken(
    performer: Engine, timeline: Timeline, picture: Picture, progress: Progress
) -> Sequence[tuple[Retake, Stems]]:
    """The Timeline's retakes, each with its stems sounded in its own seed and room."""
    made: list[tuple[Retake, Stems]] = []
    for again in timeline.retakes:
        stems = frozenset(Stem) if again.stem is None else frozenset({again.stem})
        shots = timeline.model_dump(mode="json")["shots"]
        if again.acoustics is not None:
            shots = [shot | {"acoustics": again.acoustics.model_dump(mode="json")} for shot in shots]
        roomed = timeline.change(shots=shots)
        made.append((again, performer.resound(roomed, picture, stems=stems, seed=again.seed, progress=progress)))
    return made


def _check_targets(target: Path, stems: Path | None) -> None:
    """Raises before the work what would fail after it."""
    from clapboard import media

    media.check_writable(target)
    if stems is not None:
        folder = next(folder for folder in (stems, *stems.resolve().parents) if folder.exists())
        if not folder.is_dir():
            raise InputError(f"the stems need a folder, but {folder} is a file; choose another --stems")
        media.check_writable(folder / "stem.wav")


def _slate(timeline: Timeline, engine: str, take: Take) -> Slate:
    packages = {name: version(name) for name in ("clapboard", "av", "numpy", "numba", "opencv-python-headless")}
    unstaged = [item.model_dump() for item in (*timeline.unstaged, *take.unstaged)]
    return Slate(timeline=timeline.change(unstaged=unstaged), engine=engine, versions=packages, cues=take.cues)


def _read(source: Path | str) -> Slate:
    from clapboard import media

    return media.read_slate(Path(source))


def _check_retake(again: Retake, timeline: Timeline) -> None:
    last_s = float(timeline.duration_s)
    if (again.to_s or 0.0) > last_s:
        raise InputError(f"the retake ends at {again.to_s:g} s but the film lasts {last_s:g} s; end it there or sooner")
    if (again.from_s or 0.0) >= last_s:
        raise InputError(f"the retake starts at {again.from_s:g} s but the film lasts {last_s:g} s; start it sooner")


def _finish(target: Path, files: Mapping[Stem, Path], progress: Progress) -> Film:
    from clapboard import media

    checked = report(target, progress=progress)
    return Film(path=target, timeline=media.read_slate(target).timeline, report=checked, stems=files)
