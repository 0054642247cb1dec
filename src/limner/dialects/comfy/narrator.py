"""Events of one job as ComfyUI's messages, in its order.

``progress_state`` is a snapshot of all nodes so far, so sending it at every event costs the square of the graph's size.
A Narrator does so only while the graph is small; above ``WHOLE`` nodes snapshots become rarer as they grow, so that
their bytes stay linear.
"""

from collections.abc import Callable
from typing import Any

from limner.dialects.comfy.frames import Frame, captions, message, pictures
from limner.dialects.comfy.outcome import blocked_data, error_data, interrupted_data
from limner.engine.events import (
    AnyEvent,
    Claimed,
    Event,
    Failed,
    Interrupted,
    NodeBlocked,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    NodeText,
    Queued,
    Recalled,
    Requeued,
    Started,
    Succeeded,
)

INTERVAL = 50
"""Shortest time between two snapshots of a large graph, in milliseconds for each ``WHOLE`` nodes."""

WHOLE = 64
"""Up to so many nodes a snapshot is sent whenever something changes."""

QUEUE = Frame(type="queue", body="")
"""Stands for the ``status`` message that all sockets get here; its number is known to the sender only."""


class Narrator:
    """Tells one job's story. Fed with its events in order; no clock, no I/O."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.current: str | None = None
        """The node that clients highlight, or None."""
        self._nodes: dict[str, dict[str, Any]] = {}
        self._told = -INTERVAL
        self._waiting: dict[str, Frame] = {}
        """By node: a ``progress`` message that belongs between the two forms of the preview that follows."""
        self._tellers: dict[type[Event], Callable[[Any], list[Frame]]] = {
            Queued: lambda event: [QUEUE],
            Claimed: lambda event: [QUEUE],
            Requeued: self._requeue,
            Started: self._start,
            Recalled: self._recall,
            NodeStarted: self._node_start,
            NodeProgress: self._progress,
            NodePreview: self._preview,
            NodeText: lambda event: list(captions(event)),
            NodeOutput: self._output,
            NodeFinished: self._node_finish,
            NodeBlocked: lambda event: [message("execution_error", blocked_data(event))],
            Succeeded: self._succeed,
            Failed: self._fail,
            Interrupted: self._interrupt,
        }

    def tell(self, event: AnyEvent) -> list[Frame]:
        """The messages of one more event, none if ComfyUI knows no such thing; ``QUEUE`` is the queue's length."""
        late: list[Frame] = []
        if self._waiting and not isinstance(event, NodePreview):  # the preview was dropped on its way
            late, self._waiting = list(self._waiting.values()), {}
        teller = self._tellers.get(type(event))
        return late if teller is None else late + teller(event)

    def _requeue(self, event: Requeued) -> list[Frame]:
        self._nodes, self.current = {}, None
        return [QUEUE]

    def _start(self, event: Started) -> list[Frame]:
        return [message("execution_start", {"prompt_id": self.job, "timestamp": event.time})]

    def _recall(self, event: Recalled) -> list[Frame]:
        data = {"nodes": list(event.nodes), "prompt_id": self.job, "timestamp": event.time}
        return [message("execution_cached", data)]

    def _node_start(self, event: NodeStarted) -> list[Frame]:
        place = event.place
        self.current = place.display
        if place.node not in self._nodes:
            self._note(place, "running", 0.0, 1.0)
        data = {"node": place.node, "display_node": place.display, "prompt_id": self.job}
        return [*self._snapshot(event.time), message("executing", data)]

    def _progress(self, event: NodeProgress) -> list[Frame]:
        self._note(event.place, "running", event.value, event.total)
        data = {
            "value": _plain(event.value),
            "max": _plain(event.total),
            "prompt_id": self.job,
            "node": event.place.node,
        }
        told = [] if event.quiet else [message("progress", data, public=True, transient=True)]
        if event.pictured and told:
            self._waiting[event.place.node], told = told[0], []
        return [*self._snapshot(event.time), *told]

    def _preview(self, event: NodePreview) -> list[Frame]:
        """A preview with metadata comes before its ``progress``, one without after it."""
        described, plain = pictures(event)
        told = self._waiting.pop(event.place.node, None)
        return [described, plain] if told is None else [described, told, plain]

    def _output(self, event: NodeOutput) -> list[Frame]:
        place = event.place
        frames = []
        if event.recalled or event.ui:
            data = {"node": place.node, "display_node": place.display, "output": event.ui, "prompt_id": self.job}
            frames.append(message("executed", data))
        if event.recalled:
            self._note(place, "finished", 1.0, 1.0)
            frames += self._snapshot(event.time)
        return frames

    def _node_finish(self, event: NodeFinished) -> list[Frame]:
        known = self._nodes.get(event.place.node)
        if known and known["state"] == "finished":
            return []
        total = known["max"] if known else 1.0
        self._note(event.place, "finished", total, total)
        return self._snapshot(event.time)

    def _succeed(self, event: Succeeded) -> list[Frame]:
        success = message("execution_success", {"prompt_id": self.job, "timestamp": event.time})
        return [*self._last(), success, *self._end()]

    def _fail(self, event: Failed) -> list[Frame]:
        error = message("execution_error", error_data(self.job, event.failure, event.time))
        return [*self._last(), error, *self._end()]

    def _interrupt(self, event: Interrupted) -> list[Frame]:
        return [message("execution_interrupted", interrupted_data(event), public=True), *self._end()]

    def _end(self) -> list[Frame]:
        self.current = None
        return [QUEUE, message("executing", {"node": None, "prompt_id": self.job})]

    def _note(self, place: NodePlace, state: str, value: float, total: float) -> None:
        self._nodes[place.node] = {
            "value": value,
            "max": total,
            "state": state,
            "node_id": place.node,
            "prompt_id": self.job,
            "display_node_id": place.display,
            "parent_node_id": place.parent,
            "real_node_id": place.real,
        }

    def _snapshot(self, time: int) -> list[Frame]:
        """A ``progress_state``, if it is due."""
        nodes = len(self._nodes)
        if nodes > WHOLE and time - self._told < INTERVAL * nodes / WHOLE:
            return []
        self._told = time
        return [self._states()]

    def _last(self) -> list[Frame]:
        """The final snapshot of a large graph; small ones have had theirs."""
        return [self._states()] if len(self._nodes) > WHOLE else []

    def _states(self) -> Frame:
        data = {"prompt_id": self.job, "nodes": self._nodes}
        return message("progress_state", data, public=True, transient=True)


def _plain(number: float) -> float:
    """An integer where it is one, as clients expect of counts."""
    return int(number) if float(number).is_integer() else number
