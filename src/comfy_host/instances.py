"""The objects of V1 classes: one for each node and class, kept from run to run as long as prompts hold that node."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from limner.engine.events import NodePlace
from limner.graph.graph import Graph

Key = tuple[str, type]
"""A node id and a class."""


class Instances:
    """Objects by node and class. Safe for any number of threads: an object is in one call's hands at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Key, list[Any]] = {}
        self._places: dict[Key, str] = {}

    @contextmanager
    def lent(self, place: NodePlace, kind: type) -> Iterator[Any]:
        """The object of a node, made without arguments if there is none, or if another run has it just now."""
        key = (place.node, kind)
        with self._lock:
            waiting = self._idle.get(key)
            instance = waiting.pop() if waiting else None
        if instance is None:
            instance = kind()
        try:
            yield instance
        finally:
            with self._lock:
                self._places[key] = place.real
                self._idle.setdefault(key, [])[:] = [instance]

    def keep(self, graph: Graph) -> None:
        """Forgets the objects of nodes that a prompt does not hold: what ComfyUI does when a prompt starts."""
        with self._lock:
            gone = [key for key in self._idle if self._places[key] not in graph.nodes]
            for key in gone:
                del self._idle[key], self._places[key]

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._idle.clear()
            self._places.clear()

    def counts(self) -> Mapping[str, int]:
        """How many objects of each class wait."""
        with self._lock:
            found: dict[str, int] = {}
            for (_, kind), waiting in self._idle.items():
                found[kind.__name__] = found.get(kind.__name__, 0) + len(waiting)
            return found
