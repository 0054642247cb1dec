"""What a person sees while a job runs in the command line: one bar, the step, the size of the preview."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from limner.engine.events import (
    AnyEvent,
    Failed,
    Interrupted,
    NodeOutput,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
    Succeeded,
)
from limner.graph.graph import Graph


class Display:
    """Follows the events of one job; a context manager."""

    def __init__(self, graph: Graph, *, quiet: bool = False) -> None:
        self.outcome: AnyEvent | None = None
        self.outputs: dict[str, Mapping[str, Any]] = {}
        self._graph = graph
        self._console = Console(stderr=True, quiet=quiet)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[step]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=self._console, transient=False)
        self._task: TaskID | None = None
        self._size = ""

    def __enter__(self) -> "Display":
        self._progress.start()
        self._task = self._progress.add_task("Preparing", total=len(self._graph.nodes), step="")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def take(self, event: AnyEvent) -> None:
        """Shows an event; may be called from any thread."""
        match event:
            case NodeStarted():
                self._show(self._name(event.place.display), 0, 1, "")
            case NodeProgress():
                step = f"step {event.value:g} of {event.total:g}"
                self._show(self._name(event.place.display), event.value, event.total, f"{step} {self._size}")
            case NodePreview():
                with Image.open(io.BytesIO(event.image)) as picture:
                    self._size = f"preview {picture.width} x {picture.height}"
            case Recalled() if event.nodes:
                self._console.print(f"{len(event.nodes)} of {len(self._graph.nodes)} nodes were known already.")
            case NodeOutput() if event.ui:
                self.outputs[event.place.node] = event.ui
            case Succeeded() | Failed() | Interrupted():
                self.outcome = event
                self._show("Done" if isinstance(event, Succeeded) else "Stopped", 1, 1, "")
            case _:
                pass

    def _name(self, node: str) -> str:
        known = self._graph.nodes.get(node)
        return (known.title or known.type) if known else node

    def _show(self, name: str, value: float, total: float, step: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, description=name, completed=value, total=total, step=step)


def failure_lines(event: Failed) -> list[str]:
    """What went wrong, for people: the node, the message, its inputs."""
    failure = event.failure
    where = f"Node {failure.place.real} ({failure.node_type})" if failure.place else "The run"
    lines = [f"{where} failed: {failure.message.strip() or failure.error_type}"]
    lines += [f"  {line}" for line in failure.tips.splitlines() if line]
    if failure.place is not None and not failure.error_type.startswith("limner."):
        lines.append(f"  {failure.error_type}")
        lines += [f"  {name}: {value}"[:200] for name, value in failure.inputs.items()]
    return lines
