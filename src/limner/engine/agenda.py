"""What is to be done next: nodes, what they wait for, and which of the ready ones comes first.

Everything that a node can wait for is a blocker: a source, a lazy input that was asked for, the nodes it expanded into,
a coroutine, the same step in another job. A node without blockers is ready. Among ready nodes the order is: output
nodes and coroutines; nodes that feed an output node; nodes that feed such a node; the others; within each, the order
in which the nodes were added.
"""

from collections.abc import Iterable
from heapq import heappop, heappush

FAR = 3
"""Distance to an output node from which on it makes no difference."""

_SPAN = 1 << 40
"""More than the number of nodes that can ever be added."""


class Agenda:
    """The unfinished nodes of a run. Every operation costs O(log n) at most, apart from the edges it is given."""

    def __init__(self) -> None:
        self._order: dict[str, int] = {}
        self._blockers: dict[str, int] = {}
        self._dependents: dict[str, list[str]] = {}
        self._distance: dict[str, int] = {}
        self._sources: dict[str, list[str]] = {}
        self._ready: list[tuple[int, str]] = []
        self._added = 0
        self._started = 0

    def __contains__(self, name: str) -> bool:
        return name in self._order

    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)
