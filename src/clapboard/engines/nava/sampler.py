"""From noise to latents: the guided calls of every step, streams that are held, a first frame that is given.

    start = {"video": noise(7, "video", (48, 37, 44, 80))[None], "audio": noise(7, "audio", (152, 128))[None]}
    latents = sample(model, [prompt], Start(start), Options())
    again = sample(model, [prompt], Start(start, held={"video": latents["video"]}), Options())  # the sound again

Options that change the result are off by default. `Options.as_released` is the one switch between what the
release does and what it means to do.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from clapboard.engines.nava.config import in_order, kind
from clapboard.engines.nava.model import Latents, Nava, Part, Prepared
from clapboard.engines.nava.shortcuts import StepCache
from clapboard.engines.nava.solvers import NUM_TRAIN_STEPS, SHIFT, SOLVERS, as_timesteps, guide, noise_levels, timestep
from clapboard.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """Text embeddings [N, E] of one film, and voices [R, S] with the context rows that they replace."""

    text_NE: Tensor
    negative_NE: Tensor
    negative_audio_NE: Tensor | None = None
    """Used when there is sound alone; `negative_NE` if None."""
    voices_RS: Tensor | None = None
    positions: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Guidance:
    """Strengths as the release names them (joint run config). Its `video` and `audio` count from 0 where alignment
    or timbre guidance is on, and from 1 (the usual CFG scale) where neither is."""

    video: float = 3.0
    audio: float = 2.0
    align: bool = True
    """Away from the prediction in which picture and sound do not see each other."""
    video_align: float = 3.0
    audio_align: float = 2.0
    timbre: bool = True
    """Away from the prediction without voices, for the sound only."""
    audio_timbre: float = 3.0

    def weights(self, stream: str, calls: Sequence[str]) -> dict[str, float]:
        """Weights of `guide` for one stream, given the calls that are made."""
        scale, align = (self.video, self.video_align) if stream == "video" else (self.audio, self.audio_align)
        timbre = self.audio_timbre if stream == "audio" and "unvoiced" in calls else 0.0
        negative = scale if "masked" in calls or timbre else scale - 1
        all_weights = {"negative": negative, "masked": align, "unvoiced": timbre}
        return {name: weight for name, weight in all_weights.items() if name in calls and weight}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to sample. What comes after `as_released` trades exactness for time and is off by default."""

    num_steps: int = 50
    shift: float = SHIFT
    solver: Literal["unipc", "euler"] = "unipc"
    guidance: Guidance = field(default_factory=Guidance)
    held_noisy: bool = False
    """Give held streams the noise level of the others (the release never saw unequal ones), not none."""
    batch_calls_below: int = 512
    """With fewer tokens than this, calls that see the same tokens are one batch: quicker there (measured, see
    docs/nava.md), equal up to rounding."""
    as_released: bool = False
    """Leave the first frame where the solver put it, and the voice out of the masked call."""
    guide_from_t: float = 0.0
    guide_until_t: float = float(NUM_TRAIN_STEPS)
    """Guide only at these timesteps (arXiv 2404.07724)."""
    guide_every: int = 1
    """Compute the guidance term at every k-th step and keep it in between."""
    reuse_below: float = 0.0
    """Skip the blocks while the first one changes its tokens by less than this share (see `StepCache`)."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is there before the first step, [B, ...] each."""

    noise: Latents
    held: Latents = field(default_factory=dict)
    """Clean latents of the streams that stay as they are."""
    first_frame: Tensor | None = None
    """The clean first latent frame of the picture, [B, K, 1, H, W]."""


OnStep = Callable[[int, int, Latents], None]
"""Called after every step with its number from 1, the number of steps, and the latents. Raising stops the loop."""


def noise(seed: int, stream: str, shape: Sequence[int]) -> Tensor:
    """Standard normal noise that depends on these three alone, whatever else is sampled and on whatever device."""
    key = f"{seed}/{stream}/{'x'.join(map(str, shape))}".encode()
    generator = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(key).digest()[:8], "big") >> 1)
    return torch.randn(*shape, generator=generator)


