"""What a node may ask of other services: a picture, or a small graph that runs there. The protocol between nodes and
``providers``, which neither may import.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from limner.graph.errors import SettingsError
from limner.graph.graph import Graph
from limner.graph.progress import Progress

MODELS_ROUTE, PROVIDERS_ROUTE = "/providers/models", "/providers/graphs"
"""Where pages ask for names: of models that other services draw with, and of services that take whole graphs.

Nodes take any text, since a service that is down right now does not say which models it has.
"""


SENT_TO = "provider"
"""In what comes beside a graph (``extra_data`` of ComfyUI's API): who is to run it."""


class PictureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One picture that another service is to draw.

    Attributes:
        model: ``provider/model``, or a public name that stands for several of them.
        prompt: What to draw.
        negative: What not to draw.
        width: In pixels; services that have sizes of their own draw the nearest one.
        height: Likewise.
        seed: Of the noise, where the service takes one.
        steps: Of the walk; 0: as the service thinks best.
        guidance: How strictly the prompt is followed; 0: as the service thinks best.
        sampler: Name of a sampler; empty: the service's own.
        schedule: Likewise.
        image: A PNG that is painted over; empty: the picture comes from nothing.
        mask: A grey PNG of the image's size, white where it is painted anew; empty: all of it.
        strength: How much of the image is painted over, 0..1.
    """

    model: str
    prompt: str
    negative: str = ""
    width: int = 1024
    height: int = 1024
    seed: int = 0
    steps: int = 0
    guidance: float = 0.0
    sampler: str = ""
    schedule: str = ""
    image: bytes = b""
    mask: bytes = b""
    strength: float = 1.0


class Elsewhere(Protocol):
    """Other services, as nodes see them. A Service (``Annotated[Elsewhere, Service()]``)."""

    async def draw(self, order: PictureOrder, progress: Progress) -> bytes:
        """The picture file that a service drew; what it cost is told through ``progress``.

        Raises:
            StepError: if none could draw it; says what each of them answered.
        """
        ...

    async def compute(
        self, provider: str, graph: Graph, files: Mapping[str, bytes], progress: Progress
    ) -> Mapping[str, bytes]:
        """The files that a small graph's output nodes saved there, by node id.

        Args:
            provider: A service that takes whole graphs, or a public name for such ones.
            graph: What is to run.
            files: Input files of the graph by the names that its nodes use; they are sent along.
            progress: Is told how far it is.

        Raises:
            StepError: if it could not run; says what each service answered.
        """
        ...


class NothingElsewhere:
    """No other services: what nodes get where none are configured."""

    async def draw(self, order: PictureOrder, progress: Progress) -> bytes:
        """Refuses.

        Raises:
            SettingsError: always.
        """
        raise nothing_configured()

    async def compute(
        self, provider: str, graph: Graph, files: Mapping[str, bytes], progress: Progress
    ) -> Mapping[str, bytes]:
        """Refuses.

        Raises:
            SettingsError: always.
        """
        raise nothing_configured()


def nothing_configured() -> SettingsError:
    """What to say where no services are configured."""
    return SettingsError(
        "No other services are configured: write a providers.yaml into the data folder, or name one with --providers. "
        "See docs/providers.md."
    )
