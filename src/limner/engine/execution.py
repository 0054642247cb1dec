"""One run: from a request to its terminal event."""

import time
from collections.abc import Iterable
from functools import partial
from os import urandom
from queue import SimpleQueue
from typing import Any

from limner.engine.agenda import Agenda
from limner.engine.backend import Backend
from limner.engine.cancellation import Cancellation
from limner.engine.demand import Demand
from limner.engine.events import (
    AnyEvent,
    Failed,
    Failure,
    Interrupted,
    NodeBlocked,
    NodeFinished,
    NodeOutput,
    NodeStarted,
    Recalled,
    Started,
    Succeeded,
)
from limner.engine.fingerprint import SIZE, Key
from limner.engine.flights import Flights
from limner.engine.identity import Identities
from limner.engine.overlay import Overlay
from limner.engine.run import Emit, RunRequest
from limner.engine.step import Broken, Done, Expanded, Lost, Needs, Outcome, Pending, Ref, Step
from limner.graph.errors import InterruptedRun, LimnerError, StepError
from limner.graph.graph import Link
from limner.storage.folders import ONLY_OWNER

DEPENDENCY_CYCLE = "graph.DependencyCycleError"
"""What clients know a cycle by that appears only while a graph runs."""

BLOCKED_EXECUTED = 1000
"""Finished nodes named in NodeBlocked, latest ones: every consumer of a blocker tells it, and all are told by each."""


class _BrokenStepError(StepError):
    """Carries what is known of a failed step to the end of the run."""

    def __init__(self, node: str | None, broken: Broken) -> None:
        super().__init__(broken.message)
        self.node, self.broken = node, broken


