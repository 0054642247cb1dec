"""What a weight is in memory: as its file has it, packed, or numbers of the type that its network computes in."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.load.header import TensorInfo
from limner.models.load.quantised.encoding import Scaled
from limner.models.load.quantised.storing import STORAGES, packed_bytes, storable, stored_as
from limner.models.load.quantised.tensor import QuantisedTensor

FP8 = (torch.float8_e4m3fn, torch.float8_e5m2)
"""Types that nothing computes in; weights of matrices stay in them, all others become numbers."""


@dataclass(frozen=True)
class Precision:
    """What weights are kept in and computed in.

    Attributes:
        dtype: What the network computes in.
        storage: What weights of full precision are packed into, one of ``STORAGES``; None: they are not. Weights that
            their file has packed stay as they are.
    """

    dtype: torch.dtype
    storage: str | None = None

    def placed(self, name: str, tensor: Tensor, device: torch.device) -> Tensor:
        """A weight as it is kept where the network computes; the tensor itself where nothing has to be done.

        Args:
            name: The weight's name in its network.
            tensor: As its file has it.
            device: Where the network computes.
        """
        if isinstance(tensor, QuantisedTensor):
            kept = tensor.computing_in(self.dtype) if tensor.dim() > 1 else tensor.numbers(self.dtype)
            return kept.to(device)
        if tensor.dtype in FP8 and tensor.dim() > 1:
            encoding = Scaled(str(tensor.dtype).removeprefix("torch."))
            return QuantisedTensor(encoding, tensor, None, tuple(tensor.shape), self.dtype).to(device)
        if not tensor.is_floating_point():
            return tensor.to(device)
        if self.storage is not None and storable(name, tuple(tensor.shape), self.storage):
            return stored_as(tensor.to(device), self.storage, self.dtype)
        return tensor.to(device=device, dtype=self.dtype)

    def bytes(self, name: str, info: TensorInfo, shape: tuple[int, ...] | None = None) -> int:
        """Bytes that a weight takes then, foreseen from its file's header.

        Args:
            name: The weight's name in its network.
            info: The tensor of the file that it is, or the first of those that it is made of.
            shape: Its own shape where that is another one.
        """
        sides = info.shape if shape is None else shape
        count, stored = math.prod(sides), math.prod(info.shape)
        own = getattr(torch, info.dtype, None)
        packed = not isinstance(own, torch.dtype) or own in FP8 or info.bytes > stored * own.itemsize
        if packed and len(sides) > 1 and stored:
            return -(-info.bytes * count // stored)
        if isinstance(own, torch.dtype) and not own.is_floating_point and not packed:
            return count * own.itemsize
        if self.storage is not None and not packed and storable(name, sides, self.storage):
            return packed_bytes(sides, self.storage)
        return count * self.dtype.itemsize


__all__ = ["STORAGES", "Precision"]
