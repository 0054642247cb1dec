"""GGUF's block formats as an encoding: rows of blocks."""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.load.quantised.ggml_blocks import BLOCKS
from limner.models.load.quantised.ggml_super_blocks import SUPER_BLOCKS
from limner.storage.ggml_types_keys import GGML_TYPES

READ = frozenset(BLOCKS) | frozenset(SUPER_BLOCKS)
"""Names of the formats that can be decoded."""


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
        _, size = self.block
        return decoder(codes.reshape(-1, size)).reshape(len(codes), columns).to(dtype)
