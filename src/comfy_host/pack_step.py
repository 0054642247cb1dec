"""One call of a pack's class: what V1, V3 and isolated classes have in common.

A definition made here asks the engine for the services in ``SERVICES``; their parameter names hold a colon, so that no
input of a pack can have the same name. Its function takes everything as keyword arguments, parts them with
``PackStep.split``, and calls the class within ``PackStep.entered``, with the values that ``PackStep.arguments`` gives.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from comfy_host.bridge import Bridge
from comfy_host.context import Running, inside
from comfy_host.instances import Instances
from limner.engine.blocked import Blocked
from limner.engine.events import NodePlace
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.declare import NodeResult
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link
from limner.graph.progress import Progress

PATIENCE = 0.1
"""Seconds between two looks for an interruption while a step waits for its pack."""


@dataclass(frozen=True)
class PackRun:
    """What the steps of a run have in common: an engine service, made for each run.

    Attributes:
        request: The job's request.
        bridge: Turns values at the border.
        instances: The objects of V1 classes, kept by node.
        locks: One lock a pack: packs are written for a server that runs one node at a time.
    """

    request: RunRequest
    bridge: Bridge
    instances: Instances
    locks: Callable[[str], threading.RLock]
    _counters: dict[str, tuple[Progress, Iterator[int]]] = field(default_factory=dict)

    def call_number(self, node: str, progress: Progress) -> int:
        """Which of a step's calls this is, from 0. A step that begins anew has a new ``progress``."""
        known = self._counters.get(node)
        if known is None or known[0] is not progress:
            known = self._counters[node] = progress, itertools.count()
        return next(known[1])


SERVICES: Mapping[str, type] = {"limner:run": PackRun, "limner:place": NodePlace, "limner:progress": Progress}
"""Parameter names and kinds of what definitions of packs ask the engine for."""

_PREFIX: ContextVar[tuple[str, int, Iterator[int]] | None] = ContextVar("expansion", default=None)


def expansion() -> tuple[str, int, Iterator[int]] | None:
    """What ids of expansions begin with: the node that runs, the number of its call, and numbers for its graphs."""
    return _PREFIX.get()


@dataclass(frozen=True)
class PackStep:
    """One call of a pack's class."""

    run: PackRun
    place: NodePlace
    progress: Progress

    @classmethod
    def split(cls, given: dict[str, Any]) -> tuple[PackStep, dict[str, Any]]:
        """Parts what a function was given into the step and the inputs."""
        inputs = {name: value for name, value in given.items() if name not in SERVICES}
        return cls(*(given[name] for name in SERVICES)), inputs

    def arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs as packs expect them."""
        return {name: self.run.bridge.to_host(value) for name, value in inputs.items()}

    @contextmanager
    def entered(self, pack: str | None = None) -> Iterator[None]:
        """Marks the block as part of this step; with a pack's name, no other step of that pack runs meanwhile.

        Raises:
            InterruptedRun: if the run was asked to stop while it waited, or a pack interrupted what runs.
        """
        running = Running(place=self.place, request=self.run.request, progress=self.progress)
        number = self.run.call_number(self.place.node, self.progress)
        token = _PREFIX.set((self.place.node, number, itertools.count()))
        try:
            with self._alone(pack), inside(running):
                yield
                _stop_if_asked()
        finally:
            _PREFIX.reset(token)

    @contextmanager
    def _alone(self, pack: str | None) -> Iterator[None]:
        if pack is None:
            yield
            return
        lock = self.run.locks(pack)
        while not lock.acquire(timeout=PATIENCE):
            self.progress.check()
        try:
            yield
        finally:
            lock.release()

    def result(self, returned: Any, outputs: int) -> NodeResult:
        """What a class returned, as the engine takes it.

        Args:
            returned: A tuple or list of values, ``{"ui", "result", "expand"}``, an ExecutionBlocker, one bare value,
                or None.
            outputs: How many outputs the class declares.

        Raises:
            TypeError: if it returned nothing though it has outputs.
        """
        if is_blocker(returned):
            return NodeResult(values=(Blocked(returned.message),) * outputs)
        if isinstance(returned, Mapping):
            return self._from_mapping(returned, outputs)
        return NodeResult(values=self._values(returned, outputs))

    def _from_mapping(self, returned: Mapping[str, Any], outputs: int) -> NodeResult:
        ui, written, values = returned.get("ui"), returned.get("expand"), returned.get("result")
        if is_blocker(values):
            values = (values,) * outputs
        found = () if values is None else self._values(values, outputs)
        if written is None:
            return NodeResult(values=found, ui=ui)
        return NodeResult(values=tuple(map(_linked, found)), ui=ui, expand=self._expansion(written))

    def _values(self, returned: Any, outputs: int) -> tuple[Any, ...]:
        if returned is None:
            if outputs:
                raise TypeError(f"It returned None; expected a tuple of {outputs} value(s), or a dict with 'result'.")
            return ()
        values = tuple(returned) if isinstance(returned, tuple | list) else (returned,)
        return tuple(self.native(value) for value in values)

    def native(self, value: Any) -> Any:
        """A value, or a list of items, as Limner's nodes expect it; blockers become ours."""
        if is_blocker(value):
            return Blocked(value.message)
        if type(value) is list and any(map(is_blocker, value)):
            value = [Blocked(item.message) if is_blocker(item) else item for item in value]
        return self.run.bridge.to_native(value)

    def _expansion(self, written: Any) -> Graph:
        if isinstance(written, Graph):
            return written
        if not isinstance(written, Mapping):
            raise GraphError(f"'expand' should be a dict of nodes by id; it is a {type(written).__name__}.")
        entries = {str(name): dict(entry) for name, entry in written.items()}
        for entry in entries.values():
            entry["inputs"] = {name: self.native(value) for name, value in (entry.get("inputs") or {}).items()}
        return from_document(entries)


def _stop_if_asked() -> None:
    """Ends the step as interrupted if a pack asked for that (``nodes.interrupt_processing``), be it in a route."""
    management = sys.modules.get("comfy.model_management")
    if management is not None and management.interrupt_processing:
        management.throw_exception_if_processing_interrupted()


def is_blocker(value: Any) -> bool:
    """Whether a value is an ExecutionBlocker. Some packs bring a class of that name of their own."""
    return type(value).__name__ == "ExecutionBlocker" and hasattr(value, "message")


def _linked(value: Any) -> Any:
    """A link into an expansion as a Link."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) in (int, float):
        return Link(value[0], int(value[1]))
    return value
