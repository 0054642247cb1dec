"""What is to be done next: nodes, what they wait for, and which of the ready ones comes first.

Everything that a node can wait for is a blocker: a source, a lazy input that was asked for, the nodes it expanded into,
a coroutine, the same step in another job. A node without blockers is ready. Among ready nodes the order is: output
nodes and coroutines; nodes that feed an output node; nodes that feed such a node; the others; within each, the order
in which the nodes were added.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

FAR = 3
"""Distance to an output node from which on it makes no difference."""

_SPAN = 1 << 40
"""More than the number of nodes that can ever be added."""


@dataclass(slots=True)
class _Entry:
    """An unfinished node."""

    order: int
    distance: int
    urgent: bool
    blockers: int = 0
    dependents: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


class Agenda:
    """The unfinished nodes of a run. Cost: O(log n) for each node and O(1) for each edge, whatever the shape."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._names: list[str] = []
        self._ready: list[int] = []

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, name: str, *, output: bool, urgent: bool) -> None:
        """Adds a node that is not there. It is not ready before it was given to ``settle``.

        Args:
            name: The node.
            output: It is an output node.
            urgent: It comes as early as an output node, though it is none.
        """
        self._entries[name] = _Entry(len(self._names), 0 if output else FAR, urgent)
        self._names.append(name)

    def block(self, name: str, source: str) -> None:
        """Lets a node wait until another one on the agenda is finished."""
        entry, above = self._entries[name], self._entries[source]
        entry.blockers += 1
        entry.sources.append(source)
        above.dependents.append(name)
        if entry.distance + 1 < above.distance:
            self._approach(source, entry.distance + 1)

    def hold(self, name: str) -> None:
        """Lets a node wait for something that is no node; ``unblock`` ends it."""
        self._entries[name].blockers += 1

    def unblock(self, name: str) -> None:
        """Takes one blocker away; without any the node is ready."""
        entry = self._entries[name]
        entry.blockers -= 1
        if not entry.blockers:
            self._push(entry)

    def settle(self, names: Iterable[str]) -> None:
        """Makes those of the nodes ready that wait for nothing."""
        for name in names:
            entry = self._entries[name]
            if not entry.blockers:
                self._push(entry)

    def pop(self) -> str | None:
        """Takes the ready node that comes first; None if none is ready. It stays on the agenda until it is finished."""
        return self._names[heappop(self._ready) % _SPAN] if self._ready else None

    def finish(self, name: str) -> None:
        """Takes a node off the agenda; what waited for it has one blocker less."""
        for dependent in self._entries.pop(name).dependents:
            self.unblock(dependent)

    def _push(self, entry: _Entry) -> None:
        heappush(self._ready, (0 if entry.urgent else entry.distance) * _SPAN + entry.order)

    def _approach(self, name: str, distance: int) -> None:
        """Notes that a node is nearer to an output node than was known, and so are its sources."""
        stack = [(name, distance)]
        while stack:
            name, distance = stack.pop()
            entry = self._entries.get(name)
            if entry is None or distance >= entry.distance:
                continue
            entry.distance = distance
            if distance + 1 < FAR:
                stack += [(source, distance + 1) for source in entry.sources]
