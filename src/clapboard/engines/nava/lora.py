"""LoRA (arXiv 2106.09685): train a low-rank change of the blocks' matrices and nothing else.

add_lora(model, rank=16, generator=generator)     # then Trainer(model, ...)
save_lora(model, path); load_lora(model, path)    # megabytes, for the same base weights
merge_lora(model)                                 # as if the base had been trained
"""

from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from clapboard.engines.nava.model import Linear, Nava
from clapboard.engines.nava.weights import check_names, opened
from clapboard.errors import WeightsError


class LoraLinear(nn.Module):
    """A frozen linear layer plus scale * B A; B starts at zero, so the model starts unchanged."""

    def __init__(self, base: Linear, rank: int, scale: float, generator: torch.Generator) -> None:
        super().__init__()
        self.base = base
        self.scale = scale
        bound = base.in_features**-0.5
        a = torch.empty(rank, base.in_features).uniform_(-bound, bound, generator=generator)
        self.lora_a = nn.Parameter(a.to(base.weight.device))
        self.lora_b = nn.Parameter(torch.zeros(base.out_features, rank, device=base.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        change = F.linear(F.linear(x.to(self.lora_a.dtype), self.lora_a), self.lora_b)
        y = self.base(x)
        return y + (self.scale * change).to(y.dtype)

    @torch.no_grad()
    def merged(self) -> Linear:
        """The base layer with the change added to its matrix."""
        weight = self.base.weight
        weight.copy_(weight.float() + self.scale * (self.lora_b @ self.lora_a))
        return self.base


def replaceable(model: Nava, kind: type[nn.Module]) -> Iterator[tuple[nn.Module, str, nn.Module]]:
    """Parent, name and child of every layer of this kind in the blocks."""
    for module in list(model.blocks.modules()):
        if not isinstance(module, LoraLinear):
            yield from ((module, name, child) for name, child in list(module.named_children()) if type(child) is kind)


def add_lora(model: Nava, *, rank: int, generator: torch.Generator, scale: float = 1.0) -> Nava:
    """Freeze the model and give every matrix of the blocks a trainable change; returns the model."""
    model.requires_grad_(False)
    layers = list(replaceable(model, Linear))
    if not layers:
        raise WeightsError("the model's blocks hold no plain matrices (float8 storage?); load it as bfloat16 for LoRA")
    for parent, name, child in layers:
        assert isinstance(child, Linear)
        setattr(parent, name, LoraLinear(child, rank, scale, generator))
    return model


def merge_lora(model: Nava) -> Nava:
    """Put the changes into the matrices and remove the added layers; returns the model."""
    for parent, name, child in replaceable(model, LoraLinear):
        assert isinstance(child, LoraLinear)
        setattr(parent, name, child.merged())
    return model


def lora_state(model: Nava) -> dict[str, Tensor]:
    """The trainable matrices by name."""
    return {name: p.detach() for name, p in model.named_parameters() if ".lora_" in name}


def save_lora(model: Nava, path: Path) -> None:
    """Write the changes alone."""
    state = {name: p.contiguous().cpu() for name, p in lora_state(model).items()}
    if not state:
        raise WeightsError("the model has no LoRA to save; call add_lora first")
    save_file(state, path, metadata={"format": "pt"})


def load_lora(model: Nava, path: Path) -> Nava:
    """Read changes into a model that `add_lora` prepared with the same rank."""
    own = lora_state(model)
    with opened(path) as file:
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        check_names(path, {name: p.shape for name, p in own.items()}, found)
        for name, p in own.items():
            p.copy_(file.get_tensor(name))
    return model