class Execution:
    """A run of one request. Used once, in one thread; ``arrived`` may be called from others."""

    def __init__(
        self, backend: Backend, flights: Flights, request: RunRequest, emit: Emit, cancellation: Cancellation
    ) -> None:
        self._request, self._emit, self._cancellation, self._flights = request, emit, cancellation, flights
        self._session = backend.open(request, emit, cancellation)
        self._overlay = Overlay(request.graph, request.document)
        salt = (b"substitute" if request.substitute else b"") + (b"" if backend.remembers else urandom(SIZE))
        owned = dict.fromkeys(backend.owned, b"=" + request.owner.encode()) if request.owner != ONLY_OWNER else {}
        self._identities = Identities(self._overlay, backend.describe(), self._session.contribution, salt, owned)
        self._agenda = Agenda()
        self._demand = Demand(self._overlay, self._identities, self._agenda, self._session, backend.coroutines)
        self._inbox: SimpleQueue[tuple[str, bool] | None] = SimpleQueue()
        """Nodes whose wait for something outside is over, and whether they are to be resumed; None: look up."""
        self._outside = 0
        """How many nodes wait for something outside: a coroutine, another run."""
        self._flying: dict[Key, str] = {}
        """The node that computes a result, or waits for another run to do so."""
        self._steps: dict[str, Step] = {}
        """Calls that have begun and are not over."""
        self._expansions: dict[str, tuple[Link, ...]] = {}
        self._resumed: set[str] = set()
        self._executed: list[str] = []
        self._current: str | None = None

    def run(self) -> AnyEvent:
        """Runs everything; returns the terminal event, which the caller emits after everything is closed."""
        try:
            self._cancellation.listen(partial(self._inbox.put, None))
            self._tell(Started)
            self._plan()
            self._drive()
            return Succeeded(job=self._request.job, time=_now())
        except InterruptedRun:
            return self._interrupted()
        except LimnerError as error:
            return self._failed(error)
        finally:
            self._session.close()
            self._flights.leave(self)

    def arrived(self, node: str, key: Key) -> None:
        """See ``flights.Passenger``."""
        self._session.keep(key)
        self._inbox.put((node, False))

    # What is to be done

    def _plan(self) -> None:
        self._identities.identify(self._request.targets)
        keys = self._identities.keys
        names = [name for name in self._request.graph.nodes if name in keys]
        held = self._session.recall([keys[name] for name in names])
        self._tell(Recalled, nodes=tuple(name for name, known in zip(names, held, strict=True) if known))
        self._demand.want(self._request.targets)

    def _drive(self) -> None:
        agenda, inbox = self._agenda, self._inbox
        while agenda:
            self._cancellation.check()
            while not inbox.empty():
                self._take()
            name = agenda.pop()
            if name is not None:
                self._visit(name)
            elif self._outside:
                self._take()
            else:
                raise self._cycle()

    def _take(self) -> None:
        """Takes one message; blocks until there is one."""
        message = self._inbox.get()
        if message is None:
            return
        name, resumed = message
        self._outside -= 1
        if resumed:
            self._resumed.add(name)
        else:
            del self._flying[self._identities.keys[name]]
        self._agenda.unblock(name)

    def _visit(self, name: str) -> None:
        """Carries a ready node as far as it goes."""
        self._current = name
        if name in self._resumed:
            self._resumed.discard(name)
            self._settle(name, self._session.resume(self._steps[name]))
        elif name in self._expansions:
            self._settle(name, self._assemble(name))
        elif self._boards(name):
            self._tell(NodeStarted, place=self._overlay.place(name))
            step = self._steps[name] = self._demand.step(name)
            self._settle(name, self._session.call(step, partial(self._inbox.put, (name, True))))

    def _boards(self, name: str) -> bool:
        """Whether a node has to be called now; if not, it is finished or waits."""
        key = self._identities.keys[name]
        flying = self._flying.get(key)
        if flying is not None:
            self._agenda.block(name, flying)
            return False
        if key not in self._demand.results:
            self._flying[key] = name
            if not self._flights.board(key, self, name):
                self._outside += 1
                self._agenda.hold(name)
                return False
            # Only now: another run may have landed between the last look and boarding.
            if not self._demand.available(key):
                return True
            self._land(key)
        self._recall(name, key)
        return False

    def _assemble(self, name: str) -> Outcome:
        keys = self._identities.keys
        links = {link: Ref(keys[link.source], link.output) for link in self._expansions[name]}
        return self._session.assemble(self._steps[name], links)

    # What has become of a node

    def _settle(self, name: str, outcome: Outcome) -> None:
        match outcome:
            case Done():
                self._done(name, outcome)
            case Pending():
                self._outside += 1
                self._agenda.hold(name)
            case Needs():
                links = self._overlay.node(name).inputs
                self._suspend(name, [links[field].source for field in outcome.names])
            case Lost():
                self._remake(name, outcome)
            case Expanded():
                self._expand(name, outcome)
            case Broken():
                raise _BrokenStepError(name, outcome)

    def _done(self, name: str, done: Done) -> None:
        key = self._identities.keys[name]
        place = self._overlay.place(name)
        self._demand.results[key] = done.held
        self._land(key)
        for message in done.blocked:
            executed = tuple(self._executed[-BLOCKED_EXECUTED:])
            node_type = self._overlay.node(name).type
            self._tell(NodeBlocked, place=place, node_type=node_type, message=message, executed=executed)
        if done.held.ui:
            self._tell(NodeOutput, place=place, ui=dict(done.held.ui))
        self._finish(name)

    def _recall(self, name: str, key: Key) -> None:
        """Finishes a node whose result is there already: it is told again, the node is not called."""
        ui = self._demand.results[key].ui
        self._tell(NodeOutput, place=self._overlay.place(name), ui=dict(ui) if ui else None, recalled=True)
        self._finish(name)

    def _finish(self, name: str) -> None:
        self._steps.pop(name, None)
        self._expansions.pop(name, None)
        self._executed.append(name)
        self._tell(NodeFinished, place=self._overlay.place(name))
        self._demand.finish(name)

    def _suspend(self, name: str, sources: Iterable[str]) -> None:
        """Begins a node again when further sources are there. Meanwhile another run may compute it."""
        self._land(self._identities.keys[name])
        self._demand.require(name, dict.fromkeys(sources))

    def _remake(self, name: str, lost: Lost) -> None:
        keys, expansion = self._identities.keys, self._expansions.get(name)
        for key in lost.keys:
            self._demand.results.pop(key, None)
        links = expansion if expansion is not None else (link for _, link in self._overlay.node(name).links())
        sources = dict.fromkeys(link.source for link in links if keys[link.source] in lost.keys)
        if expansion is None:
            self._suspend(name, sources)
        else:
            self._demand.require(name, sources)

    def _expand(self, name: str, expanded: Expanded) -> None:
        self._overlay.add(name, expanded.graph)
        inner = list(expanded.graph.nodes)
        self._identities.forget(inner)
        self._identities.identify([*inner, *(link.source for link in expanded.links)])
        self._expansions[name] = expanded.links
        sources = dict.fromkeys(link.source for link in expanded.links)
        self._demand.use(name, sources)
        self._demand.require(name, sources)
        self._demand.want([entry for entry in inner if self._identities.type_of(entry).is_output])

    def _land(self, key: Key) -> None:
        del self._flying[key]
        self._flights.land(key)

    # How it ended

    def _interrupted(self) -> Interrupted:
        name = self._blamed()
        return Interrupted(
            job=self._request.job,
            time=_now(),
            place=None if name is None else self._overlay.place(name),
            node_type="" if name is None else self._overlay.node(name).type,
            executed=tuple(self._executed),
        )

    def _blamed(self) -> str | None:
        """The node that runs, or else one that is waited for."""
        if self._current is not None and self._current in self._agenda:
            return self._current
        return next(iter(self._flying.values()), self._current)

    def _failed(self, error: LimnerError) -> Failed:
        name = error.node if isinstance(error, _BrokenStepError) else self._current
        kind = type(error)
        known = name is not None and name in self._overlay
        broken = (
            error.broken
            if isinstance(error, _BrokenStepError)
            else Broken(error_type=f"{kind.__module__}.{kind.__qualname__}", message=str(error))
        )
        failure = Failure(
            place=self._overlay.place(name) if known and name else None,
            node_type=self._overlay.node(name).type if known and name else "",
            error_type=broken.error_type,
            message=broken.message,
            traceback=broken.traceback,
            inputs=broken.inputs,
            executed=tuple(self._executed),
            known=tuple(self._request.graph.nodes),
            tips=broken.tips,
        )
        return Failed(job=self._request.job, time=_now(), failure=failure)

    def _cycle(self) -> _BrokenStepError:
        """Nodes are left that wait only for each other."""
        names = list(self._agenda)
        blamed = next((name for name in names if self._overlay.place(name).parent is not None), names[0])
        return _BrokenStepError(blamed, Broken(DEPENDENCY_CYCLE, "Dependency cycle detected"))

    def _tell(self, kind: type[Any], **fields: Any) -> None:
        self._emit(kind(job=self._request.job, time=_now(), **fields))


def _now() -> int:
    return time.time_ns() // 1_000_000
