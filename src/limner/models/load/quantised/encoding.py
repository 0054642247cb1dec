"""How numbers are packed: what every encoding can do, and the two that consist of codes and scales.

An encoding works on rows. Whatever it keeps has a leading side of as many rows as the weight has, so rows can be taken,
split and joined without knowing how they are packed.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional


class Encoding(Protocol):
    """A way to pack numbers."""

    @property
    def name(self) -> str:
        """Short name, ``q4_k``."""
        ...

    def decode(self, codes: Tensor, scales: Tensor | None, columns: int, dtype: torch.dtype) -> Tensor:
        """The numbers.

        Shapes: codes [r ...], scales [r k]; returns [r columns].
        """
        ...


@dataclass(frozen=True)
class Scaled:
    """Numbers of a short type (fp8, int8), times a scale a row or a scale a block of a row."""

    name: str

    def decode(self, codes: Tensor, scales: Tensor | None, columns: int, dtype: torch.dtype) -> Tensor:
        """The numbers. Shapes: codes [r columns], scales [r k]; returns [r columns]."""
        values = codes.reshape(len(codes), columns)
        return values.to(dtype) if scales is None else scaled(values, scales).to(dtype)


@dataclass(frozen=True)
class Codebook:
    """Two numbers of a table of sixteen in a byte, the first in its upper half, times a scale a block.

    Source: Dettmers et al. 2023 (QLoRA), section 3.

    Attributes:
        name: ``nf4`` or ``fp4``.
        table: What the codes mean.
    """

    name: str
    table: tuple[float, ...]

    def decode(self, codes: Tensor, scales: Tensor | None, columns: int, dtype: torch.dtype) -> Tensor:
        """The numbers. Shapes: codes [r columns/2], scales [r k]; returns [r columns]."""
        table = torch.tensor(self.table, device=codes.device)
        pairs = torch.cartesian_prod(table, table)  # of every byte: one look-up gives two numbers
        values = functional.embedding(codes.int(), pairs).reshape(len(codes), columns)
        return values.to(dtype) if scales is None else scaled(values, scales).to(dtype)


def scaled(values: Tensor, scales: Tensor) -> Tensor:
    """Values times the scale of their block, in float32. The last block of a row may be shorter than the others.

    Shapes: values [r c], scales [r k]; returns [r c].
    """
    rows, columns = values.shape
    blocks = scales.shape[1]
    if columns % blocks == 0:
        parts = values.reshape(rows, blocks, columns // blocks).float() * scales.float()[..., None]
        return parts.reshape(rows, columns)
    size = -(-columns // blocks)
    return values.float() * scales.float().repeat_interleave(size, dim=1)[:, :columns]
