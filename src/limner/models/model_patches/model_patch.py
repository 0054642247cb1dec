"""What a file is that holds a network which steps into another: the value of MODEL_PATCH sockets, and its kinds."""

from collections.abc import Callable
from dataclasses import dataclass

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.network import Network


@dataclass(frozen=True)
class ModelPatchKind:
    """One kind of such files: one file of this package.

    Attributes:
        name: Short name, ``uso``.
        doc: One sentence for people.
        blueprint: How to build and fill its network; None if the layout is of another kind.
    """

    name: str
    doc: str
    blueprint: Callable[[Layout], Blueprint | None]


@dataclass(frozen=True)
class ModelPatch:
    """A network that steps into another, loaded when leased.

    Attributes:
        kind: What it is.
        network: Its weights.
    """

    kind: ModelPatchKind
    network: Network
