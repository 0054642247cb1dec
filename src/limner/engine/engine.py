"""Runs requests on a backend."""

import threading
import time
import traceback

from limner.engine.backend import Backend
from limner.engine.cancellation import Cancellation
from limner.engine.events import AnyEvent, Failed, Failure
from limner.engine.execution import Execution
from limner.engine.flights import Flights
from limner.engine.run import Emit, RunRequest


class Engine:
    """Turns requests into events; several threads may run requests at once, equal steps of theirs run once."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._flights = Flights()

    def run(self, request: RunRequest, emit: Emit, cancellation: Cancellation | None = None) -> None:
        """Runs a request in the caller's thread, to its terminal event, which is the last one emitted.

        A failing node ends in Failed, a request to stop in Interrupted; neither is raised.
        """
        gate = _Gate(emit)
        try:
            terminal = Execution(self.backend, self._flights, request, gate, cancellation or Cancellation()).run()
        except Exception as error:  # the worker loop: a flaw of ours fails one job, not the worker
            terminal = _flawed(request, error)
        gate.close(terminal)


def _flawed(request: RunRequest, error: Exception) -> Failed:
    """The end of a run that failed in the engine itself."""
    kind = type(error)
    failure = Failure(
        place=None,
        node_type="",
        error_type=f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
        message=str(error),
        traceback=tuple(traceback.format_tb(error.__traceback__)),
        known=tuple(request.graph.nodes),
    )
    return Failed(job=request.job, time=time.time_ns() // 1_000_000, failure=failure)


class _Gate:
    """Lets nothing pass after the terminal event, whichever thread it comes from."""

    def __init__(self, emit: Emit) -> None:
        self._emit, self._lock, self._open = emit, threading.Lock(), True

    def __call__(self, event: AnyEvent) -> None:
        with self._lock:
            if self._open:
                self._emit(event)

    def close(self, terminal: AnyEvent) -> None:
        with self._lock:
            self._open = False
            self._emit(terminal)
