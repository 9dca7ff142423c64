"""A folder of films as examples to train on: cut into clips, encoded once, kept on disk.

    found = prepare(Source(folder=Path("films")), cache, release, device="cpu", progress=progress)
    found.clips                     # examples for a Trainer, read from disk when they are needed
    found.skipped                   # films that cannot be used, each with its reason

A film is NAME.mp4, .mov, .mkv or .webm, its caption is NAME.txt beside it. A film that Clapboard made needs none: its
Timeline says what every clip shows. What was encoded is found again by the content of the film, the settings and the
codecs; an interrupted run goes on where it was, and a broken file is made again.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Final, overload

import numpy as np
from torch import Tensor

from clapboard import clock
from clapboard.engines.nava import footage, shots
from clapboard.engines.nava.codecs import SoundCodec, VideoCodec
from clapboard.engines.nava.kept import Hashes, digest, facts_of, keep, recall, stamp
from clapboard.engines.nava.labels import Captions, captions_of
from clapboard.engines.nava.store import SOUND, TEXT, TOKENIZER, VIDEO, Release
from clapboard.engines.nava.text import TextEncoder
from clapboard.engines.nava.train import Example
from clapboard.errors import InputError, MediaError, WeightsError
from clapboard.progress import Progress, Step
from clapboard.take import Samples

VERSION: Final = 1
"""Raised when the same film would be encoded differently."""
SILENT_DB: Final = -60.0
"""Peak (dB full scale) under which a clip counts as silent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The films and how they are cut."""

    folder: Path
    seconds: float = 2.0
    """Length of a clip, rounded down to the model's grid of 4 n + 1 pictures at 24 a second."""
    size: tuple[int, int] = (640, 352)
    """Width and height in pixels, rounded up to multiples of 32; the middle of a film is taken."""

    @property
    def grid(self) -> shots.Grid:
        """Sizes of a clip."""
        steps = int(clock.exact(self.seconds) * shots.FPS - 1) // shots.PICTURES_PER_LATENT
        if not 1 <= steps < shots.MAX_FRAMES:
            raise InputError(f"clips of {self.seconds:g} s are too short or too long; make seconds 0.25 to 10")
        num_pictures = shots.PICTURES_PER_LATENT * steps + 1
        return shots.fit(shot_id="clip", num_frames=num_pictures, fps=shots.FPS, size=self.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """One clip, encoded."""

    film: str
    start_s: float
    caption: str
    peak_db: float
    level_db: float
    """Root mean square, dB full scale."""
    latents: Path
    text: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """One film that gives clips."""

    name: str
    facts: footage.Facts
    is_ours: bool
    num_clips: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """What a folder of films came to."""

    source: Source
    clips: "Clips"
    films: tuple[Film, ...]
    skipped: dict[str, str]
    """Name of a film -> why it is not used."""
    num_encoded: int
    """Clips that were encoded now; the others were there."""

    def fingerprint(self) -> str:
        """What tells these examples from others."""
        names = [(clip.latents.name, clip.text.name) for clip in self.clips.clips]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


class Clips(Sequence[Example]):
    """The examples, read when asked for."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self.clips = tuple(clips)

    def __len__(self) -> int:
        return len(self.clips)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "Clips": ...
    def __getitem__(self, index: int | slice) -> "Example | Clips":
        if isinstance(index, slice):
            return Clips(self.clips[index])
        clip = self.clips[index]
        latents, text = (recall(path) for path in (clip.latents, clip.text))
        if latents is None or text is None:
            raise WeightsError(f"a file in {clip.latents.parent} broke while training; start again to encode it anew")
        return Example(latents={name: latents[name] for name in ("video", "audio")}, text_NE=text["rows"].float())


# ----------------------------------------------------------------------------------------------------- encoding


@dataclass
class Encoders:
    """The networks that turn films into latents and captions into embeddings, loaded when first needed."""

    release: Release
    device: str

    @cached_property
    def video(self) -> VideoCodec:
        """The video VAE."""
        return VideoCodec(self.release.folder, self.device)

    @cached_property
    def sound(self) -> SoundCodec:
        """The audio VAE."""
        return SoundCodec(self.release.folder, self.device)

    @cached_property
    def text(self) -> TextEncoder:
        """The text encoder."""
        for name in ("video", "sound"):  # all clips are encoded before the first caption is read
            self.__dict__.pop(name, None)
        return TextEncoder(self.release.folder, self.device)

    def fingerprint(self, *names: str) -> object:
        """What tells these files of weights from others."""
        return [stamp(self.release.folder / name) for name in names]


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """A clip that is not on disk yet."""

    index: int
    latents: dict[str, Tensor]
    levels: dict[str, float]


@dataclass(frozen=True, slots=True)
class Cutter:
    """One film on its way into the cache."""

    path: Path
    starts_s: tuple[Fraction, ...]
    grid: shots.Grid
    files: tuple[Path, ...]

    def missing(self) -> list[int]:
        """Clips whose file is not there, or broken."""
        return [index for index, file in enumerate(self.files) if recall(file) is None]

    def without(self, indices: Sequence[int]) -> "Cutter":
        """The same film with fewer clips."""
        kept = [index for index in range(len(self.files)) if index not in indices]
        return replace(self, starts_s=tuple(self.starts_s[i] for i in kept), files=tuple(self.files[i] for i in kept))

    def encode(self, missing: Sequence[int], encoders: Encoders) -> Iterator[Encoded]:
        """These clips, one after the other."""
        times_s = [self.starts_s[index] + k / shots.FPS for index in missing for k in range(self.grid.num_pictures)]
        size = (self.grid.width_px, self.grid.height_px)
        coming = footage.pictures(self.path, times_s, size)
        sound = footage.Sound(self.path)
        length = clock.num_samples(self.grid.num_pictures, shots.FPS)
        for index in missing:
            pictures = exactly(self.grid.num_pictures, coming, float(self.starts_s[index]))
            video_KFHW = encoders.video.encode(pictures, self.grid.num_frames)
            samples = sound.read(clock.sample_at(self.starts_s[index]), length)
            audio_LK = encoders.sound.encode(samples, self.grid.num_audio)
            latents = {"video": video_KFHW.cpu(), "audio": audio_LK.cpu()}
            yield Encoded(index=index, latents=latents, levels=levels(samples))


def exactly(count: int, coming: Iterator[Tensor], start_s: float) -> Iterator[Tensor]:
    """So many pictures, or a line that says that there are not."""
    for index in range(count):
        picture = next(coming, None)
        if picture is None:
            end_s = start_s + index / float(shots.FPS)
            raise MediaError(f"its picture ends at {end_s:.1f} s, before its header says")
        yield picture


def levels(samples: Samples) -> dict[str, float]:
    """Peak and root mean square of a clip, dB full scale; silence is -120."""
    peak, rms = float(np.abs(samples).max()), float(np.sqrt(np.square(samples, dtype=np.float64).mean()))
    return {name: 20 * float(np.log10(max(x, 1e-6))) for name, x in (("peak_db", peak), ("level_db", rms))}


# -------------------------------------------------------------------------------------------------- the whole folder


def films_in(folder: Path) -> list[Path]:
    """The films of a folder and of those inside it, in order of name."""
    if not folder.is_dir():
        raise InputError(f"the folder of films {folder} does not exist")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in footage.ENDINGS)
    if not found:
        raise InputError(f"there is no film ({', '.join(footage.ENDINGS)}) in {folder}")
    return found


def starts(captions: Captions, duration_s: float, length_s: Fraction) -> tuple[Fraction, ...]:
    """Where clips begin, one after the other within each section."""
    sections = captions.sections(duration_s)
    found = tuple(
        begin_s + k * length_s for begin_s, end_s in sections for k in range(int((end_s - begin_s) / length_s))
    )
    if not found:
        longest_s = float(max(end_s - begin_s for begin_s, end_s in sections))
        raise MediaError(f"it lasts {longest_s:.2f} s without a cut, a clip {float(length_s):.2f} s")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """A film that gives clips, on its way into the cache."""

    name: str
    facts: footage.Facts
    captions: Captions
    cutter: Cutter


@dataclass
class Preparation:
    """A folder of films becoming a dataset."""

    source: Source
    cache: Path
    encoders: Encoders
    progress: Progress
    skipped: dict[str, str] = field(default_factory=dict)

    def cut(self, path: Path, name: str, sha256: str) -> Cut:
        """What a film gives; raises `MediaError` when that is nothing."""
        facts, grid = footage.probe(path), self.source.grid
        captions = captions_of(path, facts)
        begin = starts(captions, facts.duration_s, grid.num_pictures / shots.FPS)
        codecs = self.encoders.fingerprint(VIDEO, SOUND)
        keys = (digest(sha256, grid, start_s, codecs, VERSION) for start_s in begin)
        files = tuple(self.cache / f"clip-{key}.safetensors" for key in keys)
        return Cut(name=name, facts=facts, captions=captions, cutter=Cutter(path, begin, grid, files))

    def cuts(self) -> list[Cut]:
        """Every film that gives clips; the others are skipped."""
        paths = films_in(self.source.folder)
        hashes = Hashes(self.cache / "films.json")
        made: list[Cut] = []
        for path in paths:
            name = str(path.relative_to(self.source.folder))
            try:
                made.append(self.cut(path, name, hashes(path)))
            except MediaError as error:
                self.skipped[name] = str(error)
            hashes.save()
        return made

    def encode(self, cuts: Sequence[Cut]) -> tuple[int, list[Cut]]:
        """Make the clips that are missing; how many were made, and the films with the clips that they really have."""
        missing = [cut.cutter.missing() for cut in cuts]
        total, done = sum(map(len, missing)), 0
        whole: list[Cut] = []
        for cut, lacking in zip(cuts, missing, strict=True):
            left = list(lacking)
            for clip in self.readable(cut, lacking):
                keep(cut.cutter.files[clip.index], clip.latents, clip.levels)
                left.remove(clip.index)
                done += 1
                self.progress(Step(stage="encoding", done=done, total=total))
            whole.append(replace(cut, cutter=cut.cutter.without(left)))
        return done, whole

    def readable(self, cut: Cut, missing: Sequence[int]) -> Iterator[Encoded]:
        """The clips that are missing, as far as the film can be read."""
        num_there = len(cut.cutter.files) - len(missing)
        try:
            for clip in cut.cutter.encode(missing, self.encoders):
                yield clip
                num_there += 1
        except MediaError as error:
            self.skipped[cut.name] = f"{error}; {num_there} clips of it are used"

    def text_file(self, caption: str) -> Path:
        """Where a caption's embedding is."""
        readers = self.encoders.fingerprint(TEXT, TOKENIZER)
        return self.cache / f"text-{digest(caption, readers, VERSION)}.safetensors"

    def read(self, captions: Sequence[str]) -> None:
        """Make the embeddings that are missing."""
        missing = [text for text in dict.fromkeys(captions) if recall(self.text_file(text)) is None]
        for done, text in enumerate(missing, 1):
            keep(self.text_file(text), {"rows": self.encoders.text(text).rows_NE.cpu()}, {})
            self.progress(Step(stage="captions", done=done, total=len(missing)))

    def clips(self, cut: Cut) -> Iterator[Clip]:
        """A film's clips, all on disk."""
        length_s = self.source.grid.num_pictures / shots.FPS
        for start_s, file in zip(cut.cutter.starts_s, cut.cutter.files, strict=True):
            caption = cut.captions.of(start_s, length_s)
            text = self.text_file(caption)
            yield Clip(
                film=cut.name, start_s=float(start_s), caption=caption, latents=file, text=text, **facts_of(file)
            )

    def run(self) -> Dataset:
        """Probe, cut, encode, read."""
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            num_encoded, cuts = self.encode(self.cuts())
        except OSError as error:
            raise MediaError(
                f"cannot write into {self.cache} ({error.strerror}); choose another folder as cache"
            ) from None
        clips = [clip for cut in cuts for clip in self.clips(cut)]
        if not clips:
            name, reason = next(iter(self.skipped.items()))
            raise InputError(
                f"none of the films in {self.source.folder} can be used ({len(self.skipped)} of them); the first,"
                f" {name}: {reason}"
            )
        self.read([clip.caption for clip in clips])
        films = tuple(
            Film(
                name=cut.name,
                facts=cut.facts,
                is_ours=cut.captions.timeline is not None,
                num_clips=len(cut.cutter.files),
            )
            for cut in cuts
            if cut.cutter.files
        )
        return Dataset(
            source=self.source, clips=Clips(clips), films=films, skipped=self.skipped, num_encoded=num_encoded
        )


def prepare(source: Source, cache: Path, release: Release, device: str, progress: Progress) -> Dataset:
    """The films as examples, encoded as far as that was not done before."""
    return Preparation(source, cache, Encoders(release, device), progress).run()
