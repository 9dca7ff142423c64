"""Trains nano's sound autoencoder on the dry stems of rendered films.

    train(sorted(Path("films").glob("*.npz")), Path("sounds.safetensors"), Plan(minutes=20), report=log)

Each film is an .npz whose `effects`, `ambience` and `music` are mono at 24 kHz. On one core a step takes 0.2 s in
bfloat16 (measured). The shipped weights took two runs on 380 and 665 films: about 1,100 steps, then 1,810 from there.

The loss is the energy distance (Gritsenko et al. 2020, "A spectral energy distance for parallel speech synthesis"):
two decodings y, y' of one sound x differ in their noise only, and d(x, y) + d(x, y') - d(y, y') is least when they are
spread as the true sounds are. So rain stays as rough as rain, where a plain distance would make it soft.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from clapboard.engines.nava.nano import sounds
from clapboard.engines.nava.nano.sounds import CODEC_RATE, GAIN, SoundCodec, load_sounds

STEMS: Final = frozenset({"effects", "ambience", "music"})
"""Those that a film has are used."""
RESOLUTIONS: Final = ((128, 60), (512, 128), (2048, 512))
"""Window and hop of each spectrum in the loss: 5 ms for onsets, 21 ms, and 85 ms for pitch."""
ONSET_STEP: Final = 40
"""Crops start on multiples of this: starts of frames (1/24 s) and of latents (80 ms) lie multiples of it apart."""
FAINT: Final = 3e-3
"""Magnitudes below this after the gain, -63 dBFS, are as good as silence."""
SOFT: Final = 0.05
"""Keeps crops of a mean below about -50 dBFS from drowning the rest."""
EVEN_BELOW_HZ: Final = 400.0
"""Up to about here the ear's bands are equally wide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How long and how to train; stops at whichever of the two ends comes first."""

    minutes: float = 20.0
    num_steps: int = 100_000
    batch_size: int = 8
    num_latents: int = 12
    """Length of a crop: 0.96 s."""
    learning_rate: float = 1.5e-3
    latent_noise: float = 0.15
    """Deviation of the noise put on latents: neighbours must sound alike, or diffusion's small errors are heard."""
    events_part: float = 0.65
    """Share of crops with something that begins, silence before it or not."""
    silent_part: float = 0.08
    """Share of crops that are silent; the rest is taken anywhere."""
    seed: int = 0
    save_every_s: float = 180.0


Report = Callable[[dict[str, float]], None]


