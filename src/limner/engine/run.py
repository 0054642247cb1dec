"""A request to run a graph, and the worker that carries it out: the seam between queue and execution."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from limner.engine.events import AnyEvent
from limner.graph.catalog import Catalog
from limner.graph.graph import Graph

Emit = Callable[[AnyEvent], None]
"""Takes events; may be called from any thread."""


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A graph to run.

    Attributes:
        job: The job's id, put into every event.
        graph: Checked and coerced.
        targets: Output nodes to run.
        document: The API document, as nodes see it (hidden PROMPT) and as it is embedded in pictures.
        extra: What came beside it; ``extra_pnginfo`` is embedded in pictures.
        secrets: What nodes may need and nobody may read back (keys); never in events, logs or pictures.
        preview_size: Longest side of wanted previews in pixels; 0: none.
        substitute: The built-in model may stand in for missing ones.
        owner: Whose files the nodes read and write.
    """

    job: str
    graph: Graph
    targets: tuple[str, ...]
    document: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    preview_size: int = 0
    substitute: bool = False
    owner: str = "default"


class Worker(Protocol):
    """Runs jobs on one device: in this process or in another one."""

    name: str

    def describe(self) -> Catalog:
        """What it can do. Cost: blocks until it has started."""
        ...

    def run(self, request: RunRequest, emit: Emit) -> None:
        """Runs a job to its terminal event, which is the last one emitted. Blocks; several threads may call it.

        Raises:
            WorkerLostError: if the worker died; no terminal event was emitted then.
        """
        ...

    def cancel(self, job: str) -> None:
        """Asks a job to stop; its ``run`` then emits Interrupted. Unknown ids are ignored."""
        ...

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """Gives back memory: unloads networks, forgets held results."""
        ...

    def status(self) -> Mapping[str, Any]:
        """What it holds: memory, models with the reason they are loaded, running jobs."""
        ...

    def restart(self) -> None:
        """Begins anew: ``describe`` tells what it can do then. Runs that are alive raise WorkerLostError, excused."""
        ...

    def close(self) -> None:
        """Stops it."""
        ...
