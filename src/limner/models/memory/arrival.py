"""What becomes of a network's tensors between their homes and where the network computes."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.models.load.precision import Precision
from limner.models.memory.changes import Changes, changed
from limner.models.memory.homes import Homes


@dataclass(frozen=True)
class Arrival:
    """Brings tensors from their homes.

    Attributes:
        homes: Where they are.
        precision: What they are kept in.
        device: Where they go.
        changes: What adapters change in them, on the way.
        rounding: What changed weights are rounded to; None: not at all.
    """

    homes: Homes
    precision: Precision
    device: torch.device
    changes: Changes = field(default_factory=dict)
    rounding: torch.dtype | None = None

    def home(self, name: str) -> Tensor:
        """The tensor where it is at home."""
        return self.homes.tensors[name]

    def __call__(self, name: str) -> Tensor:
        """The tensor where the network computes; the home itself where that is the same."""
        home = self.homes.tensors[name]
        tensor = self.made(name, home)
        if tensor.untyped_storage().data_ptr() != home.untyped_storage().data_ptr():
            self.homes.drop(name)
        return tensor

    def made(self, name: str, tensor: Tensor) -> Tensor:
        """What becomes of a tensor that left its home."""
        placed = self.precision.placed(name, tensor, self.device)
        touched = self.changes.get(name)
        return changed(placed, touched, self.rounding) if touched else placed