class Crops:
    """Random pieces of the stems that sound; silence is made, not read."""

    def __init__(self, paths: Sequence[Path], plan: Plan) -> None:
        self.plan = plan
        self.length = plan.num_latents * sounds.LATENT_SAMPLES
        self.stems: list[NDArray[np.float16]] = []
        self.starts: list[tuple[int, NDArray[np.int64]]] = []
        """Index of a stem, and the samples where something begins in it."""
        for path in paths:
            with np.load(path) as film:
                for name in sorted(STEMS & film.keys()):
                    stem = film[name].astype(np.float16)
                    if np.abs(stem).max() > 1e-3:
                        starts = starts_of_change(stem)
                        if len(starts):
                            self.starts.append((len(self.stems), starts))
                        self.stems.append(stem)

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """One crop, at a random level."""
        out, kind = np.zeros(self.length, np.float32), rng.random()
        if kind < self.plan.silent_part:
            return out
        if kind < self.plan.silent_part + self.plan.events_part and self.starts:
            index, starts = self.starts[int(rng.integers(len(self.starts)))]
            start = int(rng.choice(starts)) - int(rng.integers(self.length))
        else:
            index = int(rng.integers(len(self.stems)))
            start = int(rng.integers(-self.length // 2, len(self.stems[index]) - self.length // 2))
        stem = self.stems[index]
        start -= start % ONSET_STEP
        first, last = max(start, 0), min(start + self.length, len(stem))
        out[first - start : last - start] = stem[first:last]
        return out * np.float32(10 ** (rng.uniform(-4, 2) / 20))

    def batch(self, rng: np.random.Generator) -> Tensor:
        """[B, T]."""
        return torch.from_numpy(np.stack([self.draw(rng) for _ in range(self.plan.batch_size)]))


def starts_of_change(stem: NDArray[np.float16], hop: int = 240) -> NDArray[np.int64]:
    """Samples where the level rises by 6 dB within 10 ms, from -60 dBFS on."""
    blocks = stem[: len(stem) // hop * hop].astype(np.float32).reshape(-1, hop)
    level = np.sqrt((blocks**2).mean(1)) + 1e-3
    return (np.flatnonzero(level[1:] > 2 * level[:-1]) + 1) * hop


# ---------------------------------------------------------------------------------------------------- loss


def magnitudes(samples_BT: Tensor) -> list[Tensor]:
    """Spectral magnitudes at every resolution; white noise of deviation 1 gives 1 on average of squares."""
    out = []
    for window, hop in RESOLUTIONS:
        shape = torch.hann_window(window, device=samples_BT.device)
        spectra = torch.stft(samples_BT, window, hop, window=shape * shape.square().sum().rsqrt(), return_complex=True)
        out.append((spectra.real.square() + spectra.imag.square() + 1e-9).sqrt())
    return out


def weights_of_bins(num_bins: int) -> Tensor:
    """[bins, 1]: low bins count more, as in the ear, where 12 kHz are few bands; 1 on average."""
    weight = 1 / (torch.linspace(0, CODEC_RATE / 2, num_bins) + EVEN_BELOW_HZ)
    return (weight / weight.mean())[:, None]


def distance(a: Sequence[Tensor], b: Sequence[Tensor], levels: Sequence[Tensor]) -> Tensor:
    """How unlike sounds are: differences of magnitude against each crop's level, and of its logarithm.

    `levels` are mean magnitudes [B, 1, 1] at each resolution.
    """
    total = a[0].new_zeros(())
    for x, y, level in zip(a, b, levels, strict=True):
        unlike = (x - y).abs() / (4 * level + SOFT) + ((x + FAINT) / (y + FAINT)).log().abs()
        total = total + (unlike * weights_of_bins(x.shape[1])).mean()
    return total / len(a)


def losses(codec: SoundCodec, samples_BT: Tensor, noise: float, generator: torch.Generator) -> dict[str, Tensor]:
    """The parts of the loss; their sum is what is trained."""
    with torch.autocast("cpu", torch.bfloat16):
        latent_BLK = codec.encode(samples_BT)
        rough = latent_BLK + noise * torch.randn(latent_BLK.shape, generator=generator)
        noises, tones = codec.strengths(rough)
    count = len(samples_BT)
    y = sounds.sounded(torch.cat((noises, noises)), torch.cat((tones, tones)), generator)
    of_x, of_y = magnitudes(samples_BT * GAIN), magnitudes(y * GAIN)
    of_1, of_2 = [part[:count] for part in of_y], [part[count:] for part in of_y]
    levels = [part.mean((1, 2), keepdim=True) for part in of_x]
    flat = latent_BLK.flatten(0, 1)
    spread = (flat.var(0) + 1e-6).log()
    return {
        "spectral": distance(of_x, of_1, levels) + distance(of_x, of_2, levels) - distance(of_1, of_2, levels),
        "latent": 0.1 * (flat.mean(0).square() + spread.square()).mean() + 0.1 * F.relu(flat.abs() - 3).square().mean(),
    }


# ------------------------------------------------------------------------------------------------ training


def train(
    paths: Sequence[Path], weights: Path, plan: Plan, report: Report, start: SoundCodec | None = None
) -> SoundCodec:
    """A codec trained on these films, from new weights or those of `start`.

    It is also written to `weights` now and then; `report` gets one record a minute.
    """
    torch.manual_seed(plan.seed)  # initial weights; everything else draws from its own generators
    rng, generator = np.random.default_rng([plan.seed, 1]), torch.Generator().manual_seed(plan.seed)
    crops = Crops(paths, plan)
    codec, mean = SoundCodec(), SoundCodec()
    if start is not None:
        codec.load_state_dict(start.state_dict())
        codec.mean_K.zero_()
        codec.std_K.fill_(1)
    mean.load_state_dict(codec.state_dict())
    optimizer = torch.optim.AdamW(codec.parameters(), plan.learning_rate, betas=(0.8, 0.99), weight_decay=0.01)
    begin_s = saved_s = told_s = time.monotonic()
    sums: dict[str, float] = {}
    for step in range(plan.num_steps):
        now_s = time.monotonic()
        done = max((now_s - begin_s) / (60 * plan.minutes), step / plan.num_steps)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * min(1, (step + 1) / 100) * max(0.02, math.cos(math.pi / 2 * done) ** 2)
        parts = losses(codec, crops.batch(rng), plan.latent_noise, generator)
        loss = torch.stack(list(parts.values())).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 2.0, error_if_nonfinite=True)
        optimizer.step()
        follow(mean, codec, min(0.995, step / (step + 20)))
        for name, part in parts.items():
            sums[name] = sums.get(name, 0.0) + float(part.detach())
        sums["steps"] = sums.get("steps", 0.0) + 1
        if now_s - told_s > 60:
            count = sums.pop("steps")
            report({"step": step, "minute": (now_s - begin_s) / 60} | {k: v / count for k, v in sums.items()})
            told_s, sums = now_s, {}
        if now_s - saved_s > plan.save_every_s:
            finish(mean, crops, plan, weights)
            saved_s = now_s
    finish(mean, crops, plan, weights)
    return load_sounds(weights)


@torch.no_grad()
def follow(mean: SoundCodec, codec: SoundCodec, keep: float) -> None:
    """Move the averaged weights towards the trained ones."""
    for slow, fast in zip(mean.parameters(), codec.parameters(), strict=True):
        slow.lerp_(fast, 1 - keep)


@torch.no_grad()
def finish(codec: SoundCodec, crops: Crops, plan: Plan, weights: Path) -> None:
    """Measure the latents' mean and deviation over sounding crops, and write the weights."""
    rng = np.random.default_rng([plan.seed, 2])
    codec.mean_K.zero_()
    codec.std_K.fill_(1)
    with torch.autocast("cpu", torch.bfloat16):
        latents = torch.cat([codec.encode(crops.batch(rng)).flatten(0, 1) for _ in range(8)])
    codec.mean_K.copy_(latents.mean(0))
    codec.std_K.copy_(latents.std(0))
    sounds.save_sounds(codec, weights, {name: str(value) for name, value in asdict(plan).items()})
    codec.mean_K.zero_()
    codec.std_K.fill_(1)
