"""LoHa: the elementwise product of two low-rank matrices.

Source: Hyeon-Woo et al. 2022, "FedPara", equation 3; for convolutions with a core (Tucker) proposition 3; as an adapter
Yeh et al. 2023, section 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.models.adapters.adapter import AdapterKind, Parts, fitted, scale

NAMES = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2")


@dataclass(frozen=True)
class Hadamard:
    """One change: the product of two factors, each given as (left, right, core or None).

    Shapes: left [out rank], right [rank in]; with a core [rank rank h w] left [rank out], right [rank in].
    """

    first: tuple[Tensor, Tensor, Tensor | None]
    second: tuple[Tensor, Tensor, Tensor | None]
    factor: float

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """First * second, elementwise. Shapes: returns ``shape``.

        Raises:
            NumericsError: if it does not fit that shape.
        """
        return fitted(product(*self.first) * product(*self.second) * self.factor, shape, "LoHa")


def product(left: Tensor, right: Tensor, core: Tensor | None) -> Tensor:
    """Left @ right, or the Tucker product with a core. Shapes: returns [out in] or [out in h w], float32."""
    if core is None:
        return left.float() @ right.float().flatten(1)
    return torch.einsum("rshw,ro,si->oihw", core.float(), left.float(), right.float())


def _read(parts: Parts) -> Hadamard:
    return Hadamard(
        (parts["hada_w1_a"], parts["hada_w1_b"], parts.get("hada_t1")),
        (parts["hada_w2_a"], parts["hada_w2_b"], parts.get("hada_t2")),
        scale(parts, parts["hada_w1_b"].shape[0]),
    )


LOHA = AdapterKind(
    name="loha",
    doc="LoHa: the elementwise product of two low-rank matrices.",
    endings=tuple((rf"\.{name}", name) for name in NAMES),
    made_of=lambda parts: all(name in parts for name in NAMES[:4]),
    read=_read,
)
