"""Faster steps: a cache between steps (changes the result, off by default) and compiled blocks (rounding only)."""

from dataclasses import replace

import torch
from torch import Tensor

from clapboard.engines.nava.model import BOTH, Latents, Nava, Part, Prepared, attention, grouped, join, spans


def compile_blocks(model: Nava) -> Nava:
    """Compile every block in place; the first step with new sizes then takes minutes at full size, the rest less."""
    for block in model.blocks:
        block.compile(dynamic=False)
    return model


class StepCache:
    """Reuse what the other blocks did at an earlier step while the first block does nearly the same.

    The first block always runs. The share by which its change of the tokens differs from the last full step's is
    compared with `threshold`; below, the other blocks' change of the tokens is taken from there.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.changes: dict[str, tuple[Tensor, Tensor]] = {}
        """Per call, what the first block added, and what all others added, at the last full step [B, T, d]."""
        self.num_reused = 0

    def denoise(
        self, model: Nava, key: str, streams: dict[str, Part], latents: Latents, prepared: Prepared, masked: bool
    ) -> Latents:
        """As `Nava.denoise`, for the call of this name."""
        own = grouped(streams)
        lengths, count = spans(own, masked), len(model.blocks)
        before = join(list(own.values()))
        parts = model.run_blocks(own, prepared, lengths, range(1), attention)
        first = join(list(parts.values()))
        change = first.tokens_BTd - before.tokens_BTd
        if key in self.changes and self.is_close(change, self.changes[key][0]):
            self.num_reused += 1
            parts = {BOTH: replace(first, tokens_BTd=first.tokens_BTd + self.changes[key][1])}
        else:
            parts = model.run_blocks(parts, prepared, lengths, range(1, count), attention)
            last = join(list(parts.values()))
            self.changes[key] = (change, last.tokens_BTd - first.tokens_BTd)
        return model.velocities(parts, streams, latents)

    def is_close(self, change: Tensor, kept: Tensor) -> bool:
        """Whether the first block's change is within the threshold of the kept one."""
        return bool(torch.linalg.vector_norm(change - kept) < self.threshold * torch.linalg.vector_norm(kept))
