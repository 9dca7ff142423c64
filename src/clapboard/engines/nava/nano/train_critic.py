"""Trains the critic on the stage engine's films with their exact cues, worn as the autoencoders and nano wear them.

    codecs = pictures.load(), sounds.load_sounds()
    critic = train([learnt_from(paths), learnt_from(paths[:60], codecs)], Plan(), report=log)

Each sense is trained by itself: a cue becomes a bump in the wanted probability, the loss is binary cross-entropy. The
thresholds are those of the best F1 on films that were kept aside. On one core a step takes 0.14 s (measured).
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clapboard.engines.nava.nano import critic as critics
from clapboard.engines.nava.nano import films, scoring
from clapboard.engines.nava.nano.critic import MOMENTS_HZ, NUM_BANDS, Critic, halved, levels
from clapboard.engines.nava.nano.domain import FPS, KINDS, STEMS
from clapboard.engines.nava.nano.films import RATE_HZ, Clip
from clapboard.engines.nava.nano.pictures import PictureCodec
from clapboard.engines.nava.nano.scoring import Events, Truth
from clapboard.engines.nava.nano.sounds import SoundCodec
from clapboard.progress import Progress, Step, silent

SEEN_BUMP_S, HEARD_BUMP_S = 0.02, 0.01
"""Deviations of the bumps."""
SOFT_BUMP_S: Final = {"car": 0.06, "rain": 0.12}
"""Those of kinds whose instant is spread: a car nears and leaves, rain grows for 0.2 to 1.2 s."""
PRESENT_WEIGHT: Final = 6.0
"""Moments with an onset are rare; each counts as this many without."""
MOST_WORN: Final = 0.35
"""Deviation of the noise on the latents of the most worn films; latents have a deviation of 1."""
THRESHOLDS: Final = np.arange(0.15, 0.91, 0.05)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How long and how to train each sense."""

    minutes: float = 3.0
    """Of processor time."""
    batch_size: int = 8
    learning_rate: float = 3e-3
    seconds: float = 2.5
    """Length of the windows."""
    seed: int = 0
    aside: float = 0.12
    """Share of the films that choose the thresholds."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pictures of half the size, uint8 [N, 32, 56, 3], sounds float16 [stems, T], and when what happens."""

    pictures: Tensor
    sounds: Tensor
    truth: Truth
    seed: int
    """Of the film's Timeline: worn copies have that of their film."""


Report = Callable[[dict[str, float | str]], None]


def lesson(clip: Clip, truth: Truth) -> Lesson:
    """A clip as it is kept for training."""
    half = ((halved(torch.from_numpy(clip.pictures)) + 1) * 127.5).round().byte()
    sounds = torch.from_numpy(np.stack([clip.sounds[stem] for stem in STEMS])).half()
    return Lesson(half, sounds, truth, clip.timeline.seed)


@torch.inference_mode()
def worn(clip: Clip, codecs: tuple[PictureCodec, SoundCodec], strength: float, seed: int) -> Clip:
    """The clip through both autoencoders, with noise of this deviation on the latents: what nano's films look and
    sound like at best."""
    pictures, sounds = codecs
    generator = torch.Generator().manual_seed(seed)

    def shaken(latent: Tensor) -> Tensor:
        return latent + strength * torch.randn(latent.shape, generator=generator)

    shown = torch.from_numpy(clip.pictures).permute(3, 0, 1, 2).float() / 127.5 - 1
    with torch.autocast("cpu", torch.bfloat16):  # what it rounds is far below the noise
        decoded = pictures.decode(shaken(pictures.encode(shown[None])))[0]
    again = ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 3, 0).numpy()
    whole = torch.from_numpy(np.stack([clip.sounds[stem] for stem in STEMS]))
    heard = sounds.decode(shaken(sounds.encode(whole)), seed)[:, : whole.shape[1]].numpy()
    return Clip(again, dict(zip(STEMS, heard, strict=True)), clip.timeline)


def learnt_from(
    paths: Sequence[Path], codecs: tuple[PictureCodec, SoundCodec] | None = None, progress: Progress = silent
) -> list[Lesson]:
    """The clips of `films.make` with their truth; worn, each more or less, if there are autoencoders."""
    found: list[Lesson] = []
    for index, path in enumerate(paths):
        clip = films.read(path)
        if codecs is not None:
            clip = worn(clip, codecs, MOST_WORN * (index + 0.5) / len(paths), seed=index)
        found.append(lesson(clip, scoring.truth(clip.timeline)))
        progress(Step(stage="reading films", done=len(found), total=len(paths)))
    return found


# -------------------------------------------------------------------------------------------------- batches


