"""GLoRA: a low-rank change, and one that depends on the weight.

Source: Chavan et al. 2023, "One-for-all: generalized LoRA", equation 10, in the form W + W A + B.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from limner.models.adapters.adapter import AdapterKind, Parts, fitted, scale

NAMES = ("a1", "a2", "b1", "b2")


@dataclass(frozen=True)
class Generalised:
    """One change. Shapes: a1 [in rank], a2 [rank in], b1 [out rank], b2 [rank in ...]."""

    a1: Tensor
    a2: Tensor
    b1: Tensor
    b2: Tensor
    factor: float

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """W + strength * (W A + B). Shapes: returns like weight.

        Raises:
            NumericsError: if it does not fit the weight.
        """
        between = self.a1.float().flatten(1) @ self.a2.float().flatten(1)
        added = self.b1.float().flatten(1) @ self.b2.float().flatten(1)
        if between.shape[0] != weight.shape[1]:
            between = between.new_zeros(0, 0)  # ``fitted`` says what is wrong, by the part that shows it
            fitted(between, tuple(weight.shape), "GLoRA")
        turned = torch.einsum("oi...,ij->oj...", weight, between.to(weight.device))
        change = turned + fitted(added.to(weight.device), tuple(weight.shape), "GLoRA")
        return weight + change * (self.factor * strength)

    def of_rows(self, rows: Tensor) -> "Generalised":
        """The same for some rows. Shapes: rows [n] int64."""
        return replace(self, b1=self.b1[rows])


def _read(parts: Parts) -> Generalised:
    a1, a2, b1, b2 = (parts[name] for name in NAMES)
    return Generalised(a1, a2, b1, b2, scale(parts, a2.shape[0]))


GLORA = AdapterKind(
    name="glora",
    doc="GLoRA: a low-rank change and one that depends on the weight.",
    endings=tuple((rf"\.{name}\.weight", name) for name in NAMES),
    made_of=lambda parts: all(name in parts for name in NAMES),
    read=_read,
)
