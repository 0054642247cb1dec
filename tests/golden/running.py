"""Runs API documents as a worker does: checked, planned and run by the engine on the in-process backend."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner import nodes
from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.engine.events import AnyEvent, Failed, NodeOutput, Succeeded
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover
from limner.graph.errors import GraphError, LimnerError
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders, pictures

HELD_BYTES = 512 * 2**20


def definitions() -> dict[str, NodeDefinition]:
    """Our node definitions by name."""
    return discover(nodes, NodeDefinition, lambda found: found.type.name)


class Runner:
    """Runs documents one after the other; equal steps of them run once."""

    def __init__(self, folders: Folders, services: Mapping[type, Any] | None = None) -> None:
        self.folders = folders
        self.registry = SamplingRegistry.discovered()
        given = {Folders: folders, SamplingRegistry: self.registry, **(services or {})}
        backend = InProcessBackend(definitions(), given, HELD_BYTES)
        names = Catalog(samplers=self.registry.named_samplers(), schedules=self.registry.named_schedules())
        self.worker = InProcessWorker("golden", backend, catalog=names)

    def run(self, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What each output node told clients, by node id.

        Raises:
            GraphError: if the document has problems.
            LimnerError: if a node failed.
        """
        checked = check(from_document(document), self.worker.describe(), self._list)
        if checked.problem is not None or checked.problems:
            found = [problem for several in checked.problems.values() for problem in several]
            raise GraphError(f"{checked.problem}: {found}", found)
        events: list[AnyEvent] = []
        request = RunRequest(job="golden", graph=checked.graph, targets=checked.targets, document=dict(document))
        self.worker.run(request, events.append)
        last = events[-1]
        if isinstance(last, Failed):
            raise LimnerError(f"{last.failure.node_type}: {last.failure.error_type}: {last.failure.message}")
        assert isinstance(last, Succeeded)
        return {event.place.node: event.ui for event in events if isinstance(event, NodeOutput) and event.ui}

    def close(self) -> None:
        """Ends the worker."""
        self.worker.close()

    def _list(self, name: str) -> Sequence[str]:
        return pictures(self.folders.input) if name == "input pictures" else self.folders.list(name)
