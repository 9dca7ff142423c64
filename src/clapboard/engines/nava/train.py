"""Training: the flow-matching loss, and a loop that resumes as if it had never stopped.

    trainer = Trainer(model, examples, TrainConfig(num_steps=1000))
    for record in trainer.run(): ...
    trainer.save(path)         # later: Trainer(model, examples, config).resume(path)

Every draw (examples, task, noise, noise level, dropouts) comes from a generator made from (seed, step), so the
state of training is weights, optimiser, average and step, and nothing else.
"""

import math
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from clapboard.engines.nava.batch import run_ragged
from clapboard.engines.nava.config import STREAMS
from clapboard.engines.nava.kept import replacing
from clapboard.engines.nava.model import Latents, Nava
from clapboard.engines.nava.solvers import NUM_TRAIN_STEPS, SHIFT, shifted
from clapboard.errors import InputError, WeightsError

STREAM_WEIGHTS = {"video": 1.0, "audio": 0.2}
"""The release's weights of the two losses."""

Task = Literal["joint", "sound", "picture", "audio", "video"]
"""Both from noise; sound for a clean picture; picture for a clean sound; one stream alone."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The training table of noise levels (12.1): sigma, timestep and loss weight for each of 1000 indices."""

    sigmas: Tensor
    timesteps: Tensor
    weights: Tensor


@lru_cache(maxsize=1)
def schedule() -> Schedule:
    """Sigmas from 1 towards 0.003 shifted by 5; weights a bell around t = 500, least 0, mean 1."""
    last = 0.003 / 1.002
    levels = torch.linspace(1, last, NUM_TRAIN_STEPS + 1, dtype=torch.float64)[:-1]
    sigmas = torch.tensor([shifted(level, SHIFT) for level in levels.tolist()], dtype=torch.float64)
    timesteps = NUM_TRAIN_STEPS * sigmas
    bell = torch.exp(-2 * ((timesteps - 500) / NUM_TRAIN_STEPS) ** 2)
    weights = bell - bell.min()
    weights = weights * (NUM_TRAIN_STEPS / weights.sum())
    return Schedule(sigmas.float(), timesteps.float(), weights.float())


@dataclass(frozen=True, slots=True)
class Noisy:
    """What one loss is made of: clean samples, their noise, and per stream the index in the schedule [B].

    A stream whose index is None is given clean, at timestep 0, and has no loss.
    """

    clean: Sequence[Latents]
    noise: Sequence[Latents]
    indices: Mapping[str, Tensor | None]
    clean_first_frame: bool = False
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """The sum of the streams' shares (weighted by noise level and stream), and squared errors per sample [B]."""

    total: Tensor
    streams: dict[str, Tensor]
    errors_B: dict[str, Tensor]


def flow_loss(model: Nava, noisy: Noisy, context_BCd: Tensor) -> Loss:
    """Mean over the batch of w_k (MSE video + 0.2 MSE audio) between velocity and noise - clean."""
    device, table = context_BCd.device, schedule()
    zero = torch.zeros(len(noisy.clean), device=device)
    drawn = {id(k): table.timesteps[k].to(device) for k in noisy.indices.values() if k is not None}
    t = {name: zero if k is None else drawn[id(k)] for name, k in noisy.indices.items()}
    inputs: list[Latents] = []
    for row, (clean, noise) in enumerate(zip(noisy.clean, noisy.noise, strict=True)):
        mixed: Latents = {}
        for name, k in noisy.indices.items():
            sigma = 0.0 if k is None else table.sigmas[k[row]].item()
            mixed[name] = (1 - sigma) * clean[name] + sigma * noise[name]
        if noisy.clean_first_frame and "video" in mixed:
            mixed["video"] = torch.cat([clean["video"][:, :1], mixed["video"][:, 1:]], 1)
        inputs.append(mixed)
    flags = {"clean_first_frame": noisy.clean_first_frame, "masked": noisy.masked}
    outputs = run_ragged(model, inputs, t, context_BCd, **flags)
    errors: dict[str, Tensor] = {}
    streams: dict[str, Tensor] = {}
    for name, k in noisy.indices.items():
        if k is not None:
            rows = zip(outputs, noisy.clean, noisy.noise, strict=True)
            targets = [(out[name].float(), noise[name] - clean[name]) for out, clean, noise in rows]
            errors[name] = torch.stack([(out - target).square().mean() for out, target in targets])
            streams[name] = STREAM_WEIGHTS[name] * (table.weights[k].to(device) * errors[name]).mean()
    return Loss(torch.stack(list(streams.values())).sum(), streams, errors)


