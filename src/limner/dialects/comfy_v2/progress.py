"""How far a running job is: a share of its planned nodes, and the node at work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from limner.engine.events import (
    AnyEvent,
    NodeFinished,
    NodeOutput,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
)
from limner.jobs.records import Submission

MOVING = (NodeStarted, NodeProgress, NodeFinished, Recalled, NodeOutput)
"""Events after which there is something new to say."""


@dataclass
class Track:
    """One job on its way. Fed with its events in order."""

    asked: Submission
    preview: NodePreview | None = None
    """The newest picture on the way."""

    _planned: frozenset[str] | None = None
    _done: set[str] = field(default_factory=set)
    _running: dict[str, tuple[float, float]] = field(default_factory=dict)
    _current: str | None = None
    _reached: float = 0.0

    def note(self, event: AnyEvent) -> None:
        """Takes one more event. Cost: a look into a dictionary, whatever the size of the graph."""
        match event:
            case Recalled():
                self._done.update(event.nodes)
            case NodeStarted():
                self._running[event.place.node], self._current = (0.0, 1.0), event.place.display
            case NodeProgress():
                self._running[event.place.node], self._current = (event.value, event.total), event.place.display
            case NodeFinished():
                self._running.pop(event.place.node, None)
                self._done.add(event.place.node)
            case NodeOutput(recalled=True):
                self._done.add(event.place.node)
            case NodePreview():
                self.preview = event
            case _:
                return

    def snapshot(self) -> dict[str, Any]:
        """All that is known now; ``value`` never goes back."""
        if self._planned is None:
            self._planned = planned_nodes(self.asked)
        done = len(self._planned & self._done)
        parts = (value / total for node, (value, total) in self._running.items() if self._counts(node) and total > 0)
        share = (done + sum(min(1.0, max(0.0, part)) for part in parts)) / max(1, len(self._planned))
        self._reached = max(self._reached, min(1.0, share))
        step, steps = self._steps()
        return {
            "value": self._reached,
            "nodes_done": done,
            "nodes_total": len(self._planned),
            "current_node": self._current,
            "current_node_class": self._class_of(self._current),
            "step": step,
            "steps": steps,
            "message": None,
        }

    def _counts(self, node: str) -> bool:
        return self._planned is not None and node in self._planned and node not in self._done

    def _steps(self) -> tuple[int | None, int | None]:
        value, total = self._running.get(self._current or "", (0.0, 1.0))
        return (int(value), int(total)) if total > 1 else (None, None)

    def _class_of(self, node: str | None) -> str | None:
        entry = self.asked.document.get(node) if node is not None else None
        kind = entry.get("class_type") if isinstance(entry, Mapping) else None
        return kind if isinstance(kind, str) else None


def planned_nodes(asked: Submission) -> frozenset[str]:
    """The nodes that a job's output nodes need. Cost: once through the graph."""
    found: set[str] = set()
    waiting = list(asked.targets)
    while waiting:
        name = waiting.pop()
        entry = asked.document.get(name)
        if name in found or not isinstance(entry, Mapping):
            continue
        found.add(name)
        inputs = entry.get("inputs")
        for value in inputs.values() if isinstance(inputs, Mapping) else ():
            if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
                waiting.append(value[0])
    return frozenset(found)
