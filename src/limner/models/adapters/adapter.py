"""What an adapter is, whatever its kind: changes to weights, by the names that trainers give to modules."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from limner.models.load.model_file import ModelFile


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
    """A change that has to see the weight: a merge, a change of its size."""

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """The weight, changed; float32 like the given one, which stays as it is."""
        ...


@dataclass(frozen=True)
class Adapter:
    """Changes by module name, as the file calls the modules.

    Attributes:
        name: For people.
        key: Equal keys are equal adapters.
        changes: By the file's module names.
    """

    name: str
    key: Hashable
    changes: Mapping[str, Change | Rewrite]


@dataclass(frozen=True)
class AdapterKind:
    """One kind of adapter: one file of this package.

    Attributes:
        name: Short name, ``lora``.
        recognise: Whether tensor names are of this kind.
        read: The changes in a file, by the file's module names.
    """

    name: str
    recognise: Callable[[ModelFile], bool]
    read: Callable[[ModelFile], Mapping[str, Change]]
