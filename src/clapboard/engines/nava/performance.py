"""A Timeline performed by the model: captions -> text -> noise to latents -> pictures and sound.

    take = Performer(folder).perform(timeline, seed=0, progress=silent)

Each shot is filmed by itself, with its own caption and noise. Networks are loaded when they are needed and dropped when
their part is over, so that the largest of them is what counts.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from clapboard import clock
from clapboard.engines.nava import memory, shots
from clapboard.engines.nava.caption import NEGATIVE, NEGATIVE_SOUND, Caption, Sounds, is_file, shot_caption
from clapboard.engines.nava.codecs import SoundCodec, Tiles, VideoCodec
from clapboard.engines.nava.config import Config, nava_6b
from clapboard.engines.nava.model import Latents, Nava
from clapboard.engines.nava.paging import page_blocks
from clapboard.engines.nava.picture import NavaPicture, Scene, pictures_of
from clapboard.engines.nava.sampler import Options, Prompt, Start, noise, sample
from clapboard.engines.nava.settings import Settings
from clapboard.engines.nava.speaker import load_speaker, read_voice
from clapboard.engines.nava.store import Release, takes_folder
from clapboard.engines.nava.takes import Kept, Takes
from clapboard.engines.nava.text import Encoded, TextEncoder
from clapboard.engines.nava.weights import config_of, load, opened
from clapboard.errors import InputError
from clapboard.progress import Progress, Step
from clapboard.take import Picture, Samples, Source, Stems, Take
from clapboard.timeline import Stem, Timeline, Unstaged

TOO_LONG = "the caption is longer than the 512 tokens that the model reads"
VERSION = 1
"""Raised when the same take would come out differently, so that older ones are not taken for it."""
JOINT: dict[Stem, Sounds] = {Stem.EFFECTS: "all"}
APART: dict[Stem, Sounds] = {Stem.DIALOGUE: "speech", Stem.EFFECTS: "rest"}
FADE = 240
"""Samples (5 ms) over which a shot's sound begins and ends, so that cuts do not click."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One shot, ready to be sampled."""

    index: int
    frames: range
    grid: shots.Grid
    caption: Caption


def scenarios(timeline: Timeline, sounds: Sounds = "all") -> list[Scenario]:
    """The shots in the model's units; raises `EngineError` for what it cannot film."""
    return [
        Scenario(
            index=index,
            frames=frames,
            grid=shots.fit(
                shot_id=timeline.shots[index].id, num_frames=len(frames), fps=timeline.fps, size=timeline.size
            ),
            caption=shot_caption(timeline, index, sounds),
        )
        for index, frames in enumerate(timeline.shot_frames())
    ]


class Networks:
    """The networks of one folder on this machine, loaded when first used."""

    def __init__(self, release: Release, config: Config, plan: memory.Plan, device: str) -> None:
        self.release, self.config, self.plan, self.device = release, config, plan, device

    def read(self, texts: Sequence[str]) -> dict[str, Encoded]:
        """Embeddings of the texts; the encoder, the largest network, does not stay."""
        encoder = TextEncoder(self.release.folder, "cpu" if self.plan.text_on_cpu else self.device)
        found = {text: encoder(text) for text in dict.fromkeys(texts)}
        return {text: replace(e, rows_NE=e.rows_NE.to(self.device)) for text, e in found.items()}

    @cached_property
    def backbone(self) -> Nava:
        """The transformer, its blocks paged if the plan says so; where both do not fit, the video VAE goes."""
        if self.plan.alone:
            self.__dict__.pop("video", None)
        group = self.plan.group
        home = self.device if group is None else "cpu"
        model = load(self.release.backbone, self.config, storage=self.plan.storage, device=home)
        return model if group is None else page_blocks(model, group, self.device)

    @cached_property
    def video(self) -> VideoCodec:
        """The video VAE; where both do not fit, the transformer goes."""
        if self.plan.alone:
            self.__dict__.pop("backbone", None)
        return VideoCodec(self.release.folder, self.device, Tiles() if self.plan.tiled else None)

    @cached_property
    def sound(self) -> SoundCodec:
        """The audio VAE and vocoder."""
        return SoundCodec(self.release.folder, self.device)

    def voices(self, captions: Sequence[Caption]) -> dict[str, Tensor]:
        """Voice embeddings by the file that the Timeline names; the encoder is asked for only when there are any."""
        files = {voice for caption in captions for voice in caption.voices if voice and is_file(voice)}
        if not files:
            return {}
        encoder = load_speaker(self.release.folder, self.device)
        return {file: encoder(read_voice(Path(file))) for file in sorted(files)}


def content(voice: str) -> str:
    """What tells a recording from others of its name."""
    if not Path(voice).is_file():
        raise InputError(f"the voice {voice} does not exist; give a sound file of someone speaking")
    return hashlib.sha256(Path(voice).read_bytes()).hexdigest()


def config_in(path: Path) -> Config:
    """The sizes of the weights: those written into the file, or the released model's."""
    with opened(path) as file:
        has_own = "config" in (file.metadata() or {})
    return config_of(path) if has_own else nava_6b()


