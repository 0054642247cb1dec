"""What a network's tensors are where they are at home, and what they become where the network computes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.models.changes import Changes, changed


@dataclass(frozen=True)
class Arrival:
    """Brings tensors from their homes.

    Attributes:
        homes: Tensors by name: views of the mapped file in its own types, or in main memory.
        dtype: What floating point tensors become.
        device: Where they go.
        changes: What adapters change in them, on the way.
        rounding: What changed weights are rounded to; None: not at all.
    """

    homes: Mapping[str, Tensor]
    dtype: torch.dtype
    device: torch.device
    changes: Changes = field(default_factory=dict)
    rounding: torch.dtype | None = None

    def home(self, name: str) -> Tensor:
        """The tensor where it is at home."""
        return self.homes[name]

    def __call__(self, name: str) -> Tensor:
        """The tensor where the network computes; the home itself where that is the same."""
        return self.made(name, self.homes[name])

    def made(self, name: str, tensor: Tensor) -> Tensor:
        """What becomes of a tensor that left its home."""
        dtype = self.dtype if tensor.is_floating_point() else tensor.dtype
        placed = tensor.to(device=self.device, dtype=dtype)
        touched = self.changes.get(name)
        return changed(placed, touched, self.rounding) if touched else placed

    def size(self, name: str) -> int:
        """Bytes that the tensor takes where the network computes, beyond its home."""
        home = self.homes[name]
        dtype = self.dtype if home.is_floating_point() else home.dtype
        if home.device == self.device and home.dtype == dtype and name not in self.changes:
            return 0
        return home.nbytes if home.dtype == dtype else home.numel() * dtype.itemsize