@dataclass(frozen=True, slots=True)
class Call:
    """Calls of the model made as one batch: their names, contexts and whether the streams are masked."""

    names: tuple[str, ...]
    prepared: Prepared
    masked: bool


def call_names(options: Options, prompts: Sequence[Prompt], streams: Sequence[str]) -> list[str]:
    """The model calls of a guided step, the conditional one first."""
    guidance, kinds = options.guidance, set(map(kind, streams))
    has_voices = any(prompt.positions for prompt in prompts) and "audio" in kinds
    wanted = {
        "conditional": True,
        "negative": True,
        "masked": guidance.align and len(kinds) > 1,
        "unvoiced": guidance.timbre and has_voices,
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def context_of(name: str, model: Nava, prompts: Sequence[Prompt], streams: Sequence[str], options: Options) -> Tensor:
    """The context [B, C, d] of one of the calls (spec 5.4)."""
    if name == "negative":
        alone = "video" not in streams
        texts = [p.negative_audio_NE if alone and p.negative_audio_NE is not None else p.negative_NE for p in prompts]
        return model.context(texts)
    texts = [prompt.text_NE for prompt in prompts]
    silent = name == "unvoiced" or streams == ["video"] or (name == "masked" and options.as_released)
    rows = [] if silent else [prompt.voices_RS for prompt in prompts if prompt.voices_RS is not None]
    if not rows:
        return model.context(texts)
    for prompt in prompts:
        given = 0 if prompt.voices_RS is None else len(prompt.voices_RS)
        if given != len(prompt.positions) and not (given == 1 and len(prompts) == 1):
            raise InputError(f"{given} voices for {len(prompt.positions)} speech spans; give one voice for each span")
    return model.context(texts, torch.cat(rows), [prompt.positions for prompt in prompts])


def plan_calls(model: Nava, prompts: Sequence[Prompt], latents: Latents, options: Options) -> list[Call]:
    """All calls of a guided step with their contexts' keys and values; small ones are batched."""
    streams = list(latents)
    names = call_names(options, prompts, streams)
    batches = [[name] for name in names]
    grids = {name: model.ends[kind(name)].grid(x) or x.shape[1:2] for name, x in latents.items()}
    if sum(math.prod(grid) for grid in grids.values()) < options.batch_calls_below:
        together = [name for name in names if name != "masked"]
        batches = [together] + [["masked"]] * ("masked" in names)
    calls = []
    for batch in batches:
        context = torch.cat([context_of(name, model, prompts, streams, options) for name in batch])
        calls.append(Call(tuple(batch), model.prepare(context, streams), batch == ["masked"]))
    return calls


class Predictor:
    """The guided velocity of one step: makes the calls and combines them."""

    def __init__(self, model: Nava, calls: Sequence[Call], options: Options, clean_first_frame: bool) -> None:
        self.model, self.calls, self.options = model, calls, options
        self.clean_first_frame = clean_first_frame
        self.names = [name for call in calls for name in call.names]
        self.kept: Latents = {}
        """The last guidance term per stream."""
        self.cache = StepCache(options.reuse_below) if options.reuse_below else None

    def embed(self, count: int, latents: Latents, t: dict[str, Tensor]) -> tuple[Latents, dict[str, Part]]:
        """Latents and tokens for `count` calls in one batch; made once a step for all calls of that count."""
        distinct = {id(tau): tau.repeat(count) for tau in t.values()}
        many = {name: x.repeat(count, *[1] * (x.ndim - 1)) for name, x in latents.items()} if count > 1 else latents
        many_t = {name: distinct[id(tau)] for name, tau in t.items()}
        return many, self.model.embed(many, many_t, self.clean_first_frame)

    def call(self, call: Call, latents: Latents, streams: dict[str, Part]) -> dict[str, Latents]:
        """Velocities of the call's names."""
        if self.cache is None:
            output = self.model.denoise(streams, latents, call.prepared, call.masked)
        else:
            key = "+".join(call.names)
            output = self.cache.denoise(self.model, key, streams, latents, call.prepared, call.masked)
        count = len(call.names)
        chunks = {name: x.chunk(count) for name, x in output.items()}
        return {name: {s: chunks[s][i] for s in chunks} for i, name in enumerate(call.names)}

    def make_calls(self, calls: Sequence[Call], latents: Latents, t: dict[str, Tensor]) -> dict[str, Latents]:
        """Velocities by the calls' names."""
        seen: dict[str, Latents] = {}
        embedded = {count: self.embed(count, latents, t) for count in {len(call.names) for call in calls}}
        for call in calls:
            seen |= self.call(call, *embedded[len(call.names)])
        return seen

    def guided(self, index: int, latents: Latents, t: dict[str, Tensor], level: int) -> Latents:
        """The velocity to follow at this step, at timestep `level`."""
        options = self.options
        is_guided = options.guide_from_t <= level <= options.guide_until_t
        if not is_guided or (index % options.guide_every and self.kept):
            first = self.calls[0]
            alone = Call(first.names[:1], first_rows(first.prepared, len(next(iter(latents.values())))), False)
            conditional = self.call(alone, *self.embed(1, latents, t))["conditional"]
            return {name: v + self.kept[name] if is_guided else v for name, v in conditional.items()}
        seen = self.make_calls(self.calls, latents, t)
        conditional = seen.pop("conditional")
        guided = {}
        for stream, velocity in conditional.items():
            weights = options.guidance.weights(stream, self.names)
            guided[stream] = guide(velocity, {name: seen[name][stream] for name in weights}, weights)
        if options.guide_every > 1:
            self.kept = {stream: guided[stream] - velocity for stream, velocity in conditional.items()}
        return guided


def first_rows(prepared: Prepared, count: int) -> Prepared:
    """The keys and values of the first samples of a batch."""
    return [{name: (k[:count], v[:count]) for name, (k, v) in block.items()} for block in prepared]


@torch.no_grad()
def sample(
    model: Nava,
    prompts: Sequence[Prompt],
    start: Start,
    options: Options,
    *,
    on_step: OnStep | None = None,
    predictor: type[Predictor] = Predictor,
) -> Latents:
    """Latents of every stream, [B, ...] each. Cancel by raising in `on_step`."""
    streams = in_order(start.noise | start.held)
    x = {name: start.noise[name] for name in streams if name not in start.held}
    if not x:
        raise InputError("every stream is held, so there is nothing to sample; free one")
    if options.held_noisy and start.held.keys() - start.noise.keys():
        raise InputError("held_noisy needs noise for the held streams too; add it to the start")
    sigmas = noise_levels(options.num_steps, options.shift)
    solvers = {name: SOLVERS[options.solver](sigmas) for name in x}
    first_frame = start.first_frame if "video" in x else None
    calls = plan_calls(model, prompts, {name: (x | start.held)[name] for name in streams}, options)
    predict = predictor(model, calls, options, first_frame is not None)
    device = next(iter(x.values())).device
    clean_t = as_timesteps(0, len(prompts), device)
    for index, sigma in enumerate(sigmas[:-1]):
        level = timestep(sigma)
        tau = as_timesteps(level, len(prompts), device)
        if first_frame is not None:
            x["video"] = with_first_frame(x["video"], first_frame)
        held, held_t = start.held, clean_t
        if options.held_noisy:
            held, held_t = {n: (1 - sigma) * z + sigma * start.noise[n] for n, z in held.items()}, tau
        t = {name: tau if name in x else held_t for name in streams}
        velocity = predict.guided(index, {name: x[name] if name in x else held[name] for name in streams}, t, level)
        x = {name: solvers[name].step(index, x[name], velocity[name]) for name in x}
        if index + 1 == options.num_steps and first_frame is not None and not options.as_released:
            x["video"] = with_first_frame(x["video"], first_frame)
        if on_step is not None:
            on_step(index + 1, options.num_steps, x)
    return x | start.held


def with_first_frame(video_BKFHW: Tensor, first_BK1HW: Tensor) -> Tensor:
    """The video with its first latent frame replaced."""
    return torch.cat([first_BK1HW, video_BKFHW[:, :, 1:]], 2)