class Performer:
    """The engine at work; `Nava` in this package is its light-weight front."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self.release, self.settings = release, settings
        self.options, self.takes = settings.options or Options(), Takes(settings.takes or takes_folder())
        self.machine = memory.machine(settings.device)
        self.config = config_in(release.backbone)
        self._kept: Networks | None = None

    def networks(self, planned: Sequence[Scenario]) -> Networks:
        """The networks as they fit this machine beside the largest of the shots; kept while that stays the same."""
        sizes = memory.Sizes.of(self.config, self.release.sizes())
        largest = max((scenario.grid for scenario in planned), key=lambda grid: grid.num_tokens)
        plan = memory.fit(sizes, largest, self.machine)
        if self._kept is None or self._kept.plan.settings != plan.settings:
            self._kept = Networks(self.release, self.config, plan, self.machine.device)
        return self._kept

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """Picture and sound together."""
        planned = scenarios(timeline)
        networks = self.networks(planned)
        key = take_key(planned, seed)
        latents, cut = self.remembered(networks, planned, key, seed, progress)
        if self.passes(timeline) == JOINT:
            stems: Stems = {Stem.EFFECTS: sounded(networks, timeline, planned, latents)}
        else:
            held: list[Latents] = [{"video": made["video"]} for made in latents]
            stems = self.apart(networks, timeline, held, frozenset(Stem), seed, progress)
        return Take(
            picture=filmed(networks, timeline, planned, latents, (key, stems)),
            stems=stems,
            unstaged=(*cut, *unfollowed(timeline)),
        )

    def passes(self, timeline: Timeline) -> dict[Stem, Sounds]:
        """What each stem's sound is asked for: one sound of everything, or the spoken lines apart from the rest."""
        has_lines = any(shot.lines for shot in timeline.shots)
        return APART if self.settings.separate and has_lines else JOINT

    def apart(
        self,
        networks: Networks,
        timeline: Timeline,
        held: Sequence[Latents],
        stems: frozenset[Stem],
        seed: int,
        progress: Progress,
    ) -> Stems:
        """The stems' sounds for a picture that is held, each sampled by itself."""
        made: dict[Stem, tuple[Source, ...]] = {}
        for stem, sounds in self.passes(timeline).items():
            if stem in stems:
                planned = scenarios(timeline, sounds)
                latents, _ = self.sample(networks, planned, held, seed, progress)
                made[stem] = sounded(networks, timeline, planned, latents)
        return made

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """Sound for a picture that stays: a film of ours, or any other."""
        if not stems & self.passes(timeline).keys():
            return {}
        planned = scenarios(timeline)
        ours = isinstance(picture, NavaPicture)
        if ours and picture.born_with is not None and picture.born_with[0] == take_key(planned, seed):
            # the sound that this seed made together with the picture
            return {stem: sources for stem, sources in picture.born_with[1].items() if stem in stems}
        networks = self.networks(planned)
        held: list[Latents] = []
        for scenario in planned:
            if ours:
                held.append({"video": picture.scenes[scenario.index].latent_KFHW[None]})
            else:
                grid = scenario.grid
                pictures = pictures_of(picture, scenario.frames, timeline.fps, (grid.width_px, grid.height_px))
                held.append({"video": networks.video.encode(pictures, grid.num_frames)[None]})
        return self.apart(networks, timeline, held, stems, seed, progress)

    def illustrate(self, timeline: Timeline, sound: Samples, *, seed: int, progress: Progress) -> Take:
        """A picture for a given sound, float32 [2, num_samples] at 48 kHz, which stays as it is."""
        if sound.shape != (2, timeline.num_samples):
            raise InputError(
                f"the sound has the shape {sound.shape}, the film needs (2, {timeline.num_samples}); cut or fill it"
            )
        planned = scenarios(timeline)
        networks = self.networks(planned)
        held: list[Latents] = []
        for scenario in planned:
            first, last = (clock.first_sample(k, timeline.fps) for k in (scenario.frames.start, scenario.frames.stop))
            held.append({"audio": networks.sound.encode(sound[:, first:last], scenario.grid.num_audio)[None]})
        latents, cut = self.sample(networks, planned, held, seed, progress)
        source = Source(name="given sound", start=0, length=timeline.num_samples, render=lambda a, b: sound[:, a:b])
        return Take(
            picture=filmed(networks, timeline, planned, latents, None),
            stems={Stem.EFFECTS: (source,)},
            unstaged=(*cut, *unfollowed(timeline)),
        )

    def remembered(
        self, networks: Networks, planned: Sequence[Scenario], key: str, seed: int, progress: Progress
    ) -> tuple[list[Latents], list[Unstaged]]:
        """What `sample` gives for both streams, from the disk if this very take was made before."""
        self.takes.prepare()
        voices = {name: content(name) for s in planned for name in s.caption.voices if name and is_file(name)}
        everything = repr((key, voices, self.release.fingerprint(), self.options, networks.plan.storage, VERSION))
        kept = self.takes.recall(everything)
        if kept is None:
            latents, cut = self.sample(networks, planned, [{}] * len(planned), seed, progress)
            kept = Kept(latents, [item.text for item in cut])
            self.takes.keep(everything, kept)
        return kept.latents, [Unstaged(text=text, reason=TOO_LONG) for text in kept.cut]

    def sample(
        self, networks: Networks, planned: Sequence[Scenario], held: Sequence[Latents], seed: int, progress: Progress
    ) -> tuple[list[Latents], list[Unstaged]]:
        """Latents [1, ...] of both streams of every shot; and what of the captions the model did not read."""
        texts = [scenario.caption.text for scenario in planned]
        read = networks.read([*texts, NEGATIVE, NEGATIVE_SOUND])
        voices = networks.voices([scenario.caption for scenario in planned])
        total = self.options.num_steps * len(planned)
        made: list[Latents] = []
        for scenario, given in zip(planned, held, strict=True):
            before = len(made) * self.options.num_steps
            start = self.start(scenario, {name: x.to(networks.device) for name, x in given.items()}, seed)
            start = replace(start, noise={name: x.to(networks.device) for name, x in start.noise.items()})
            latents = sample(
                networks.backbone,
                [prompt(scenario.caption, read, voices, self.config.spk_dim)],
                start,
                self.options,
                on_step=lambda done, _, __, before=before: progress(
                    Step(stage="sampling", done=before + done, total=total)
                ),
            )
            made.append({name: x.cpu() for name, x in latents.items()})
        return made, [Unstaged(text=read[text].cut, reason=TOO_LONG) for text in texts if read[text].cut]

    def start(self, scenario: Scenario, held: Latents, seed: int) -> Start:
        """The noise of a shot: its own for each stream, whatever is held."""
        shapes = {
            "video": (self.config.vid_in_dim, *scenario.grid.video_shape),
            "audio": (scenario.grid.num_audio, self.config.audio_in_dim),
        }
        own = "" if scenario.index == 0 else f" of shot {scenario.index}"
        return Start({name: noise(seed, name + own, shape)[None] for name, shape in shapes.items()}, held)


