"""One job that runs elsewhere, told as if it ran here: same events, same node ids, files in the same folders."""

import time
from collections.abc import Mapping
from typing import Any

from limner.engine.events import (
    AnyEvent,
    Charged,
    Failed,
    Failure,
    Interrupted,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
    Started,
    Succeeded,
)
from limner.engine.run import Emit, RunRequest
from limner.graph.charge import Charge
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph
from limner.providers.files import PARTS, file_key
from limner.providers.kept_files import keep_file
from limner.providers.provider import GraphOrder, Told
from limner.storage.folders import Folders

LOADS = "Load"
"""Part of the names of nodes that read files of the user."""


class SentRun:
    """Turns what a service tells of a graph into events of a job.

    Args:
        request: The job.
        emit: Takes events.
        folders: Of its owner: input files come from there, results are put there.
    """

    def __init__(self, request: RunRequest, emit: Emit, folders: Folders) -> None:
        self._request, self._emit, self._folders = request, emit, folders
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._place: NodePlace | None = None
        self._executed: dict[str, None] = {}
        self._recalled = False

    def order(self) -> GraphOrder:
        """The job as an order. Blocks: reads the input files that its nodes name."""
        request = self._request
        pnginfo = request.extra.get("extra_pnginfo")
        return GraphOrder(
            graph=request.graph,
            extra={} if pnginfo is None else {"extra_pnginfo": pnginfo},
            files=input_files(request.graph, self._folders),
            targets=request.targets,
            previews=request.preview_size > 0,
            job=request.job,
        )

    def begin(self) -> None:
        """Tells that it began."""
        self._tell(Started)

    def tell(self, told: Told) -> None:
        """Passes on what the service tells; outputs wait until their files are here."""
        match told.what:
            case "cached" if not self._recalled:
                self._recall(told.nodes)
            case "node":
                self._move(told.node)
            case "progress" if told.node:
                self._tell(NodeProgress, place=NodePlace.of(told.node), value=told.value, total=told.total)
            case "preview" if told.node:
                place, picture = NodePlace.of(told.node), {"image": told.image, "media_type": told.media_type}
                self._tell(NodePreview, place=place, **picture)
            case "output":
                self._outputs[told.node] = told.ui
            case _:
                pass

    def charged(self, charge: Charge) -> None:
        """Tells of a request and its cost."""
        self._tell(Charged, charge=charge)

    def finish(self, files: Mapping[str, bytes]) -> None:
        """Puts the files where those of local jobs are, tells of them, and ends the job.

        Args:
            files: By ``file_key``.

        Raises:
            StorageError: if they cannot be kept.
        """
        self._move(None)
        if not self._recalled:
            self._recall(())
        names = {key: keep_file(self._folders, key, content) for key, content in files.items()}
        for node, ui in self._outputs.items():
            self._tell(NodeOutput, place=NodePlace.of(node), ui=_renamed(ui, names))
        self._tell(Succeeded)

    def interrupted(self) -> None:
        """Ends the job as stopped."""
        kind = self._type(self._place)
        self._tell(Interrupted, place=self._place, node_type=kind, executed=tuple(self._executed))

    def failed(self, error: LimnerError) -> None:
        """Ends the job as failed."""
        failure = Failure(
            place=self._place,
            node_type=self._type(self._place),
            error_type=f"{type(error).__module__}.{type(error).__qualname__}",
            message=str(error),
            executed=tuple(self._executed),
            known=tuple(self._request.graph.nodes),
        )
        self._tell(Failed, failure=failure)

    def _recall(self, nodes: tuple[str, ...]) -> None:
        self._recalled = True
        self._tell(Recalled, nodes=nodes)

    def _move(self, node: str | None) -> None:
        """The run goes from one node to the next."""
        if self._place is not None:
            self._executed[self._place.node] = None
            self._tell(NodeFinished, place=self._place)
        self._place = None if node is None else NodePlace.of(node)
        if self._place is not None:
            self._tell(NodeStarted, place=self._place)

    def _type(self, place: NodePlace | None) -> str:
        node = self._request.graph.nodes.get(place.node) if place else None
        return node.type if node else ""

    def _tell(self, kind: type[AnyEvent], **facts: Any) -> None:
        self._emit(kind(job=self._request.job, time=time.time_ns() // 1_000_000, **facts))


def input_files(graph: Graph, folders: Folders) -> dict[str, bytes]:
    """The files of the user that a graph's loaders name. Blocks."""
    names = {
        value
        for node in graph.nodes.values()
        if LOADS in node.type
        for value in node.inputs.values()
        if isinstance(value, str) and value and folders.has(value)
    }
    return {name: folders.file(name).read_bytes() for name in names}


def _renamed(value: Any, names: Mapping[str, dict[str, str]]) -> Any:
    """What a node told, with the files' names here."""
    if isinstance(value, Mapping):
        found = names.get(file_key(value)) if isinstance(value.get("filename"), str) else None
        own = {key: value[key] for key in value if key not in PARTS} if found else value
        return {key: _renamed(part, names) for key, part in own.items()} | (found or {})
    return [_renamed(part, names) for part in value] if isinstance(value, list | tuple) else value
