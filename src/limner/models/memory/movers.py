"""How a block's tensors come from their homes to where the network computes: at once, on the processor that asks.

``staging.py`` has the other way, through pinned memory and beside the computation.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from limner.models.memory.arrival import Arrival
from limner.models.memory.blocks import Block


class Mover(Protocol):
    """Brings blocks in. Used by one thread at a time."""

    @property
    def ahead(self) -> int:
        """How many blocks may be on their way beside the one that runs."""
        ...

    def expect(self, block: Block) -> None:
        """This block is wanted soon."""
        ...

    def take(self, block: Block) -> Sequence[Tensor]:
        """Its tensors where the network computes, in the order of its slots, ready for use."""
        ...

    def done(self, block: Block) -> None:
        """What used the block has been started; its tensors go once that is over."""
        ...

    def close(self) -> None:
        """No more blocks will come."""
        ...


class DirectMover:
    """Copies a block when it is wanted: what a CPU does, and every device without streams."""

    ahead = 0

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival

    def expect(self, block: Block) -> None:
        """Nothing can be done ahead."""

    def take(self, block: Block) -> list[Tensor]:
        """See ``Mover``."""
        return [self._arrival(slot.name) for slot in block.slots]

    def done(self, block: Block) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Nothing is held."""