def prompt(caption: Caption, read: dict[str, Encoded], voices: dict[str, Tensor], width: int) -> Prompt:
    """What the sampler is given for a caption; a span without a recording gets the model's null voice."""
    own = read[caption.text]
    rows = [voices[name] if name in voices else torch.zeros(width) for name in caption.voices if voices]
    if len(rows) > len(own.voice_rows):
        raise InputError(
            f"the caption has {len(rows)} spoken lines but only the first {len(own.voice_rows)} fit into the 512 tokens"
            " that the model reads; shorten the prompt"
        )
    return Prompt(
        text_NE=own.rows_NE.float(),
        negative_NE=read[NEGATIVE].rows_NE.float(),
        negative_audio_NE=read[NEGATIVE_SOUND].rows_NE.float(),
        voices_RS=torch.stack(rows).to(own.rows_NE.device) if rows else None,
        positions=own.voice_rows if rows else (),
    )


def take_key(planned: Sequence[Scenario], seed: int) -> str:
    """What decides a take's sound, as text."""
    return repr((seed, [(scenario.grid, scenario.caption) for scenario in planned]))


def filmed(
    networks: Networks,
    timeline: Timeline,
    planned: Sequence[Scenario],
    latents: Sequence[Latents],
    born_with: tuple[str, Stems] | None,
) -> NavaPicture:
    """The picture of all shots; its VAE is loaded with the first frame."""
    scenes = [Scene(scenario.frames, made["video"][0]) for scenario, made in zip(planned, latents, strict=True)]

    def decode(latent_KFHW: Tensor) -> Iterator[Tensor]:
        yield from networks.video.decode(latent_KFHW)

    return NavaPicture(scenes, timeline, decode, born_with)


def sounded(
    networks: Networks, timeline: Timeline, planned: Sequence[Scenario], latents: Sequence[Latents]
) -> tuple[Source, ...]:
    """One wide source a shot, from the first sample of its first frame to its last."""
    sources: list[Source] = []
    for scenario, made in zip(planned, latents, strict=True):
        first, last = (clock.first_sample(k, timeline.fps) for k in (scenario.frames.start, scenario.frames.stop))
        samples = networks.sound.decode(made["audio"][0])[:, : last - first].copy()
        fade = np.minimum(np.arange(last - first) / FADE, 1).astype(np.float32)
        samples *= fade * fade[::-1]

        def render(a: int, b: int, samples: Samples = samples, first: int = first) -> Samples:
            return samples[:, a - first : b - first]

        name = f"sound of shot {timeline.shots[scenario.index].id}"
        sources.append(Source(name=name, start=first, length=last - first, render=render))
    return tuple(sources)


def unfollowed(timeline: Timeline) -> tuple[Unstaged, ...]:
    """What the Timeline asks for and a caption cannot say."""
    reason = "nava follows a caption, which has no curves"
    return tuple(Unstaged(text=f"curve {name}", reason=reason) for shot in timeline.shots for name in shot.curves)
