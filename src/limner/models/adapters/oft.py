"""OFT and BOFT: the outputs (or inputs) of a layer are turned, block by block.

Source: Qiu et al. 2023, "Controlling text-to-image diffusion by orthogonal finetuning", section 4.2 (Cayley transform);
for several stages of blocks Liu et al. 2024, "Parameter-efficient orthogonal finetuning via butterfly factorization".
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import AdapterKind, Parts


@dataclass(frozen=True)
class Rotation:
    """One change.

    Attributes:
        blocks: [blocks n n], or [stages blocks n n] for butterflies; the skew-symmetric part counts.
        limit: Largest norm of a block per output, 0: none.
        rescale: A factor for each output besides, or None.
    """

    blocks: Tensor
    limit: float = 0.0
    rescale: Tensor | None = None

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with its outputs turned; strength goes from not at all to fully. Shapes: returns like weight.

        Raises:
            NumericsError: if the blocks do not make up the outputs.
        """
        blocks = self.blocks.float().to(weight.device)
        stages = blocks if blocks.ndim == 4 else blocks[None]
        count, size = stages.shape[1:3]
        if count * size != weight.shape[0]:
            raise NumericsError(
                f"An OFT layer turns {count} blocks of {size} where the weight is {list(weight.shape)}: it was made "
                "for another model family."
            )
        rows = weight.flatten(1)
        for number, stage in enumerate(stages):
            turn = self._turn(stage, weight.shape[0])
            stride = 2**number * (size // 2) if len(stages) > 1 else 0
            rows = turned_rows(rows, turn, stride)
        if self.rescale is not None:
            rows = rows * self.rescale.float().to(rows).reshape(-1, 1)
        return weight + (rows.reshape(weight.shape) - weight) * strength

    def _turn(self, blocks: Tensor, outputs: int) -> Tensor:
        """Orthogonal matrices [blocks n n] by the Cayley transform."""
        skew = blocks - blocks.transpose(-1, -2)
        if self.limit > 0:
            length = skew.flatten().norm() + 1e-8
            allowed = self.limit * outputs
            skew = skew * min(1.0, float(allowed / length))
        return cayley(skew)


@dataclass(frozen=True)
class InputRotation:
    """One change that turns the inputs of a layer. Shapes: above [blocks n(n-1)/2], each block above its diagonal."""

    above: Tensor

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with its inputs turned; strength goes from not at all to fully. Shapes: returns like weight.

        Raises:
            NumericsError: if the blocks do not make up the inputs.
        """
        above = self.above.float().to(weight.device)
        size = round((1 + (1 + 8 * above.shape[1]) ** 0.5) / 2)
        columns = weight.flatten(1)
        if columns.shape[1] % size or len(above) not in (1, columns.shape[1] // size):
            raise NumericsError(
                f"An OFT layer turns {len(above)} blocks of {size} inputs where the weight is {list(weight.shape)}: it "
                "was made for another model family."
            )
        row, column = torch.triu_indices(size, size, 1, device=above.device)
        skew = above.new_zeros(len(above), size, size)
        skew[:, row, column] = above
        turn = cayley(skew - skew.transpose(1, 2)).expand(columns.shape[1] // size, -1, -1)
        turned = torch.einsum("obi,bij->obj", columns.reshape(len(columns), -1, size), turn)
        return weight + (turned.reshape(weight.shape) - weight) * strength

    def of_rows(self, rows: Tensor) -> "InputRotation":
        """The same: each row is turned for itself."""
        return self


def cayley(skew: Tensor) -> Tensor:
    """(I + Q)(I - Q)^-1. Shapes: Q [... n n], skew-symmetric; returns like Q, orthogonal."""
    one = torch.eye(skew.shape[-1], device=skew.device)
    return (one + skew) @ torch.linalg.inv(one - skew)


def turned_rows(rows: Tensor, turn: Tensor, stride: int) -> Tensor:
    """Rows turned block by block.

    Args:
        rows: [out ...].
        turn: [blocks n n].
        stride: How far apart the rows of a block's two halves lie in a butterfly's stage; 0: blocks are whole.

    Shapes: returns like rows.
    """
    blocks, size = turn.shape[:2]
    if not stride:
        return torch.einsum("bji,bj...->bi...", turn, rows.reshape(blocks, size, -1)).reshape(rows.shape)
    halves = rows.reshape(-1, 2, stride, rows.shape[1]).transpose(1, 2).reshape(blocks, size, -1)
    mixed = torch.einsum("bij,bj...->bi...", turn, halves)
    return mixed.reshape(-1, stride, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape)


def _read(parts: Parts) -> Rotation | InputRotation:
    """LyCORIS turns outputs and takes alpha as a limit; peft turns inputs."""
    if "oft_r" in parts:
        return InputRotation(parts["oft_r"])
    limit = float(parts["alpha"]) if "alpha" in parts else 0.0
    return Rotation(parts["oft_blocks"], limit, parts.get("rescale"))


OFT = AdapterKind(
    name="oft",
    doc="OFT and BOFT: the outputs of a layer are turned, block by block.",
    endings=(
        (r"\.oft_blocks", "oft_blocks"),
        (r"\.oft_diag", "oft_blocks"),
        (r"\.rescale", "rescale"),
        (r"\.oft_R(?:\.default)?\.weight", "oft_r"),
    ),
    made_of=lambda parts: "oft_blocks" in parts or "oft_r" in parts,
    read=_read,
)
