"""Training with the weights cut between processes (FSDP2, torch.distributed.fsdp.fully_shard).

    torchrun --nproc-per-node 4 -m clapboard train recipe.py          # each process trains on its share of every batch

    trainer = ShardedTrainer(model, examples, config)                 # between start() and stop(), then as any Trainer

Every process keeps a slice of each weight, of its gradient and of its moments; a block's weights are brought together
when the block runs. Every process draws the same batch from (seed, step) and works on its rows, so the losses are
those of one process, up to the order of sums. Checkpoints hold whole tensors: a run goes on with any number of
processes, one included.
"""

import os
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from clapboard.engines.nava.model import Attend, Block, Nava, Part, Tokens
from clapboard.engines.nava.train import Example, Loss, Noisy, Task, TrainConfig, Trainer, flow_loss
from clapboard.errors import InputError

T = TypeVar("T")
PATIENCE: Final = timedelta(hours=12)
"""How long processes wait for each other: one of them encodes the films first."""


# ------------------------------------------------------------------------------------------------ processes


def num_processes() -> int:
    """How many processes torchrun started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def take_gpu() -> None:
    """Each of the processes that torchrun started works on its own GPU; call it before anything touches a GPU."""
    if num_processes() > 1 and torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))


@contextmanager
def started(device: str) -> Generator[None]:
    """The processes meet for as long as the block runs."""
    dist.init_process_group("nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


# ---------------------------------------------------------------------------------------------------- model


@dataclass(frozen=True, slots=True)
class Words:
    """The context, on its way into a block."""

    context_BCd: Tensor
    streams: tuple[str, ...]


class ShardedBlock(Block):
    """A block that makes the context's keys and values itself, so that its weights come together once per call."""

    def prepare(self, context_BCd: Tensor, streams: Collection[str]) -> Any:  # noqa: ANN401 - the model only hands it on
        """What `forward` makes them from."""
        return Words(context_BCd, tuple(streams))

    def forward(self, parts: dict[str, Part], text: Any, spans: list[int], attend: Attend) -> Tokens:  # noqa: ANN401
        """As `Block.forward`."""
        return super().forward(parts, super().prepare(text.context_BCd, text.streams), spans, attend)


class Whole(nn.Module):
    """Runs any work with the weights outside the blocks brought together: the one call that a step makes."""

    def __init__(self, model: Nava) -> None:
        super().__init__()
        self.model = model

    def forward(self, work: Callable[[], T]) -> T:
        return work()


def shard(model: Nava) -> Whole:
    """Cut the weights of the model, in place, between all processes, on the device that these work on."""
    mesh = init_device_mesh("cuda" if dist.get_backend() == "nccl" else "cpu", (dist.get_world_size(),))
    for block in model.blocks:
        block.__class__ = ShardedBlock
        fully_shard(block, mesh=mesh)
    return cast(Whole, fully_shard(Whole(model), mesh=mesh))


# ----------------------------------------------------------------------------------------------------- loss


def rows_of(noisy: Noisy, rows: Sequence[int]) -> Noisy:
    """Some of the samples."""
    kept = {id(k): k[rows] for k in noisy.indices.values() if k is not None}  # streams that share levels keep sharing
    return replace(
        noisy,
        clean=[noisy.clean[row] for row in rows],
        noise=[noisy.noise[row] for row in rows],
        indices={name: None if k is None else kept[id(k)] for name, k in noisy.indices.items()},
    )


def num_calls(noisy: Noisy) -> int:
    """Calls that the samples need: one for each combination of sizes (see batch.py)."""
    return len({tuple(x.shape for x in sample.values()) for sample in noisy.clean})


def own_loss(model: Nava, noisy: Noisy, context_BCd: Tensor) -> Loss:
    """The loss of this process's rows.

    All processes must call every block equally often, forth and back. Those with fewer calls to make repeat their
    smallest sample, which then counts nothing.
    """
    rank, world = dist.get_rank(), dist.get_world_size()
    shares = [list(range(other, len(noisy.clean), world)) for other in range(world)]
    own = rows_of(noisy, shares[rank])
    loss = flow_loss(model, own, context_BCd[shares[rank]])
    calls = [num_calls(rows_of(noisy, share)) for share in shares]
    total = loss.total
    smallest = min(shares[rank], key=lambda row: sum(x.numel() for x in noisy.clean[row].values()))
    for _ in range(max(calls) - calls[rank]):
        total = total + 0 * flow_loss(model, rows_of(noisy, [smallest]), context_BCd[[smallest]]).total
    return replace(loss, total=total)


def mean_of_all(x: Tensor) -> Tensor:
    """The mean over the processes, without a gradient."""
    mean = x.detach().clone()
    dist.all_reduce(mean)
    return mean / dist.get_world_size()


def whole(x: Any) -> Any:  # noqa: ANN401 - any tree of plain data
    """Plain data with every cut tensor brought together, in main memory of the first process; nothing in the others."""
    if isinstance(x, DTensor):
        full = x.full_tensor()
        return full.cpu() if dist.get_rank() == 0 else None
    if isinstance(x, dict):
        return {key: whole(value) for key, value in x.items()}
    return x


def cut_like(full: Tensor, own: Tensor) -> Tensor:
    """This process's slice of a whole tensor."""
    if not isinstance(own, DTensor):
        return full
    mesh = own.device_mesh
    cut = distribute_tensor(full.to(own.device), mesh, own.placements, src_data_rank=None)
    return cut.clone()  # otherwise it may be a view that keeps the whole tensor


def check_batch(batch_size: int, world: int) -> None:
    """Raises `InputError` for a batch that some processes would get less of."""
    if batch_size % world:
        raise InputError(f"a batch of {batch_size} cannot be shared by {world} processes; make batch_size a multiple")


class ShardedTrainer(Trainer):
    """A trainer in each of several processes, for one model."""

    def __init__(self, model: Nava, examples: Sequence[Example], config: TrainConfig) -> None:
        check_batch(config.batch_size, dist.get_world_size())
        self.whole = shard(model)
        super().__init__(model, examples, config)

    def loss(self) -> tuple[Task, Loss]:
        """The loss of the whole batch, whose gradient is this process's share."""

        def work() -> tuple[Task, Tensor, dict[str, Tensor], dict[str, Tensor]]:
            task, noisy, context_BCd = self.draw()
            loss = own_loss(self.model, noisy, context_BCd)
            return task, loss.total, loss.streams, loss.errors_B

        task, total, streams, errors_B = self.whole(work)
        total = total + (mean_of_all(total) - total.detach())
        means = {name: mean_of_all(error_B) for name, error_B in errors_B.items()}
        return task, Loss(total, streams, means)

    def state(self) -> dict[str, Any]:
        """As `Trainer.state`, whole."""
        return whole(super().state())

    def write(self, state: dict[str, Any], path: Path) -> None:
        """One process writes, all wait for it."""
        if dist.get_rank() == 0:
            super().write(state, path)
        dist.barrier()

    def restore(self, state: dict[str, Any]) -> None:
        """As `Trainer.restore`, from whole tensors."""
        names = list(self.parameters)
        moments = {
            index: {key: cut_like(x, self.parameters[names[index]]) if x.ndim else x for key, x in kept.items()}
            for index, kept in state["optimizer"]["state"].items()
        }
        parts = {
            part: {name: cut_like(x, self.parameters[name]) for name, x in state[part].items()}
            for part in ("parameters", "average")
        }
        super().restore(state | parts | {"optimizer": state["optimizer"] | {"state": moments}})
