"""Training nano: one loss for every use, because each stream of each sample draws its own part.

    trainer = NanoTrainer(fresh(nano(), seed=0), clips, TrainConfig(num_steps=3000, batch_size=32, bfloat16=True))
    for record in trainer.run(): ...

A sample is one of these: all streams from noise, at one noise level; a noise level for each stream; or some streams
given clean and the others from noise. The network then makes films, sound for a picture, a picture for a sound and
one stem again, and is trained on nothing else. The loop, its checkpoints and exact resuming are the NAVA trainer's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from clapboard.engines.nava.config import in_order
from clapboard.engines.nava.model import Latents
from clapboard.engines.nava.nano.domain import LONGEST_S, Plan
from clapboard.engines.nava.nano.net import FRAMES_PER_LATENT, SOUND_LATENTS_HZ, NanoNet
from clapboard.engines.nava.solvers import NUM_TRAIN_STEPS
from clapboard.engines.nava.train import Loss, Task, TrainConfig, Trainer

SHARES = {"video": 1.0, "effects": 1.0, "ambience": 0.25}
"""Weights of the streams' mean squared errors."""
WINDOWS = ((0.0, 2.0), (2.0, 2.0), (0.0, 3.0), (0.0, 4.0))
"""Start and length in seconds of what a step sees of its clips: latents of picture and sound begin together there."""
WINDOW_ODDS = (0.4, 0.3, 0.15, 0.15)
ONE_LEVEL, OWN_LEVELS = 0.45, 0.25
"""Shares of the samples with one noise level for all streams, and with one for each; the others have given streams."""
HIDE_TIMES, DROP_ROWS = 0.5, 0.1
FINAL_RATE = 0.05
"""The learning rate falls to this share of itself, along a cosine."""


@dataclass(frozen=True, slots=True)
class LatentClip:
    """One clip of four seconds: latents without the B, and its plan."""

    latents: Latents
    plan: Plan


def lengths_of(seconds: float) -> tuple[int, int]:
    """Latent frames and sound latents of a film of whole picture tokens."""
    return round(seconds * 24) // FRAMES_PER_LATENT, math.ceil(seconds * SOUND_LATENTS_HZ)


def window(latents: Latents, start_s: float, seconds: float) -> Latents:
    """A part of a clip."""
    (first, begin), (frames, count) = lengths_of(start_s), lengths_of(seconds)
    return {
        name: x[:, first : first + frames] if name == "video" else x[begin : begin + count]
        for name, x in latents.items()
    }


def levels(names: Sequence[str], count: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Sigma per stream, [count] each: 0 where the stream is given. Logit-normal, as in arXiv 2403.03206, but nearer to
    noise, where it is decided what happens when."""
    own = torch.sigmoid(0.6 + 1.2 * torch.randn(len(names), count, generator=generator))
    way = torch.rand(count, generator=generator)
    given = torch.rand(len(names), count, generator=generator) < 0.5
    given[torch.randint(len(names), (count,), generator=generator), torch.arange(count)] = False  # something is left
    sigma = torch.where(way < ONE_LEVEL, own[:1], own)
    sigma = torch.where((way >= ONE_LEVEL + OWN_LEVELS) & given, 0.0, sigma)
    return dict(zip(names, sigma, strict=True))


def velocity_loss(net: NanoNet, clean: Latents, noise: Latents, sigma: dict[str, Tensor], context: Tensor) -> Loss:
    """Mean squared error of the velocity for the streams that are not given, weighted by `SHARES`."""

    def spread(name: str) -> Tensor:
        return sigma[name].view(-1, *[1] * (clean[name].ndim - 1))

    mixed = {name: (1 - spread(name)) * z + spread(name) * noise[name] for name, z in clean.items()}
    t = {name: (NUM_TRAIN_STEPS * own).double() for name, own in sigma.items()}
    out = net(mixed, t, net.prepare(context, tuple(clean)))
    errors: dict[str, Tensor] = {}
    streams: dict[str, Tensor] = {}
    for name, z in clean.items():
        asked = sigma[name] > 0
        square = (out[name].float() - (noise[name] - z)).square().flatten(1).mean(1)
        if asked.any():
            errors[name] = square[asked]
        streams[name] = SHARES[name] * (square * asked).mean()
    return Loss(torch.stack(list(streams.values())).sum(), streams, errors)


class Both(torch.optim.Optimizer):
    """Muon for the blocks' matrices, AdamW for the rest, as one optimiser."""

    def __init__(self, matrices: list[nn.Parameter], others: list[nn.Parameter], config: TrainConfig) -> None:
        rate, decay = config.learning_rate, config.weight_decay
        self.parts = (
            torch.optim.Muon(matrices, lr=rate, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=rate, weight_decay=0.0, betas=(0.9, 0.98)),
        )
        super().__init__([{"params": [*matrices, *others]}], {})
        self.param_groups = [group for part in self.parts for group in part.param_groups]

    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        del closure
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, object]:
        return {str(i): part.state_dict() for i, part in enumerate(self.parts)}

    def load_state_dict(self, state_dict: dict[str, dict[str, object]]) -> None:
        for i, part in enumerate(self.parts):
            part.load_state_dict(state_dict[str(i)])
        self.param_groups = [group for part in self.parts for group in part.param_groups]


class NanoTrainer(Trainer):
    """The NAVA trainer with nano's loss. `clips` are four seconds long each."""

    model: NanoNet

    def __init__(self, net: NanoNet, clips: Sequence[LatentClip], config: TrainConfig) -> None:
        super().__init__(net, clips, config)  # pyright: ignore[reportArgumentType]
        self.clips = clips
        named = dict(net.named_parameters())
        matrices = [p for name, p in named.items() if p.ndim == 2 and name.startswith("blocks.") and min(p.shape) > 6]
        chosen = {id(p) for p in matrices}
        self.optimizer = Both(matrices, [p for p in named.values() if id(p) not in chosen], config)

    def learning_rate(self) -> float:
        """Warm up, then fall along a cosine to `FINAL_RATE`."""
        done = min(1.0, self.step / self.config.num_steps)
        return super().learning_rate() * (FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done)))

    def loss(self) -> tuple[Task, Loss]:
        """Clips, windows, noise and levels of this step, and their loss."""
        config = self.config
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + self.step)
        start_s, seconds = WINDOWS[int(torch.multinomial(torch.tensor(WINDOW_ODDS), 1, generator=generator))]
        picks = torch.randint(len(self.clips), (config.batch_size,), generator=generator).tolist()
        windows = [window(self.clips[pick].latents, start_s, seconds) for pick in picks]
        clean = {name: torch.stack([row[name] for row in windows]) for name in in_order(windows[0])}
        noise = {name: torch.randn(z.shape, generator=generator) for name, z in clean.items()}
        sigma = levels(list(clean), len(picks), generator)
        hidden, dropped = torch.rand(2, len(picks), generator=generator)
        rows = []
        for pick, hide, drop in zip(picks, hidden < HIDE_TIMES, dropped < DROP_ROWS, strict=True):
            plan = self.clips[pick].plan.window(start_s, min(seconds, LONGEST_S))
            row = torch.from_numpy(plan.rows(timed=not hide))
            rows.append(row[:1] * 0 if drop else row)
        with sdpa_kernel(SDPBackend.MATH):  # its backward pass is the quickest here on a CPU, measured
            return "joint", velocity_loss(self.model, clean, noise, sigma, self.model.context(rows))
