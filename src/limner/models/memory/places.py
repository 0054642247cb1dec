"""What a network's tensors take where it computes, foreseen from the file's header, and where they are at home."""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import nn

from limner.models.load.blueprint import Blueprint, Source, settled
from limner.models.load.building import built
from limner.models.load.model_file import ModelFile
from limner.models.load.precision import Precision
from limner.models.load.quantised.storing import storable
from limner.models.memory.arrival import Arrival
from limner.models.memory.blocks import divide, slots_of
from limner.models.memory.changes import Changes
from limner.models.memory.devices import traits_of
from limner.models.memory.homes import open_homes
from limner.models.memory.placed_network import PlacedNetwork, least_bytes

NUMBERS = ("float16", "bfloat16", "float32", "float64")
"""Types of files that become the type that a network computes in; all others stay as they are."""


@dataclass(frozen=True)
class Places:
    """Sizes and homes of the tensors of one network.

    Attributes:
        blueprint: The network.
        file: Where its weights are.
        precision: What they are kept in.
        device: Where it computes.
        changes: What adapters change.
        rounding: What changed weights are rounded to.
    """

    blueprint: Blueprint
    file: ModelFile
    precision: Precision
    device: torch.device
    changes: Changes = field(default_factory=dict)
    rounding: torch.dtype | None = None
    streams: bool = True
    """Blocks may be copied ahead."""

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bytes of memory that each tensor takes; 0 for views of the mapped file."""
        return {name: 0 if name in self._views else self._size(name, source) for name, source in self._sources}

    @cached_property
    def mapped(self) -> int:
        """Bytes of those views."""
        return sum(self._size(name, source) for name, source in self._sources if name in self._views)

    @cached_property
    def bytes(self) -> int:
        """All bytes, those of views too."""
        return sum(self.sizes.values()) + self.mapped

    @property
    def own(self) -> int:
        """Bytes without views."""
        return self.bytes - self.mapped

    @cached_property
    def changed_bytes(self) -> int:
        """Bytes of the weights that adapters change."""
        return sum(self._size(name, self.blueprint.keys[name]) for name in self.changes)

    @cached_property
    def least(self) -> int:
        """Fewest bytes with which the network works block by block. Cost: builds it without memory."""
        division = divide(built(self.blueprint.build), self.sizes)
        blocks = [sum(self.sizes[slot.name] for slot in block.slots) for block in division.blocks]
        core = sum(self.sizes[slot.name] for slot in division.core)
        return least_bytes(core, blocks, self._ahead)

    def whole(self, module: nn.Module) -> PlacedNetwork:
        """A loaded network, with the bytes that its tensors really take."""
        known = [slot for slot in slots_of(module) if slot.name in self.sizes]
        sizes = {slot.name: 0 if slot.name in self._views else slot.tensor.nbytes for slot in known}
        return PlacedNetwork(module, divide(module, self.sizes), self._arrival, sizes, self._ahead)

    def in_part(self, allowed: int | None) -> PlacedNetwork:
        """The network with as many blocks resident as may be; None: all of them.

        Raises:
            ModelFileError: if the file changed or broke since it was opened.
        """
        module = built(self.blueprint.build)
        placed = PlacedNetwork(module, divide(module, self.sizes), self._arrival, self.sizes, self._ahead)
        placed.settle(self.bytes if allowed is None else allowed)
        settled(module, self.device)
        return placed

    def _arrival(self) -> Arrival:
        homes = open_homes(self.blueprint, self.file, self.precision)
        return Arrival(homes, self.precision, self.device, self.changes, self.rounding)

    @property
    def _ahead(self) -> int:
        """How many blocks are on their way beside the one that runs."""
        return 1 if self.streams and traits_of(self.device).streams else 0

    @property
    def _sources(self) -> list[tuple[str, Source]]:
        return list(self.blueprint.keys.items())

    @cached_property
    def _views(self) -> frozenset[str]:
        """Names of tensors that are used where they lie in the file."""
        return frozenset(name for name, source in self._sources if self._is_view(name, source))

    def _is_view(self, name: str, source: Source) -> bool:
        if self.device.type != "cpu" or source.transform is not None or name in self.changes:
            return False
        info, storage = self.file.tensors[source.names[0]], self.precision.storage
        if info.dtype not in NUMBERS:
            return True
        packed = storage is not None and storable(name, info.shape, storage)
        return info.dtype == str(self.precision.dtype).removeprefix("torch.") and not packed

    def _size(self, name: str, source: Source) -> int:
        """Bytes of a tensor where the network computes."""
        if not source.names:
            return 0
        info = self.file.tensors[source.names[0]]
        shape = info.shape if source.shape is None else source.shape
        if name in self.changes:
            return torch.Size(shape).numel() * self.precision.dtype.itemsize
        return self.precision.bytes(name, info, shape)
