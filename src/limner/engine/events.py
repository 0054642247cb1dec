"""What happens while a job runs: a closed union of small frozen records.

The journal keeps them (all but previews and progress), dialects render them, a Job's state is their fold.
Times are milliseconds since the epoch. All node ids are those of the graph; inside an expansion a NodePlace says
whom a user should see.
"""

from typing import Any

import msgspec

from limner.graph.charge import Charge


class NodePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a node stands.

    Attributes:
        node: The node that runs, possibly ephemeral (``1.0.0.2``).
        display: The node to highlight.
        parent: The node that expanded into it, or None.
        real: The node of the submitted graph that it descends from.
    """

    node: str
    display: str
    parent: str | None
    real: str

    @classmethod
    def of(cls, node: str) -> "NodePlace":
        """The place of a node of the submitted graph."""
        return cls(node=node, display=node, parent=None, real=node)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run failed, down to the step.

    Attributes:
        place: The failing node, or None if it was no node (a lost worker).
        node_type: Its type.
        error_type: Qualified class name of the exception; builtins without module.
        message: Its text.
        traceback: Lines.
        inputs: Name to printable values: type, shape, device of tensors; lists, one entry per item.
        executed: Nodes that were done.
        known: All node ids of the graph.
        tips: What to do about it, if anything is known.
    """

    place: NodePlace | None
    node_type: str
    error_type: str
    message: str
    traceback: tuple[str, ...] = ()
    inputs: dict[str, Any] = {}
    executed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    tips: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=str.lower):
    """Root of all events."""

    job: str
    time: int


class Queued(Event, frozen=True, kw_only=True):
    """The job was accepted."""


class Claimed(Event, frozen=True, kw_only=True):
    """A worker took the job under a lease with this epoch; ``attempt`` counts from 1."""

    worker: str
    epoch: int
    attempt: int


class Requeued(Event, frozen=True, kw_only=True):
    """The job goes back to the queue because its worker was lost."""

    reason: str


class Started(Event, frozen=True, kw_only=True):
    """The run began."""


class Recalled(Event, frozen=True, kw_only=True):
    """These nodes need not run: their results are held."""

    nodes: tuple[str, ...]


class NodeStarted(Event, frozen=True, kw_only=True):
    """A node's function is about to be called."""

    place: NodePlace


class NodeProgress(Event, frozen=True, kw_only=True):
    """A node said how far it is.

    Attributes:
        quiet: It changes the node's state and is not worth a message of its own.
        pictured: A NodePreview of the same moment follows.
    """

    place: NodePlace
    value: float
    total: float
    quiet: bool = False
    pictured: bool = False


class NodePreview(Event, frozen=True, kw_only=True):
    """A node showed a picture. Never kept, unless ``final``."""

    place: NodePlace
    image: bytes
    media_type: str
    final: bool = False


class NodeText(Event, frozen=True, kw_only=True):
    """A node showed a text."""

    place: NodePlace
    text: str


class NodeOutput(Event, frozen=True, kw_only=True):
    """A node has something for clients (files, text).

    Attributes:
        ui: Lists of JSON values by key; None when a recalled output node has none.
        recalled: True: told again from what is held, the node did not run.
    """

    place: NodePlace
    ui: dict[str, Any] | None
    recalled: bool = False


class NodeFinished(Event, frozen=True, kw_only=True):
    """A node is done."""

    place: NodePlace


class NodeBlocked(Event, frozen=True, kw_only=True):
    """A node was not called because something upstream blocked it, with a reason to show."""

    place: NodePlace
    node_type: str
    message: str
    executed: tuple[str, ...] = ()


class Charged(Event, frozen=True, kw_only=True):
    """A request to another service was made, for this node; ``place`` is None if it was for the whole graph."""

    charge: Charge
    place: NodePlace | None = None


class StepTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a node took.

    Attributes:
        node: It; inside an expansion, of its own.
        real: The node of the submitted graph that it descends from.
        began: Milliseconds since the epoch.
        seconds: From its call to its end, or to the end of the run if that came first.
        done: Whether it came to its end.
    """

    node: str
    real: str
    began: int
    seconds: float
    done: bool = True


class Timed(Event, frozen=True, kw_only=True):
    """How long the nodes took that ran, in the order of their calls; told just before the run ends."""

    steps: tuple[StepTime, ...]


class Stopping(Event, frozen=True, kw_only=True):
    """Somebody asked the run to stop; it does so at its next step, unless it ends first."""


class Succeeded(Event, frozen=True, kw_only=True):
    """The run ended well. Terminal."""


class Failed(Event, frozen=True, kw_only=True):
    """The run failed. Terminal."""

    failure: Failure


class Interrupted(Event, frozen=True, kw_only=True):
    """The run was stopped on request. Terminal. ``place`` is None if it never ran."""

    place: NodePlace | None = None
    node_type: str = ""
    executed: tuple[str, ...] = ()


AnyEvent = (
    Queued
    | Claimed
    | Requeued
    | Started
    | Recalled
    | NodeStarted
    | NodeProgress
    | NodePreview
    | NodeText
    | NodeOutput
    | NodeFinished
    | NodeBlocked
    | Charged
    | Timed
    | Stopping
    | Succeeded
    | Failed
    | Interrupted
)

TERMINAL = (Succeeded, Failed, Interrupted)
TRANSIENT = (NodeStarted, NodeProgress, NodePreview, NodeFinished)
"""Events that are told but not kept."""
