"""A network divided into what must always be there and the repeated blocks that can come and go.

Blocks are the items of the network's ModuleLists: what is large is large because it repeats something. An item that is
itself a large part of the network (a level of a UNet) is divided further at its own ModuleLists. What is no item of one
(embeddings, norms, projections, what stands beside lists inside a divided item) is the core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

SHARE = 16
"""A block is at most this part of its network, if it can be divided."""

GRAIN = 32 << 20
"""Bytes; what is smaller is not divided: many small transfers cost more than they save."""


@dataclass(frozen=True)
class Slot:
    """A place of a tensor in a network.

    Attributes:
        name: The tensor's full name.
        owner: The module that has it,
        attribute: under this name.
        parameter: Whether it is a parameter; else a buffer.
    """

    name: str
    owner: nn.Module
    attribute: str
    parameter: bool

    @property
    def tensor(self) -> Tensor:
        """What is there now."""
        return getattr(self.owner, self.attribute)

    def put(self, tensor: Tensor) -> None:
        """Puts another tensor there."""
        if self.parameter and not isinstance(tensor, nn.Parameter):
            tensor = nn.Parameter(tensor, requires_grad=False)
        setattr(self.owner, self.attribute, tensor)


@dataclass(frozen=True, eq=False)
class Block:
    """A repeated block.

    Attributes:
        name: Its name in the network.
        module: The module; entered through it or through any module inside.
        slots: Its tensors' places.
    """

    name: str
    module: nn.Module
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Division:
    """A network's parts: the core's places, and the blocks in the order in which they are registered."""

    core: tuple[Slot, ...]
    blocks: tuple[Block, ...]


def divide(network: nn.Module, sizes: Mapping[str, int], grain: int = GRAIN) -> Division:
    """Divides a network.

    Args:
        network: May be on the meta device.
        sizes: Bytes that each tensor takes where the network computes. Tensors that are not named here (tables that the
            network computes itself) never move.
        grain: Bytes that are not divided.
    """
    limit = max(grain, sum(sizes.values()) // SHARE)
    blocks = tuple(
        Block(name, module, tuple(slot for slot in slots_of(module, name) if slot.name in sizes))
        for name, module in _blocks("", network, sizes, limit)
    )
    inside = {slot.name for block in blocks for slot in block.slots}
    core = tuple(slot for slot in slots_of(network) if slot.name in sizes and slot.name not in inside)
    return Division(core, tuple(block for block in blocks if block.slots))


def slots_of(module: nn.Module, prefix: str = "") -> Iterator[Slot]:
    """The places of all tensors in a module, a tensor that stands in several places once for each."""
    for name, owner in module.named_modules(prefix=prefix, remove_duplicate=False):
        start = f"{name}." if name else ""
        own = owner.named_parameters(recurse=False, remove_duplicate=False)
        yield from (Slot(start + attribute, owner, attribute, parameter=True) for attribute, _ in own)
        held = owner.named_buffers(recurse=False, remove_duplicate=False)
        yield from (Slot(start + attribute, owner, attribute, parameter=False) for attribute, _ in held)


def _blocks(prefix: str, module: nn.Module, sizes: Mapping[str, int], limit: int) -> Iterator[tuple[str, nn.Module]]:
    """Items of the ModuleLists in a module, the large ones divided."""
    for name, child in module.named_children():
        path = f"{prefix}.{name}" if prefix else name
        if not isinstance(child, nn.ModuleList):
            yield from _blocks(path, child, sizes, limit)
            continue
        for index, item in enumerate(child):
            place = f"{path}.{index}"
            size = sum(sizes.get(slot.name, 0) for slot in slots_of(item, place))
            if size > limit and any(isinstance(part, nn.ModuleList) for part in item.modules()):
                yield from _blocks(place, item, sizes, limit)
            else:
                yield place, item
