"""What an adapter is, whatever its kind: changes to weights, by the names that trainers give to modules."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from limner.graph.errors import NumericsError

BIAS = ":bias"
"""Behind a module's name: the change is of its bias."""


class Change(Protocol):
    """A change of one weight."""

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """What is added at strength 1, float32, of the weight's shape.

        Raises:
            NumericsError: if it does not fit that shape.
        """
        ...


@runtime_checkable
class Rewrite(Protocol):
    """A change that has to see the weight: a merge, a rotation, a change of its size."""

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight, changed; float32 like the given one, which stays as it is."""
        ...


@runtime_checkable
class RowWise(Protocol):
    """A change that treats each row of the weight for itself."""

    def of_rows(self, rows: Tensor) -> Change | Rewrite:
        """The same for some rows of the weight. Shapes: rows [n] int64."""
        ...


@dataclass(frozen=True)
class Adapter:
    """Changes by module name, as the file calls the modules.

    Attributes:
        name: For people.
        key: Equal keys are equal adapters.
        changes: By the file's module names; with ``BIAS`` behind them those of biases.
    """

    name: str
    key: Hashable
    changes: Mapping[str, Change | Rewrite]


Parts = Mapping[str, Tensor]
"""What a file holds for one module, by the part's name: ``up``, ``down``, ``alpha`` ..."""


@dataclass(frozen=True)
class AdapterKind:
    """One kind of adapter: one file of this package.

    Attributes:
        name: Short name, ``lora``.
        doc: One sentence for people.
        endings: Regular expressions for the ends of tensor names, and what the tensor is.
        made_of: Whether a module's parts are of this kind.
        read: The change that they are.
        bias: The change of the module's bias; None where there is none.
    """

    name: str
    doc: str
    endings: tuple[tuple[str, str], ...]
    made_of: Callable[[Parts], bool]
    read: Callable[[Parts], Change | Rewrite]
    bias: Callable[[Parts], Change | Rewrite | None] = lambda parts: None


def scale(parts: Parts, rank: int) -> float:
    """Alpha / rank, or 1 where a file states no alpha."""
    return float(parts["alpha"]) / rank if "alpha" in parts else 1.0


def fitted(change: Tensor, shape: tuple[int, ...], kind: str) -> Tensor:
    """A change in the form of its weight; a pointwise convolution and a linear layer are the same to it.

    Raises:
        NumericsError: if it has another size.
    """
    if change.numel() != _size(shape) or change.shape[0] != shape[0]:
        raise NumericsError(
            f"A {kind} layer gives {list(change.shape)} where the weight is {list(shape)}: it was made for another "
            "model family."
        )
    return change.reshape(shape)


def _size(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
