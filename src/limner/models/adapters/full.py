"""Whole differences: a weight of the same size that is added, to weights, biases and norms."""

from dataclasses import dataclass

from torch import Tensor

from limner.models.adapters.adapter import AdapterKind, Parts, fitted

WEIGHTS, BIASES = ("diff", "w_norm"), ("diff_b", "b_norm")


@dataclass(frozen=True)
class Difference:
    """One change, as it is."""

    value: Tensor

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """The difference. Shapes: returns ``shape``.

        Raises:
            NumericsError: if it has another one.
        """
        return fitted(self.value.float(), shape, "difference")


def _one(parts: Parts, names: tuple[str, ...]) -> Tensor | None:
    return next((parts[name] for name in names if name in parts), None)


def _read(parts: Parts) -> Difference:
    weight = _one(parts, WEIGHTS)
    assert weight is not None  # made_of
    return Difference(weight)


def bias(parts: Parts) -> Difference | None:
    """The change of a bias that may stand beside any kind."""
    found = _one(parts, BIASES)
    return None if found is None else Difference(found)


FULL = AdapterKind(
    name="full",
    doc="Whole differences of weights, biases and norms.",
    endings=tuple((rf"\.{name}", name) for name in (*WEIGHTS, *BIASES)),
    made_of=lambda parts: _one(parts, WEIGHTS) is not None,
    read=_read,
    bias=bias,
)
