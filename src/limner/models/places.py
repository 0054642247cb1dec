"""What a network's tensors take where it computes, foreseen from the file's header, and where they are at home."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import nn

from limner.models.arrival import Arrival
from limner.models.blocks import divide, slots_of
from limner.models.changes import Changes
from limner.models.homes import empty_network, stored_tensors
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.model_file import ModelFile
from limner.models.placed_network import blocks_ahead, least_bytes


@dataclass(frozen=True)
class Places:
    """Sizes and homes of the tensors of one network.

    Attributes:
        blueprint: The network.
        file: Where its weights are.
        dtype: What it computes in.
        device: Where.
        changes: What adapters change.
        rounding: What changed weights are rounded to.
    """

    blueprint: Blueprint
    file: ModelFile
    dtype: torch.dtype
    device: torch.device
    changes: Changes = field(default_factory=dict)
    rounding: torch.dtype | None = None

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bytes of memory that each tensor takes; 0 for views of the mapped file."""
        return {
            name: 0 if self._is_view(name, source) else self._elements(source) * self.dtype.itemsize
            for name, source in self.blueprint.keys.items()
        }

    @cached_property
    def mapped(self) -> int:
        """Bytes of those views."""
        views = [source for name, source in self.blueprint.keys.items() if self._is_view(name, source)]
        return sum(self._elements(source) for source in views) * self.dtype.itemsize

    @cached_property
    def bytes(self) -> int:
        """All bytes, those of views too."""
        return sum(self.sizes.values()) + self.mapped

    @cached_property
    def changed_bytes(self) -> int:
        """Bytes of the weights that adapters change."""
        sources = [self.blueprint.keys[name] for name in self.changes]
        return sum(self._elements(source) for source in sources) * self.dtype.itemsize

    @cached_property
    def least(self) -> int:
        """Fewest bytes with which the network works block by block. Cost: builds it without memory."""
        sizes = self.sizes
        division = divide(empty_network(self.blueprint), lambda slot: sizes.get(slot.name, 0))
        blocks = [sum(sizes.get(slot.name, 0) for slot in block.slots) for block in division.blocks]
        core = sum(sizes.get(slot.name, 0) for slot in division.core)
        return least_bytes(core, blocks, blocks_ahead(self.device))

    def measured(self, module: nn.Module) -> Mapping[str, int]:
        """Bytes that the tensors of a loaded network really take."""
        views = {name for name, source in self.blueprint.keys.items() if self._is_view(name, source)}
        return {slot.name: 0 if slot.name in views else slot.tensor.nbytes for slot in slots_of(module)}

    def open(self) -> Arrival:
        """The tensors' homes."""
        homes = stored_tensors(self.blueprint, self.file)
        return Arrival(homes, self.dtype, self.device, self.changes, self.rounding)

    def _is_view(self, name: str, source: Source) -> bool:
        if self.device.type != "cpu" or source.transform is not None or name in self.changes:
            return False
        return self.file.tensors[source.names[0]].dtype == str(self.dtype).removeprefix("torch.")

    def _elements(self, source: Source) -> int:
        return math.prod(self.file.tensors[source.names[0]].shape if source.shape is None else source.shape)
