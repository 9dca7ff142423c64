"""Several processes for one film: the guided calls split among them, or the tokens of every call.

Start the processes with torchrun and `torch.distributed.init_process_group` (gloo on CPUs, nccl on GPUs); every
process then makes the same calls with the same arguments and gets the whole result.

    model = split_tokens(model)                        # each process carries a slice of every stream's tokens
    latents = sample(model, prompts, start, options, predictor=SplitCalls)     # each makes some of the calls
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.distributed as dist
from torch import Tensor

from clapboard.engines.nava.model import Attend, Latents, Nava, Part, Prepared, Run, attention, grouped, spans
from clapboard.engines.nava.sampler import Call, Predictor


def bounds(length: int, rank: int, world: int) -> tuple[int, int]:
    """First and last + 1 of the tokens that a process carries."""
    return length * rank // world, length * (rank + 1) // world


def cut_runs(runs: Sequence[Run], first: int, last: int) -> tuple[Run, ...]:
    """The runs of the tokens [first, last)."""
    cut, start = [], 0
    for run in runs:
        count = min(last, start + run.length) - max(first, start)
        if count > 0:
            cut.append(replace(run, length=count))
        start += run.length
    return tuple(cut)


def cut_part(part: Part, first: int, last: int) -> Part:
    """The tokens [first, last) of a part."""
    cos, sin = part.rotation
    rotation = (cos[first:last], sin[first:last])
    return Part(part.tokens_BTd[:, first:last], cut_runs(part.runs, first, last), rotation)


def gather(x_BT: Tensor, lengths: Sequence[int]) -> Tensor:
    """All processes' tokens in order of rank, [B, sum of lengths, ...]; processes may carry different numbers."""
    longest = max(lengths)
    padded = x_BT.new_zeros(len(x_BT), longest, *x_BT.shape[2:])
    padded[:, : x_BT.shape[1]] = x_BT
    received = [torch.empty_like(padded) for _ in lengths]
    dist.all_gather(received, padded)
    return torch.cat([x[:, :length] for x, length in zip(received, lengths, strict=True)], 1)


def attend_to_all(world: int) -> Attend:
    """Attention of this process's queries to every process's keys and values."""

    def attend(q_BTnD: Tensor, k_BTnD: Tensor, v_BTnD: Tensor) -> Tensor:
        counts = [torch.empty(1, dtype=torch.int64, device=q_BTnD.device) for _ in range(world)]
        dist.all_gather(counts, torch.tensor([k_BTnD.shape[1]], device=q_BTnD.device))
        lengths = [int(count) for count in counts]
        return attention(q_BTnD, gather(k_BTnD, lengths), gather(v_BTnD, lengths))

    return attend


class SplitTokens(Nava):
    """The model with its tokens cut between the processes; embedding and heads run in each of them."""

    def denoise(self, streams: dict[str, Part], latents: Latents, prepared: Prepared, masked: bool = False) -> Latents:
        """As `Nava.denoise`: the order of keys differs, so results agree up to rounding."""
        rank, world = dist.get_rank(), dist.get_world_size()
        lengths = {name: part.tokens_BTd.shape[1] for name, part in streams.items()}
        own = {name: cut_part(part, *bounds(lengths[name], rank, world)) for name, part in streams.items()}
        blocks = range(len(self.blocks))
        parts = grouped(own)
        parts = self.run_blocks(parts, prepared, spans(parts, masked), blocks, attend_to_all(world))
        mine = [part.tokens_BTd.shape[1] for part in own.values()]
        pieces = torch.cat([part.tokens_BTd for part in parts.values()], 1).split(mine, 1)
        whole = {}
        for name, piece in zip(streams, pieces, strict=True):
            ends = [bounds(lengths[name], other, world) for other in range(world)]
            tokens = gather(piece, [last - first for first, last in ends])
            whole[name] = replace(streams[name], tokens_BTd=tokens)
        return self.velocities(whole, streams, latents)


def split_tokens(model: Nava) -> Nava:
    """Cut the tokens of every call between the processes; the model is changed in place and returned."""
    model.__class__ = SplitTokens
    return model


class SplitCalls(Predictor):
    """The calls of a step dealt out to the processes; each makes its own and all get all velocities."""

    def make_calls(self, calls: Sequence[Call], latents: Latents, t: dict[str, Tensor]) -> dict[str, Latents]:
        """As `Predictor.make_calls`."""
        rank, world = dist.get_rank(), dist.get_world_size()
        own = super().make_calls([call for i, call in enumerate(calls) if i % world == rank], latents, t)
        seen: dict[str, Latents] = {}
        for index, call in enumerate(calls):
            for name in call.names:
                velocities = own.get(name, {stream: torch.empty_like(x) for stream, x in latents.items()})
                for x in velocities.values():
                    dist.broadcast(x, index % world)
                seen[name] = velocities
        return seen
