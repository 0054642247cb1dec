"""GGUF's block formats as an encoding: rows of blocks."""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.load.quantised.ggml_blocks import BLOCKS
from limner.models.load.quantised.ggml_super_blocks import SUPER_BLOCKS
from limner.storage.ggml_types_keys import GGML_TYPES

READ = frozenset(BLOCKS) | frozenset(SUPER_BLOCKS)
"""Names of the formats that can be decoded."""

AT_ONCE = 1 << 22
"""Numbers that are decoded together, so that what is made on the way stays small."""


@dataclass(frozen=True)
class Ggml:
    """One of the block formats.

    Attributes:
        name: ``q4_k`` and so on.
    """

    name: str

    @property
    def block(self) -> tuple[int, int]:
        """Values in a block and its bytes."""
        return next((values, size) for name, values, size in GGML_TYPES.values() if name == self.name)

    def decode(self, codes: Tensor, scales: Tensor | None, columns: int, dtype: torch.dtype) -> Tensor:
        """The numbers. Shapes: codes [r bytes of a row]; returns [r columns]."""
        decoder = BLOCKS.get(self.name) or SUPER_BLOCKS[self.name]
        values, size = self.block
        blocks = codes.reshape(-1, size)
        result = torch.empty((len(blocks), values), dtype=dtype, device=codes.device)
        step = AT_ONCE // values
        for first in range(0, len(blocks), step):
            result[first : first + step] = decoder(blocks[first : first + step])
        return result.reshape(len(codes), columns)
