"""A Timeline performed by nano: rows of events -> noise to latents -> pictures and a sound per stem."""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from clapboard import clock
from clapboard.engines.nava.model import Latents
from clapboard.engines.nava.nano import net, pictures, sounds
from clapboard.engines.nava.nano.domain import LONGEST_S, SHORTEST_S, SIZE, STEMS, Plan, read
from clapboard.engines.nava.nano.net import PIXELS_PER_LATENT, TOKEN_S
from clapboard.engines.nava.picture import from_i420, to_i420
from clapboard.engines.nava.sampler import Guidance, Options, Prompt, Start, noise, sample
from clapboard.engines.nava.shots import FPS, picture_at
from clapboard.errors import EngineError, InputError
from clapboard.progress import Progress, Step
from clapboard.take import Frame, Picture, Samples, Source, Stems, Take
from clapboard.timeline import Stem, Timeline, Unstaged

WEIGHTS: Final = Path(__file__).with_name("weights")
OPTIONS: Final = Options(
    num_steps=24, shift=2.0, guidance=Guidance(video=2.0, audio=2.0, align=False, timbre=False), batch_calls_below=1024
)
"""Chosen on films that training never saw (docs/nano.md)."""
FADE: Final = 240
"""Samples (5 ms) over which a shot's sound begins and ends, so that cuts do not click."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One shot, ready to be sampled."""

    name: str
    frames: range
    samples: range
    tokens: int
    """Picture tokens in time, each 1/3 s."""
    plan: Plan

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the streams' latents, without the B."""
        width, height = SIZE
        count = -(-self.tokens * sounds.CODEC_RATE // (3 * sounds.LATENT_SAMPLES))
        video = (pictures.CHANNELS, 2 * self.tokens, height // PIXELS_PER_LATENT, width // PIXELS_PER_LATENT)
        return {"video": video} | {stem: (count, sounds.CHANNELS) for stem in STEMS}


def scenarios(timeline: Timeline) -> tuple[list[Scenario], list[Unstaged]]:
    """The shots in nano's units, and what of them it leaves out."""
    planned: list[Scenario] = []
    left: list[Unstaged] = []
    for shot, frames in zip(timeline.shots, timeline.shot_frames(), strict=True):
        seconds = len(frames) / timeline.fps
        if seconds > LONGEST_S + 1 / timeline.fps:
            raise EngineError(
                f"shot {shot.id} lasts {float(seconds):g} s; nano films at most {LONGEST_S:g} s a shot: shorten it"
            )
        first, last = (clock.first_sample(k, timeline.fps) for k in (frames.start, frames.stop))
        tokens = max(round(SHORTEST_S / TOKEN_S), math.ceil(seconds / TOKEN_S))
        plan, unstaged = read(shot)
        planned.append(
            Scenario(
                name=shot.id,
                frames=frames,
                samples=range(first, last),
                tokens=min(tokens, round(LONGEST_S / TOKEN_S)),
                plan=plan,
            )
        )
        left += unstaged
    spoken = [line.text for shot in timeline.shots for line in shot.lines]
    left += [Unstaged(text=text, reason="nano does not speak") for text in spoken]
    if timeline.music is not None:
        left.append(Unstaged(text=f"{timeline.music.mood} music", reason="nano makes no music"))
    known = {item.text for item in timeline.unstaged}
    return planned, [item for item in left if item.text not in known]


class NanoPicture:
    """Frames of nano's small pictures, enlarged to the film's size when they are asked for."""

    def __init__(
        self, timeline: Timeline, shots: Sequence[tuple[range, list[Frame]]], latents: list[Latents], seed: int
    ) -> None:
        self.width_px, self.height_px = timeline.size
        self.num_frames, self._fps, self._shots = timeline.num_frames, timeline.fps, shots
        self.latents, self.seed = latents, seed
        """All streams of each shot, [1, ...] each, and the seed that they came from."""

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        for frames, small in self._shots:
            for frame in range(max(start, frames.start), min(stop, frames.stop)):
                yield self._enlarged(small[min(picture_at(frame - frames.start, self._fps), len(small) - 1)])

    def _enlarged(self, small: Frame) -> Frame:
        """The middle of the small picture at the film's size."""
        (width, height), size = SIZE, (self.width_px, self.height_px)
        scale = max(size[0] / width, size[1] / height)
        planes = [small[:height].reshape(height, width)]
        planes += list(small[height:].reshape(2, height // 2, width // 2))
        out: list[np.ndarray] = []
        for index, plane in enumerate(planes):
            half = 2 if index else 1
            wide, high = size[0] // half, size[1] // half
            to = (max(wide, round(plane.shape[1] * scale)), max(high, round(plane.shape[0] * scale)))
            large = cv2.resize(plane, to, interpolation=cv2.INTER_CUBIC)
            left, top = (to[0] - wide) // 2, (to[1] - high) // 2
            out.append(large[top : top + high, left : left + wide].reshape(-1))
        return np.concatenate(out).reshape(-1, self.width_px)


class Performer:
    """The networks, loaded once, and what they make of Timelines."""

    def __init__(self, weights: Path = WEIGHTS, options: Options = OPTIONS, *, timed: bool = True) -> None:
        if options.reuse_below:
            raise InputError("nano's tokens hold what its context tells, so no step is reused; set reuse_below=0")
        self.net = net.load(weights / "nano.safetensors")
        self.pictures = pictures.load(weights / "pictures.safetensors")
        self.sounds = sounds.load_sounds(weights / "sounds.safetensors")
        self.options, self.timed = options, timed
        """With `timed` False the network is not told when events happen."""

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """Picture and stems together."""
        planned, left = scenarios(timeline)
        latents = self.sample(planned, [{} for _ in planned], seed, progress)
        stems = {Stem(name): self.sounded(timeline, planned, latents, name, seed) for name in STEMS}
        return Take(picture=self.filmed(timeline, planned, latents, seed), stems=stems, unstaged=tuple(left))

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """The asked stems, with the picture held and, if it is ours, the other stems beside it."""
        asked = [name for name in STEMS if Stem(name) in stems]
        if not asked:
            return {}
        planned, _ = scenarios(timeline)
        if isinstance(picture, NanoPicture) and picture.seed == seed:  # the sound that came with the picture
            return {Stem(name): self.sounded(timeline, planned, picture.latents, name, seed) for name in asked}
        if isinstance(picture, NanoPicture):
            held = [{n: x for n, x in made.items() if n not in asked} for made in picture.latents]
        else:
            held = [{"video": self.seen(timeline, planned_shot, picture)} for planned_shot in planned]
        latents = self.sample(planned, held, seed, progress)
        return {Stem(name): self.sounded(timeline, planned, latents, name, seed) for name in asked}

    def illustrate(self, timeline: Timeline, sound: Samples, *, seed: int, progress: Progress) -> Take:
        """A picture for a given sound of events, which stays as it is."""
        if sound.shape != (2, timeline.num_samples):
            raise InputError(
                f"the sound has the shape {sound.shape}, the film needs (2, {timeline.num_samples}); cut or fill it"
            )
        planned, left = scenarios(timeline)
        held = [{"effects": self.heard(scenario, sound)} for scenario in planned]
        latents = self.sample(planned, held, seed, progress)
        given = Source(name="given sound", start=0, length=timeline.num_samples, render=lambda a, b: sound[:, a:b])
        picture = self.filmed(timeline, planned, latents, seed)
        return Take(picture=picture, stems={Stem.EFFECTS: (given,)}, unstaged=tuple(left))

    # Between films and latents

    def sample(
        self, planned: Sequence[Scenario], held: Sequence[Latents], seed: int, progress: Progress
    ) -> list[Latents]:
        """Latents [1, ...] of all streams of every shot."""
        total, made = self.options.num_steps * len(planned), list[Latents]()
        for scenario, given in zip(planned, held, strict=True):
            before, own = len(made) * self.options.num_steps, f" of shot {len(made)}" if made else ""
            start = {name: noise(seed, name + own, shape)[None] for name, shape in scenario.shapes.items()}
            rows = torch.from_numpy(scenario.plan.rows(timed=self.timed))
            latents = sample(
                self.net,
                [Prompt(text_NE=rows, negative_NE=rows[:1] * 0)],
                Start(start, given),
                self.options,
                on_step=lambda done, _, __, before=before: progress(
                    Step(stage="sampling", done=before + done, total=total)
                ),
            )
            made.append(latents)
        return made

    @torch.inference_mode()
    def filmed(self, timeline: Timeline, planned: Sequence[Scenario], latents: list[Latents], seed: int) -> NanoPicture:
        """The picture of all shots."""
        shots = []
        for scenario, made in zip(planned, latents, strict=True):
            decoded = (
                self.pictures.decode(self.net.outward(made["video"], scenario.plan.hour))[0]
                .transpose(0, 1)
                .clamp(-1, 1)
            )
            shots.append((scenario.frames, to_i420(decoded)))
        return NanoPicture(timeline, shots, latents, seed)

    @torch.inference_mode()
    def seen(self, timeline: Timeline, scenario: Scenario, picture: Picture) -> Tensor:
        """The latent [1, K, F, H, W] of a shot of any film, by its pictures nearest in time."""
        count = scenario.shapes["video"][1] * pictures.TIME
        wanted = [
            min(clock.frame_at(clock.frame_time(k, FPS), timeline.fps), len(scenario.frames) - 1) for k in range(count)
        ]
        small: dict[int, Tensor] = {}
        for index, frame in enumerate(picture.frames(scenario.frames.start, scenario.frames.stop)):
            if index in wanted:
                small[index] = fitted(from_i420(frame))
        pictures_3NHW = torch.stack([small[k] for k in wanted], 1)
        return self.net.inward(self.pictures.encode(pictures_3NHW[None]), scenario.plan.hour)

    @torch.inference_mode()
    def heard(self, scenario: Scenario, sound: Samples) -> Tensor:
        """The latent [1, L, K] of a shot's part of a sound."""
        own = torch.from_numpy(sound[:, scenario.samples.start : scenario.samples.stop].mean(0, dtype=np.float32))
        count = scenario.shapes["effects"][0] * sounds.LATENT_SAMPLES
        whole = torch.zeros(2 * count)
        whole[: len(own)] = own[: 2 * count]
        return self.sounds.encode(sounds.from_film_rate(whole)[None])

    @torch.inference_mode()
    def sounded(
        self, timeline: Timeline, planned: Sequence[Scenario], latents: Sequence[Latents], stem: str, seed: int
    ) -> tuple[Source, ...]:
        """One mono source a shot, heard in the shot's room. Every stem and shot has noise of its own."""
        made: list[Source] = []
        for index, (scenario, own) in enumerate(zip(planned, latents, strict=True)):
            length = len(scenario.samples)
            waves = self.sounds.decode(own[stem], seed=zlib.crc32(f"{seed}/{stem}/{index}".encode()))
            samples = sounds.to_film_rate(waves)[..., :length].numpy().copy()
            samples = np.pad(samples, ((0, 0), (0, length - samples.shape[-1])))
            fade = np.minimum(np.arange(length) / FADE, 1).astype(np.float32)
            samples *= fade * fade[::-1]

            def render(a: int, b: int, samples: Samples = samples, first: int = scenario.samples.start) -> Samples:
                return samples[:, a - first : b - first]

            name, room = f"{stem} of shot {scenario.name}", timeline.shots[index].acoustics
            made.append(Source(name=name, start=scenario.samples.start, length=length, render=render, room=room))
        return tuple(made)


def fitted(picture_3HW: Tensor) -> Tensor:
    """A picture at nano's size: its middle, as wide or as high as nano's."""
    (width, height), (high, wide) = SIZE, picture_3HW.shape[1:]
    scale = min(wide / width, high / height)
    rows, columns = round(height * scale), round(width * scale)
    top, left = (high - rows) // 2, (wide - columns) // 2
    cut = picture_3HW[:, top : top + rows, left : left + columns].permute(1, 2, 0).numpy()
    small = cv2.resize(cut, SIZE, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC)
    return torch.from_numpy(small).permute(2, 0, 1).clamp(-1, 1)
