"""LoKr: the Kronecker product of a small matrix and a larger one, each whole or of low rank.

Source: Yeh et al. 2023, "Navigating text-to-image customization", section 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.adapters.adapter import AdapterKind, Parts, fitted, scale
from limner.models.adapters.loha import product

NAMES = ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2")


@dataclass(frozen=True)
class Kronecker:
    """One change. Shapes: small [a b], large [c d] or [c d h w]: together [ac bd] or [ac bd h w]."""

    small: tuple[Tensor, ...]
    large: tuple[Tensor, ...]
    core: Tensor | None
    factor: float

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """The Kronecker product of small and large. Shapes: returns ``shape``.

        Raises:
            NumericsError: if it does not fit that shape.
        """
        small, large = _whole(self.small, None), _whole(self.large, self.core)
        small = small.reshape(*small.shape, *(1,) * (large.ndim - small.ndim))
        return fitted(torch.kron(small, large) * self.factor, shape, "LoKr")


def _whole(factors: tuple[Tensor, ...], core: Tensor | None) -> Tensor:
    return product(*factors, core) if len(factors) == 2 else factors[0].float()


def _factors(parts: Parts, name: str) -> tuple[Tensor, ...]:
    """A factor as it is, or the two that it is the product of."""
    return (parts[name],) if name in parts else (parts[f"{name}_a"], parts[f"{name}_b"])


def _read(parts: Parts) -> Kronecker:
    small, large = _factors(parts, "lokr_w1"), _factors(parts, "lokr_w2")
    ranks = [factors[1].shape[0] for factors in (small, large) if len(factors) == 2]
    # Where both are whole there is no rank, and alpha means nothing.
    return Kronecker(small, large, parts.get("lokr_t2"), scale(parts, ranks[0]) if ranks else 1.0)


def _made_of(parts: Parts) -> bool:
    return all(name in parts or {f"{name}_a", f"{name}_b"} <= parts.keys() for name in ("lokr_w1", "lokr_w2"))


LOKR = AdapterKind(
    name="lokr",
    doc="LoKr: the Kronecker product of a small matrix and a larger one.",
    endings=tuple((rf"\.{name}", name) for name in NAMES),
    made_of=_made_of,
    read=_read,
)
