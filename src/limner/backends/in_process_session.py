"""One run's steps in this process: calls the functions, and holds on to what the run still needs."""

import inspect
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from limner.backends.in_process_binding import (
    KINDS,
    Bound,
    Callee,
    Returned,
    bind,
    blocked,
    blocker,
    calls,
    missing,
    normal,
)
from limner.backends.in_process_failure import broken, out_of_memory
from limner.backends.in_process_loop import Loop, RaisedError, guarded, inference, together
from limner.backends.in_process_progress import StepProgress
from limner.backends.in_process_prompt import LivePrompt
from limner.backends.in_process_results import Items, Results
from limner.engine.cancellation import Cancellation
from limner.engine.events import NodePlace
from limner.engine.fingerprint import Key
from limner.engine.overlay import Overlay
from limner.engine.run import Emit, RunRequest
from limner.engine.step import Broken, Done, Expanded, Held, Lost, Needs, Outcome, Pending, Ref, Step
from limner.graph.errors import GraphError, InterruptedRun, UnknownNameError
from limner.graph.graph import Link, Node
from limner.graph.progress import Progress

_log = logging.getLogger(__name__)


class _LostError(Exception):
    """A Ref whose result is gone."""


class InProcessSession:
    """See ``limner.engine.backend.Session``."""

    def __init__(
        self,
        callees: Mapping[str, Callee],
        services: Mapping[type, Any],
        results: Results,
        loop: Loop,
        request: RunRequest,
        emit: Emit,
        cancellation: Cancellation,
        exhausted: Callable[[], None],
    ) -> None:
        self._callees, self._services, self._results, self._loop = callees, services, results, loop
        self._request, self._emit, self._cancellation, self._exhausted = request, emit, cancellation, exhausted
        self._lock = threading.Lock()
        self._kept: set[Key] = set()
        self._closed = False
        self._bound: dict[str, Bound] = {}
        self._futures: dict[str, Future[Any]] = {}
        self._partial: dict[str, Returned] = {}

    # Results

    def recall(self, keys: Sequence[Key]) -> list[bool]:
        """See ``Session``. This is where a run begins."""
        found = self._results.recall(keys)
        self._results.begin(keys, self._request.graph.nodes.keys())
        return found

    def keep(self, key: Key) -> Held | None:
        """See ``Session``."""
        with self._lock:
            if self._closed:
                return None
            if key in self._kept:
                result = self._results.get(key)
                return result.held if result else None
            held = self._results.keep(key)
            if held is not None:
                self._kept.add(key)
            return held

    def drop(self, key: Key) -> None:
        """See ``Session``."""
        with self._lock:
            if key in self._kept:
                self._kept.discard(key)
                self._results.drop((key,))

    def close(self) -> None:
        """See ``Session``."""
        for future in self._futures.values():
            future.cancel()
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, set()
        self._results.drop(kept)

    # Steps

    def contribution(self, place: NodePlace, node: Node) -> Any:
        """See ``Session``. A function that fails contributes NaN: the node then runs every time."""
        callee = self._callees[node.type]
        function = callee.definition.fingerprint
        if function is None:
            return None
        inputs = {
            name: None if isinstance(value, Link) else value
            for name, value in node.inputs.items()
            if name in callee.declared or callee.definition.type.takes_any
        }
        self._cancellation.check()
        try:
            return self._wait(function(**inputs, **self._services_of(callee, place)))
        except InterruptedRun:
            raise
        except Exception as error:  # the step: whatever a node raises is its failure
            _log.warning("Node %s (%s) runs every time: its fingerprint failed: %r", place.node, node.type, error)
            return math.nan

    def call(self, step: Step, wake: Callable[[], None]) -> Outcome:
        """See ``Session``."""
        callee = self._callees[step.type]
        bound: Bound = {}
        try:
            bound = bind(callee, step, self._look, self._hidden(callee, step.place, step.graph))
            services = self._services_of(callee, step.place)
            arguments = calls(callee, bound)
            wanted = self._wanted(callee, step, arguments, services)
            if wanted:
                return Needs(wanted)
            if callee.is_coroutine:
                self._bound[step.place.node] = bound
                return self._start(callee, step, arguments, services, wake)
            return self._finish(callee, step, self._call_all(callee, step, arguments, services))
        except BaseException as error:  # the step: whatever a node raises is its failure
            return self._outcome(error, step, bound)

    def resume(self, step: Step) -> Outcome:
        """See ``Session``."""
        name = step.place.node
        bound = self._bound.pop(name)
        try:
            return self._finish(self._callees[step.type], step, self._futures.pop(name).result())
        except CancelledError:
            raise InterruptedRun("The run was stopped on request.") from None
        except BaseException as error:  # the step: whatever a node raises is its failure
            return self._outcome(error, step, bound)

    def assemble(self, step: Step, links: Mapping[Link, Ref]) -> Outcome:
        """See ``Session``."""
        returned = self._partial[step.place.node]
        try:
            outcome = self._store(self._callees[step.type], step, returned, lambda link: self._look(links[link]))
        except BaseException as error:  # the step: whatever a node raised is its failure
            return self._outcome(error, step, {}, links.values())
        del self._partial[step.place.node]
        return outcome

    # Calling

    def _wanted(
        self, callee: Callee, step: Step, arguments: Sequence[dict[str, Any]], services: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """The lazy inputs that the node asks for and that are not there."""
        function = callee.definition.needs
        if function is None:
            return ()
        absent = missing(callee, step)
        names: dict[str, None] = {}
        for call in arguments:
            self._cancellation.check()
            if blocker(callee, call) is None:
                names |= dict.fromkeys(self._wait(function(**call, **services)) or ())
        for name in names:
            if name in callee.lazy and name not in step.inputs:
                raise GraphError(f"{step.type} asks for its input {name!r}, but nothing is linked to it: link it.")
        return tuple(name for name in names if name in absent)

    def _call_all(
        self, callee: Callee, step: Step, arguments: Sequence[dict[str, Any]], services: Mapping[str, Any]
    ) -> Returned:
        returned = Returned()
        with inference():
            for call in arguments:
                self._cancellation.check()
                stop = blocker(callee, call)
                value = None if stop else self._wait(callee.definition.function(**call, **services))
                returned.add(blocked(callee) if stop else normal(callee, value), stop)
        return returned

    def _start(
        self,
        callee: Callee,
        step: Step,
        arguments: Sequence[dict[str, Any]],
        services: Mapping[str, Any],
        wake: Callable[[], None],
    ) -> Pending:
        """Starts a coroutine for each call, all at once."""
        stops = [blocker(callee, call) for call in arguments]

        async def run_all() -> Returned:
            values = iter(
                await together(
                    guarded(callee.definition.function, {**call, **services})
                    for call, stop in zip(arguments, stops, strict=True)
                    if stop is None
                )
            )
            returned = Returned()
            for stop in stops:
                result = blocked(callee) if stop else normal(callee, next(values))
                returned.add(result, stop)
            return returned

        future = self._futures[step.place.node] = self._loop.submit(run_all())
        future.add_done_callback(lambda _: wake())
        return Pending()

    def _finish(self, callee: Callee, step: Step, returned: Returned) -> Outcome:
        """Keeps the result, or hands over what it still needs."""
        if not returned.expands:
            return self._store(callee, step, returned, lambda link: [link])
        graph = returned.expand(step.place.node, step.graph)
        for node in graph.nodes.values():
            if node.type not in self._callees:
                raise UnknownNameError("node type", node.type, self._callees, f"{step.type} expands into it.")
        self._partial[step.place.node] = returned
        return Expanded(graph, returned.links())

    def _store(self, callee: Callee, step: Step, returned: Returned, follow: Callable[[Link], Items | None]) -> Done:
        outputs = returned.outputs(callee, follow)
        held = Held(returned.ui())
        root = step.place.real if step.place.parent is not None else None
        self._results.store(step.key, outputs, held, ephemeral=step.ephemeral, root=root)
        with self._lock:
            if step.key in self._kept:
                self._results.drop((step.key,))
            self._kept.add(step.key)
        return Done(held, tuple(returned.messages))

    def _outcome(self, error: BaseException, step: Step, bound: Bound, refs: Iterable[Any] = ()) -> Outcome:
        """What an exception means for the step."""
        if isinstance(error, RaisedError):
            error = error.error
        if isinstance(error, InterruptedRun):
            raise error
        if isinstance(error, _LostError):
            wanted = {ref.key for ref in (*step.inputs.values(), *refs) if type(ref) is Ref}
            return Lost(frozenset(key for key in wanted if self._results.get(key) is None))
        failure: Broken = broken(error, bound, tuple(self._request.secrets.values()))
        if out_of_memory(error):
            self._exhausted()
        return failure

    # What a call is given

    def _look(self, ref: Ref) -> Items | None:
        result = self._results.get(ref.key)
        if result is None:
            raise _LostError
        return result.outputs[ref.output] if ref.output < len(result.outputs) else None

    def _hidden(self, callee: Callee, place: NodePlace, graph: Overlay) -> dict[str, Any]:
        return {
            name: self._hidden_value(kind, place, graph)
            for name, kind in callee.definition.type.hidden.items()
            if kind in KINDS
        }

    def _hidden_value(self, kind: str, place: NodePlace, graph: Overlay) -> Any:
        match kind:
            case "UNIQUE_ID":
                return place.node
            case "PROMPT":
                return self._request.document
            case "DYNPROMPT":
                return LivePrompt(graph)
            case "EXTRA_PNGINFO" | "COMFY_USAGE_SOURCE":
                return self._request.extra.get(kind.lower())
            case _:
                return self._request.secrets.get(kind.lower())

    def _services_of(self, callee: Callee, place: NodePlace) -> dict[str, Any]:
        return {name: self._service(kind, place) for name, kind in callee.definition.services.items()}

    def _service(self, kind: type, place: NodePlace) -> Any:
        if kind is NodePlace:
            return place
        if kind is Progress:
            size = self._request.preview_size
            return StepProgress(self._request.job, place, self._emit, self._cancellation, size)
        try:
            return self._services[kind]
        except KeyError:
            names = [known.__name__ for known in self._services]
            raise UnknownNameError("service", kind.__name__, names, "The worker has to be composed with it.") from None

    def _wait(self, value: Any) -> Any:
        """The value, or what it comes to if it is awaitable."""
        if not inspect.isawaitable(value):
            return value

        async def awaited() -> Any:
            return await value

        future = self._loop.submit(guarded(awaited, {}))
        self._cancellation.listen(partial(_cancel, future))
        try:
            return future.result()
        except CancelledError:
            raise InterruptedRun("The run was stopped on request.") from None


def _cancel(future: "Future[Any]") -> None:
    future.cancel()
