"""Events of one job as ComfyUI's messages, in its order.

``progress_state`` is a snapshot of all nodes so far, so sending it whole at every event costs the square of the graph's
size. A Narrator sends whole snapshots at every start and finish only while the graph is small; above ``WHOLE`` nodes
they hold the running and latest nodes and go out at most every ``INTERVAL`` milliseconds.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

from limner.dialects.comfy.frames import Frame, caption, message, picture
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
"""Shortest time between two snapshots that need not be sent, in milliseconds."""

WHOLE = 64
"""Up to so many nodes a snapshot is whole."""

QUEUE = Frame(type="queue", body="")
"""Stands for the ``status`` message that all sockets get here; its number is known to the sender only."""


class Narrator:
    """Tells one job's story. Fed with its events in order; no clock, no I/O."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.current: str | None = None
        """The node that clients highlight, or None."""
        self._nodes: dict[str, dict[str, Any]] = {}
        self._running: dict[str, dict[str, Any]] = {}
        self._told = -INTERVAL
        self._tellers: dict[type[Event], Callable[[Any], list[Frame]]] = {
            Queued: lambda event: [QUEUE],
            Claimed: lambda event: [QUEUE],
            Requeued: self._requeue,
            Started: self._start,
            Recalled: self._recall,
            NodeStarted: self._node_start,
            NodeProgress: self._progress,
            NodePreview: lambda event: [picture(event)],
            NodeText: lambda event: [caption(event)],
            NodeOutput: self._output,
            NodeFinished: self._node_finish,
            NodeBlocked: lambda event: [message("execution_error", blocked_data(event))],
            Succeeded: self._succeed,
            Failed: self._fail,
            Interrupted: self._interrupt,
        }

    def tell(self, event: AnyEvent) -> list[Frame]:
        """The messages of one more event; ``QUEUE`` stands for the queue's length."""
        return self._tellers[type(event)](event)

    def _requeue(self, event: Requeued) -> list[Frame]:
        self._nodes, self._running, self.current = {}, {}, None
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
        return [*self._snapshot(event.time, wanted=True), message("executing", data)]

    def _progress(self, event: NodeProgress) -> list[Frame]:
        self._note(event.place, "running", event.value, event.total)
        data = {
            "value": _plain(event.value),
            "max": _plain(event.total),
            "prompt_id": self.job,
            "node": event.place.node,
        }
        told = message("progress", data, public=True, transient=True)
        return [*self._snapshot(event.time, wanted=False), told]

    def _output(self, event: NodeOutput) -> list[Frame]:
        place = event.place
        frames = []
        if event.recalled or event.ui:
            data = {"node": place.node, "display_node": place.display, "output": event.ui, "prompt_id": self.job}
            frames.append(message("executed", data))
        if event.recalled:
            self._note(place, "finished", 1.0, 1.0)
            frames += self._snapshot(event.time, wanted=True)
        return frames

    def _node_finish(self, event: NodeFinished) -> list[Frame]:
        known = self._nodes.get(event.place.node)
        if known and known["state"] == "finished":
            return []
        total = known["max"] if known else 1.0
        self._note(event.place, "finished", total, total)
        return self._snapshot(event.time, wanted=True)

    def _succeed(self, event: Succeeded) -> list[Frame]:
        success = message("execution_success", {"prompt_id": self.job, "timestamp": event.time})
        last = self._snapshot(event.time + INTERVAL, wanted=True) if len(self._nodes) > WHOLE else []
        return [*last, success, *self._end()]

    def _fail(self, event: Failed) -> list[Frame]:
        return [message("execution_error", error_data(self.job, event.failure, event.time)), *self._end()]

    def _interrupt(self, event: Interrupted) -> list[Frame]:
        return [message("execution_interrupted", interrupted_data(event), public=True), *self._end()]

    def _end(self) -> list[Frame]:
        self.current = None
        return [QUEUE, message("executing", {"node": None, "prompt_id": self.job})]

    def _note(self, place: NodePlace, state: str, value: float, total: float) -> None:
        entry = {
            "value": value,
            "max": total,
            "state": state,
            "node_id": place.node,
            "prompt_id": self.job,
            "display_node_id": place.display,
            "parent_node_id": place.parent,
            "real_node_id": place.real,
        }
        self._nodes[place.node] = entry
        if state == "running":
            self._running[place.node] = entry
        else:
            self._running.pop(place.node, None)

    def _snapshot(self, time: int, *, wanted: bool) -> list[Frame]:
        """A ``progress_state``, if it is due; ``wanted`` ones are always due in small graphs."""
        whole = len(self._nodes) <= WHOLE
        if time - self._told < INTERVAL and not (wanted and whole):
            return []
        self._told = time
        shown = self._nodes
        if not whole:
            shown = dict(islice(reversed(self._nodes.items()), WHOLE)) | dict(islice(self._running.items(), WHOLE))
        return [message("progress_state", {"prompt_id": self.job, "nodes": shown}, public=True, transient=True)]


def _plain(number: float) -> float:
    """An integer where it is one, as clients expect of counts."""
    return int(number) if float(number).is_integer() else number
