"""Where steps run: the protocol between the engine, which knows what has to be done, and whoever holds the values.

A backend keeps values and what clients were told (``ui``) under fingerprints, bounded by bytes. What a live run still
needs is kept at least as long as that run's session says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from limner.engine.cancellation import Cancellation
from limner.engine.events import NodePlace
from limner.engine.fingerprint import Key
from limner.engine.run import Emit, RunRequest
from limner.engine.step import Held, Outcome, Ref, Step
from limner.graph.graph import Link, Node
from limner.graph.node_type import NodeType


class Session(Protocol):
    """One run's view of a backend. ``keep`` may be called from any thread, everything else from the run's thread."""

    def contribution(self, place: NodePlace, node: Node) -> Any:
        """What the node's own function adds to its fingerprint; NaN: never equal.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        ...

    def recall(self, keys: Sequence[Key]) -> list[bool]:
        """Which results are held now; without keeping them, but counting as a use."""
        ...

    def keep(self, key: Key) -> Held | None:
        """Keeps a held result for this session; None if it is not held. Keeping twice is keeping once."""
        ...

    def drop(self, key: Key) -> None:
        """Ends what ``keep`` or ``call`` began; the result may then be evicted."""
        ...

    def call(self, step: Step, wake: Callable[[], None]) -> Outcome:
        """Calls the node's function; a result is kept for this session.

        Args:
            step: What to call.
            wake: Called once, from any thread, after the outcome was Pending and the step is over.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        ...

    def resume(self, step: Step) -> Outcome:
        """What came of a step whose outcome was Pending.

        Raises:
            InterruptedRun: if the run was asked to stop.
        """
        ...

    def assemble(self, step: Step, links: Mapping[Link, Ref]) -> Outcome:
        """Puts together the result of a step whose outcome was Expanded, now that its links are held."""
        ...

    def close(self) -> None:
        """Drops everything that is kept and stops what is still running; nothing is emitted afterwards."""
        ...


class Backend(Protocol):
    """Runs steps and holds results."""

    coroutines: frozenset[str]
    """Names of node types that run beside others; they are started as early as possible."""

    owned: frozenset[str]
    """Names of node types that read or write files: their results belong to the owner of the run."""

    remembers: bool
    """Whether results outlive the run that made them; if not, every run makes everything anew."""

    def describe(self) -> Mapping[str, NodeType]:
        """The node types that it can run, by name."""
        ...

    def open(self, request: RunRequest, emit: Emit, cancellation: Cancellation) -> Session:
        """Begins a run; the session has to be closed."""
        ...

    def release(self) -> None:
        """Forgets every result that no live session keeps."""
        ...
