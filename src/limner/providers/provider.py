"""What a kind of service can do, as a protocol, and the records that go in and come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from limner.graph.elsewhere import PictureOrder
from limner.graph.graph import Graph
from limner.providers.calling import Caller
from limner.providers.settings import ProviderSettings


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What a service gave.

    Attributes:
        picture: The file.
        tokens: What the service counted.
        cost: What it says that it charges; None: it says nothing.
        currency: Of the cost.
    """

    picture: bytes
    tokens: int = 0
    cost: float | None = None
    currency: str = "USD"


@dataclass(frozen=True, kw_only=True)
class GraphOrder:
    """A whole graph that a service is to run.

    Attributes:
        graph: With the service's own names of models.
        extra: What came beside it and may be shown there: ``extra_pnginfo``.
        files: Input files that its nodes name.
        targets: Output nodes to run; empty: all of them.
        previews: Pictures on the way are wanted.
        job: Id of the job here; empty: it is a part of one.
    """

    graph: Graph
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    targets: Sequence[str] = ()
    previews: bool = False
    job: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something that a running graph told.

    Attributes:
        what: ``started``, ``cached``, ``node``, ``done``, ``progress``, ``preview`` or ``output``.
        node: The node that it is about.
        nodes: For ``cached``: all of them.
        value: For ``progress``: how far,
        total: and of how much.
        image: For ``preview``: the encoded picture,
        media_type: and what it is.
        ui: For ``output``: what clients are told; files are the service's, to be fetched with ``fetch``.
    """

    what: str
    node: str = ""
    nodes: tuple[str, ...] = ()
    value: float = 0.0
    total: float = 0.0
    image: bytes = b""
    media_type: str = ""
    ui: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Told], None]
"""Hears of a running graph, on the service's event loop."""


class Provider(Protocol):
    """A service that draws pictures. Belongs to one event loop."""

    async def models(self) -> list[str]:
        """The models that it has now.

        Raises:
            ProviderError: if it does not say.
        """
        ...

    async def draw(self, model: str, order: PictureOrder) -> Drawn:
        """A picture.

        Raises:
            ProviderError: if none came.
        """
        ...


class GraphProvider(Provider, Protocol):
    """A service that runs whole graphs as well."""

    async def node_types(self) -> Mapping[str, Any]:
        """What its ``/object_info`` says.

        Raises:
            ProviderError: if it does not say.
        """
        ...

    async def run(self, order: GraphOrder, tell: Tell) -> None:
        """Runs a graph to its end; cancelling this cancels it there.

        Raises:
            ProviderError: if it failed; says which node and why.
        """
        ...

    async def fetch(self, file: Mapping[str, str]) -> bytes:
        """A file that a graph saved there.

        Raises:
            ProviderError: if it cannot be had.
        """
        ...


@dataclass(frozen=True)
class Kind:
    """A way of speaking to services; a module in ``kinds`` defines one, and it is found by itself.

    Attributes:
        name: As settings say it.
        make: Gives a service of this kind.
        takes_graphs: Its services are GraphProviders.
        check: Raises SettingsError if ``fields`` make no sense.
    """

    name: str
    make: Callable[[Caller, ProviderSettings], Provider]
    takes_graphs: bool = False
    check: Callable[[Mapping[str, Any]], object] | None = None