def bumps(events: Events, start_s: float, count: int, rate_hz: float, narrow_s: float) -> Tensor:
    """Wanted probabilities [J, K] of the moments from `start_s` on."""
    wanted = torch.zeros(count, len(KINDS))
    moments_s = start_s + torch.arange(count) / rate_hz
    for k, kind in enumerate(KINDS):
        width_s = SOFT_BUMP_S.get(kind, narrow_s)
        for at_s in events.get(kind, ()):
            wanted[:, k] = torch.maximum(wanted[:, k], torch.exp(-0.5 * ((moments_s - at_s) / width_s) ** 2))
    return wanted


def counted(truth: Truth, start_s: float, count: int, rate_hz: float) -> Tensor:
    """What of [J, K] counts in the loss: all but the moments around faint events."""
    return 1 - (bumps(truth.faint, start_s, count, rate_hz, 0.05) > 0.1).float()


def drawn(groups: Sequence[Sequence[Lesson]], rng: np.random.Generator) -> Lesson:
    """A lesson of one of the groups, each as likely as the others."""
    group = groups[int(rng.integers(len(groups)))]
    return group[int(rng.integers(len(group)))]


Batch = tuple[Tensor, Tensor, Tensor]
"""Input, wanted probabilities and what of them counts, [B, J, K] both."""


def beside(x: Tensor, axis: int) -> Tensor:
    """The mean of both neighbours along an axis, the last of each end being its own."""
    count = x.shape[axis]
    before = torch.cat([x.narrow(axis, 0, 1), x.narrow(axis, 0, count - 1)], axis)
    after = torch.cat([x.narrow(axis, 1, count - 1), x.narrow(axis, count - 1, 1)], axis)
    return (before + after) / 2


