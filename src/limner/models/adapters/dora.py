"""DoRA: a change of direction by another kind, and a size for each row (or column) of the weight.

Not a kind of its own: sizes may stand beside LoRA, LoHa and LoKr alike, so the registry puts this around their changes.
Source: Liu et al. 2024, "DoRA: weight-decomposed low-rank adaptation", equation 5.
"""

from dataclasses import dataclass

from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Change, Parts, Rewrite
from limner.models.adapters.rows import rows_of

ENDINGS: tuple[tuple[str, str], ...] = (
    (r"\.dora_scale", "sizes"),
    (r"\.lora_magnitude_vector(?:\.(?!weight)\w+)?(?:\.weight)?", "output_sizes"),
)
"""LyCORIS sizes rows or columns, which the shape tells; peft rows, in whatever shape."""


def decomposed(change: Change | Rewrite, parts: Parts) -> Change | Rewrite:
    """A module's change with its sizes, where the file has any."""
    if "output_sizes" in parts:
        return Decomposed(change, parts["output_sizes"].flatten())
    return Decomposed(change, parts["sizes"]) if "sizes" in parts else change


@dataclass(frozen=True)
class Decomposed:
    """One change. Shapes: sizes [out], [out 1 ...] or [1 in ...]."""

    change: Change | Rewrite
    sizes: Tensor

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """From W towards sizes * V / |V| with V = W + change. Shapes: returns like weight.

        Raises:
            NumericsError: if sizes or change do not fit.
        """
        directed = self._directed(weight)
        sizes = self.sizes.float().to(weight.device)
        columns = sizes.ndim > 1 and sizes.shape[0] == 1 and weight.shape[0] != 1
        kept = 1 if columns else 0
        if sizes.numel() != weight.shape[kept]:
            raise NumericsError(
                f"A DoRA layer has {sizes.numel()} sizes where the weight is {list(weight.shape)}: it was made for "
                "another model family."
            )
        shape = tuple(-1 if axis == kept else 1 for axis in range(weight.ndim))
        others = tuple(axis for axis in range(weight.ndim) if axis != kept)
        lengths = directed.square().sum(dim=others, keepdim=True).sqrt().clamp_min(1e-12)
        wanted = directed * (sizes.reshape(shape) / lengths)
        return wanted if strength == 1.0 else weight + (wanted - weight) * strength

    def of_rows(self, rows: Tensor) -> Change | Rewrite:
        """The same for some rows. Shapes: rows [n] int64.

        Raises:
            NumericsError: if sizes are those of columns, which need the whole weight.
        """
        if self.sizes.ndim > 1 and self.sizes.shape[0] == 1:
            raise NumericsError("This DoRA sizes the columns of a weight that is kept in parts here.")
        return Decomposed(rows_of(self.change, rows, self.sizes.numel()), self.sizes.flatten()[rows])

    def _directed(self, weight: Tensor) -> Tensor:
        if isinstance(self.change, Rewrite):
            return self.change.rewritten(weight, 1.0)
        return weight + self.change.amount(tuple(weight.shape)).to(weight.device)