# ----------------------------------------------------------------------------------------------- the loop


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One clip: its clean latents (video [K, F, H, W], audio [L, K]), text embedding and voices."""

    latents: Latents
    text_NE: Tensor
    voices_RS: Tensor | None = None
    positions: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """One run. Optimiser and dropouts as released (12.1, 12.2); the mixture of tasks is ours."""

    num_steps: int
    batch_size: int = 1
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    warmup_steps: int = 0
    ema_decay: float = 0.0
    """0 keeps no average; the release's recipe names 0.9999."""
    tasks: Mapping[Task, float] = field(default_factory=lambda: {"joint": 1.0})
    """Shares of the steps."""
    separate_levels: float = 0.0
    """Share of the joint steps where picture and sound get a noise level each."""
    drop_text: float = 0.1
    drop_voice: float = 0.1
    masked: float = 0.2
    first_frame: float = 0.5
    bfloat16: bool = False
    """Products in bfloat16 (weights, norms and loss stay float32)."""
    checkpointing: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One finished step."""

    step: int
    task: Task
    loss: float
    errors: dict[str, float]


def chosen(share: float, generator: torch.Generator) -> bool:
    """True in this share of the calls."""
    return bool(torch.rand((), generator=generator) < share)


def draw_indices(task: Task, batch: int, separate: float, generator: torch.Generator) -> dict[str, Tensor | None]:
    """Indices in the schedule for every stream that the task has."""
    first, second = (torch.randint(NUM_TRAIN_STEPS, (batch,), generator=generator) for _ in range(2))
    if task == "joint":
        return {"video": first, "audio": second if chosen(separate, generator) else first}
    if task == "sound":
        return {"video": None, "audio": first}
    if task == "picture":
        return {"video": first, "audio": None}
    return {task: first}


def copied(state: Any, device: torch.device) -> Any:  # noqa: ANN401 - any tree of plain data
    """Plain data with its tensors (not single numbers) on the device, none of them in a file."""
    if isinstance(state, dict):
        return {key: copied(value, device) for key, value in state.items()}
    if type(state) is Tensor:  # a slice of sharded.py is a copy already
        return state.to(device if state.ndim else "cpu", copy=True)
    return state


class Trainer:
    """Model, optimiser and average over `examples`; parameters that ask for no gradient stay (see lora.py)."""

    def __init__(self, model: Nava, examples: Sequence[Example], config: TrainConfig) -> None:
        if not examples:
            raise InputError("there are no examples to train on")
        self.model, self.examples, self.config = model, examples, config
        self.step = 0
        model.checkpointing = config.checkpointing
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(
            self.parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.average = {n: p.detach().clone() for n, p in self.parameters.items()} if config.ema_decay else {}

    def draw(self) -> tuple[Task, Noisy, Tensor]:
        """Everything random about this step."""
        config, device = self.config, next(iter(self.parameters.values())).device
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + self.step)
        shares = torch.tensor(list(config.tasks.values()), dtype=torch.float64)
        task = list(config.tasks)[int(torch.multinomial(shares, 1, generator=generator))]
        picks = torch.randint(len(self.examples), (config.batch_size,), generator=generator).tolist()
        examples = [self.examples[pick] for pick in picks]
        indices = draw_indices(task, len(examples), config.separate_levels, generator)
        clean = [{n: example.latents[n].to(device) for n in STREAMS if n in indices} for example in examples]
        noise = [{n: torch.randn(z.shape, generator=generator).to(device) for n, z in row.items()} for row in clean]
        first_frame = indices.get("video") is not None and chosen(config.first_frame, generator)
        masked = task == "joint" and chosen(config.masked, generator)
        context = self.context(examples, generator, device)
        return task, Noisy(clean, noise, indices, first_frame, masked), context

    def context(self, examples: Sequence[Example], generator: torch.Generator, device: torch.device) -> Tensor:
        """The context, with texts dropped to zeros (voices go with them) and voices dropped to the null row."""
        texts, rows, positions = [], [], []
        for example in examples:
            dropped = chosen(self.config.drop_text, generator)
            texts.append((example.text_NE[:1] * 0 if dropped else example.text_NE).to(device))
            is_voiced = example.voices_RS is not None and not dropped
            positions.append(example.positions if is_voiced else ())
            for voice in example.voices_RS if is_voiced and example.voices_RS is not None else ():
                rows.append((voice * 0 if chosen(self.config.drop_voice, generator) else voice).to(device))
        return self.model.context(texts, torch.stack(rows) if rows else None, positions)

    def precision(self) -> AbstractContextManager[object]:
        """Where products are made in bfloat16."""
        device = next(iter(self.parameters.values())).device.type
        return torch.autocast(device, torch.bfloat16) if self.config.bfloat16 else nullcontext()

    def loss(self) -> tuple[Task, Loss]:
        """The loss of this step."""
        task, noisy, context = self.draw()
        return task, flow_loss(self.model, noisy, context)

    def learning_rate(self) -> float:
        """The rate of this step."""
        return self.config.learning_rate * min(1.0, (self.step + 1) / (self.config.warmup_steps + 1))

    def advance(self) -> Record:
        """One step of the optimiser."""
        with self.precision():
            task, loss = self.loss()
        if not math.isfinite(loss.total.item()):
            raise InputError(
                f"the loss is not finite at step {self.step}; lower the learning rate or check the latents"
            )
        self.optimizer.zero_grad()
        loss.total.backward()
        nn.utils.clip_grad_norm_(self.parameters.values(), self.config.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate() * group.get("rate", 1.0)
        self.optimizer.step()
        for name, average in self.average.items():
            average.lerp_(self.parameters[name].detach(), 1 - self.config.ema_decay)
        self.step += 1
        errors = {name: error.mean().item() for name, error in loss.errors_B.items()}
        return Record(self.step, task, loss.total.item(), errors)

    def run(self) -> Iterator[Record]:
        """The steps that are left."""
        while self.step < self.config.num_steps:
            yield self.advance()

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on."""
        return {
            "step": self.step,
            "parameters": {name: p.detach() for name, p in self.parameters.items()},
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
        }

    def write(self, state: dict[str, Any], path: Path) -> None:
        """Put a state on disk; the file is whole or not there."""
        with replacing(path) as part, part.open("wb") as file:
            torch.save(state, file)

    def save(self, path: Path) -> None:
        """Write all state."""
        self.write(self.state(), path)

    def resume(self, path: Path) -> "Trainer":
        """Go on from a saved state; returns itself."""
        try:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)  # all processes share its pages
            saved = {name: p.shape for name, p in state["parameters"].items()}
        except FileNotFoundError:
            raise WeightsError(f"{path} does not exist; give the checkpoint of an earlier run") from None
        except (RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError, OSError) as error:
            first_line = str(error).partition("\n")[0]
            raise WeightsError(f"{path} is no training checkpoint, or broken ({first_line})") from None
        shapes = {name: p.shape for name, p in self.parameters.items()}
        if saved != shapes:
            raise WeightsError(f"{path} is of another model: its trained parameters differ in name or shape")
        if saved_average := set(state["average"]) ^ set(self.average):
            raise WeightsError(f"{path} and ema_decay disagree about an average ({len(saved_average)} tensors)")
        self.restore(state)
        return self

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state whose names and shapes are those of this run."""
        for name, p in self.parameters.items():
            p.copy_(state["parameters"][name])
        for name, average in self.average.items():
            average.copy_(state["average"][name])
        device = next(iter(self.parameters.values())).device
        self.optimizer.load_state_dict(copied(state["optimizer"], device))
        self.step = state["step"]
