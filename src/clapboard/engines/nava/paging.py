"""A model larger than its GPU: blocks wait in main memory and come to the GPU in groups, just before they are used."""

from types import MethodType
from typing import cast

import torch
from torch import Tensor, nn

from clapboard.engines.nava.model import Block, Nava


class Pages:
    """Keeps at most one group of blocks on the device."""

    def __init__(self, blocks: list[Block], group: int, device: str) -> None:
        self.blocks, self.group, self.device = blocks, group, device
        self.home: dict[nn.Parameter, Tensor] = {}
        for block in blocks:
            for parameter in block.parameters():
                data = parameter.data.pin_memory() if torch.device(device).type == "cuda" else parameter.data
                self.home[parameter] = data
        self.here: range | None = None
        """The blocks that are on the device."""

    def turn_to(self, index: int) -> None:
        """Bring the group of this block, send the other one away."""
        if self.here is not None and index in self.here:
            return
        for away in self.here or ():
            for parameter in self.blocks[away].parameters():
                parameter.data = self.home[parameter]
        first = index // self.group * self.group
        self.here = range(first, min(first + self.group, len(self.blocks)))
        for near in self.here:
            for parameter in self.blocks[near].parameters():
                parameter.data = self.home[parameter].to(self.device, non_blocking=True, copy=True)


def page_blocks(model: Nava, group: int, device: str) -> Nava:
    """Everything but the blocks moves to the device; blocks come and go in groups. The model is changed in place."""
    blocks = [cast(Block, block) for block in model.blocks]
    pages = Pages(blocks, group, device)
    for name, module in model.named_children():
        if name != "blocks":
            module.to(device)
    for index, block in enumerate(blocks):
        block.register_forward_pre_hook(lambda *_, index=index: pages.turn_to(index))

        def prepare(self: Block, *args: object, index: int = index) -> object:
            pages.turn_to(index)
            return Block.prepare(self, *args)  # pyright: ignore[reportArgumentType]

        block.prepare = MethodType(prepare, block)
    return model