def pictures_batch(groups: Sequence[Sequence[Lesson]], plan: Plan, rng: np.random.Generator) -> Batch:
    """Windows of pictures, worn: other colours, blurred in space and time, shaken by latent cells, noisy."""
    count, shown, wanted, weight = round(plan.seconds * FPS), [], [], []
    for own in (drawn(groups, rng) for _ in range(plan.batch_size)):
        first = int(rng.integers(len(own.pictures) - count + 1))
        shown.append(own.pictures[first : first + count])
        wanted.append(bumps(own.truth.seen, first / FPS, count, FPS, SEEN_BUMP_S))
        weight.append(counted(own.truth, first / FPS, count, FPS))
    x = torch.stack(shown).float() / 127.5 - 1
    size = len(x)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(rng.uniform(low, high, (size, *shape)).astype(np.float32))

    def normal(*shape: int) -> Tensor:
        return torch.from_numpy(rng.standard_normal((size, *shape), np.float32))

    x = x * uniform(0.8, 1.2, 1, 1, 1, 3) + uniform(-0.1, 0.1, 1, 1, 1, 3)
    for axis, most in ((3, 0.6), (2, 0.6), (1, 0.4)):  # along the rows, the columns and in time
        x = torch.lerp(x, beside(x, axis), uniform(-0.4, most, 1, 1, 1, 1).clamp(min=0))
    cells = F.interpolate(normal(3, -(-count // 4), 8, 14), (count, 32, 56)).permute(0, 2, 3, 4, 1)
    x = x + cells * uniform(-0.1, 0.15, 1, 1, 1, 1).clamp(min=0)
    x = x + normal(*x.shape[1:]) * uniform(-0.05, 0.1, 1, 1, 1, 1).clamp(min=0)
    return x, torch.stack(wanted), torch.stack(weight)


def sounds_batch(groups: Sequence[Sequence[Lesson]], plan: Plan, rng: np.random.Generator) -> Batch:
    """Windows of sound, worn: louder or softer, duller or brighter, noisy. The ambience is another film's, with its own
    rain, so that events are not guessed from it."""
    length = round(plan.seconds * RATE_HZ)
    heard, wanted, weight, rain = [], [], [], KINDS.index("rain")
    for both in ((drawn(groups, rng), drawn(groups, rng)) for _ in range(plan.batch_size)):
        starts = [int(rng.integers(one.sounds.shape[1] - length + 1)) for one in both]
        heard.append(
            torch.stack([one.sounds[i, at : at + length] for i, (one, at) in enumerate(zip(both, starts, strict=True))])
        )
        count = length * MOMENTS_HZ // RATE_HZ
        target, beside = (
            bumps(one.truth.heard, at / RATE_HZ, count, MOMENTS_HZ, HEARD_BUMP_S)
            for one, at in zip(both, starts, strict=True)
        )
        target[:, rain] = beside[:, rain]
        wanted.append(target)
        weight.append(counted(both[0].truth, starts[0] / RATE_HZ, count, MOMENTS_HZ))
    x = torch.stack(heard).float()
    size = len(x)
    gain_db = rng.uniform(-9, 6, (size, len(STEMS), 1)).astype(np.float32)
    hiss_db = rng.uniform(-95, -55, (size, len(STEMS), 1)).astype(np.float32)
    hiss = torch.from_numpy(rng.standard_normal(x.shape, np.float32))
    x = x * 10 ** torch.from_numpy(gain_db / 20) + hiss * 10 ** torch.from_numpy(hiss_db / 20)
    tilt = torch.from_numpy(rng.normal(0, 0.25, (size, 1, len(STEMS), 4)).astype(np.float32))
    curve = F.interpolate(tilt.flatten(0, 1), NUM_BANDS, mode="linear", align_corners=True).flatten(1)[:, None]
    return levels(x) + curve, torch.stack(wanted), torch.stack(weight)


# ------------------------------------------------------------------------------------------------- training


def loss_of(logits: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy, onsets counting more."""
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (each * weight * (1 + (PRESENT_WEIGHT - 1) * wanted)).mean()


def fit(net: nn.Module, batch: Callable[[np.random.Generator], Batch], plan: Plan, report: Report) -> None:
    """One sense, until its minutes of processor time are over; the rate falls along a cosine to 0."""
    rng, name = np.random.default_rng([plan.seed, 22]), type(net).__name__.lower()
    optimizer = torch.optim.AdamW(net.parameters(), lr=plan.learning_rate, weight_decay=0.01, betas=(0.9, 0.98))
    began_s, steps, recent = time.process_time(), 0, 0.0
    while (passed := (time.process_time() - began_s) / (60 * plan.minutes)) < 1:
        rate = plan.learning_rate * min(1.0, (steps + 1) / 50) * 0.5 * (1 + math.cos(math.pi * passed))
        for group in optimizer.param_groups:
            group["lr"] = rate
        x, wanted, weight = batch(rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)
        loss = loss_of(logits, wanted, weight)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        steps += 1
        recent = loss.item() if steps == 1 else 0.98 * recent + 0.02 * loss.item()
        if steps % 100 == 0:
            report({"sense": name, "step": steps, "loss": recent, "passed": passed})


@torch.inference_mode()
def chances(critic: Critic, own: Lesson) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of what is seen [N, K] and heard [J, K]."""
    seen = critic.seen(own.pictures[None].float() / 127.5 - 1)
    heard = critic.heard(levels(own.sounds[None].float()))
    return torch.sigmoid(seen)[0].numpy(), torch.sigmoid(heard)[0].numpy()


def best_thresholds(found: Sequence[np.ndarray], truths: Sequence[Truth], rate_hz: float, sense: str) -> Tensor:
    """Of each kind the threshold of the best F1, the middle one where several are."""
    chosen = torch.full((len(KINDS),), 0.3)
    for k, kind in enumerate(KINDS):
        apart_s = critics.APART_S.get(kind, critics.USUAL_APART_S)
        values = []
        for threshold in THRESHOLDS:
            parts = [
                scoring.tally(
                    critics.onsets(own[:, k], rate_hz, float(threshold), apart_s),
                    (truth.seen if sense == "seen" else truth.heard).get(kind, ()),
                    truth.faint.get(kind, ()),
                )
                for own, truth in zip(found, truths, strict=True)
            ]
            values.append(scoring.score(parts).f1)
        best = np.flatnonzero(np.array(values) >= max(values) - 1e-9)
        if max(values) > 0:
            chosen[k] = float(THRESHOLDS[best[len(best) // 2]])
    return chosen


def train(groups: Sequence[Sequence[Lesson]], plan: Plan, report: Report = lambda _: None) -> Critic:
    """Both senses, then their thresholds. Groups, such as true films and worn ones, are drawn from equally often."""
    torch.manual_seed(plan.seed)
    critic, rng = Critic(), np.random.default_rng([plan.seed, 23])
    seeds = sorted({one.seed for group in groups for one in group})
    apart = {int(seed) for seed in rng.permutation(seeds)[: max(1, round(plan.aside * len(seeds)))]}
    aside = [one for group in groups for one in group if one.seed in apart]
    own = [[one for one in group if one.seed not in apart] for group in groups]
    fit(critic.seen, lambda rng: pictures_batch(own, plan, rng), plan, report)
    fit(critic.heard, lambda rng: sounds_batch(own, plan, rng), plan, report)
    critic.eval().requires_grad_(False)
    both = [chances(critic, one) for one in aside]
    truths = [one.truth for one in aside]
    critic.seen_from_K.copy_(best_thresholds([seen for seen, _ in both], truths, FPS, "seen"))
    critic.heard_from_K.copy_(best_thresholds([heard for _, heard in both], truths, MOMENTS_HZ, "heard"))
    return critic
