"""Samples of any sizes through the model: equal sizes go together, so that nothing is ever padded or masked."""

from collections.abc import Sequence

import torch
from torch import Tensor

from clapboard.engines.nava.model import Latents, Nava


def run_ragged(
    model: Nava,
    samples: Sequence[Latents],
    t: dict[str, Tensor],
    context_BCd: Tensor,
    *,
    clean_first_frame: bool = False,
    masked: bool = False,
) -> list[Latents]:
    """The model on samples of any sizes (without the B of `Latents`): equal sizes go together, none is padded."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, sample in enumerate(samples):
        groups.setdefault(tuple((name, x.shape) for name, x in sample.items()), []).append(index)
    velocities: list[Latents] = [{} for _ in samples]
    for indices in groups.values():
        names = samples[indices[0]].keys()
        own_t = {id(tau): tau[indices] for tau in t.values()}  # streams with one timestep tensor keep sharing it
        latents = {name: torch.stack([samples[i][name] for i in indices]) for name in names}
        prepared = model.prepare(context_BCd[indices], tuple(names))
        flags = {"clean_first_frame": clean_first_frame, "masked": masked}
        outputs = model(latents, {name: own_t[id(t[name])] for name in names}, prepared, **flags)
        for row, index in enumerate(indices):
            velocities[index] = {name: outputs[name][row] for name in names}
    return velocities
