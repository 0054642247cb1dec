"""A worker in a process of its own: whatever a model does to it, the server goes on.

The process is started when it is needed first, and started anew when it was lost. What it says is in
``process_messages``, its own side in ``process_serving``, the parent's side of one process in ``process_child``.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from limner.backends.process_child import Child, Patience
from limner.backends.process_messages import Channel
from limner.backends.process_serving import channel_from_descriptor, serve
from limner.engine.run import Emit, RunRequest
from limner.graph.catalog import Catalog
from limner.graph.errors import WorkerLostError

__all__ = ["Channel", "Patience", "ProcessWorker", "channel_from_descriptor", "serve"]

STATUS_SECONDS = 5.0


class ProcessWorker:
    """A Worker that owns a child process.

    Args:
        name: For logs and leases.
        command: Program and arguments that serve a worker (see ``serve``); ``--fd N`` is appended.
        environment: Variables for it, on top of this process's.
        patience: How long to wait for what.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._environment = environment
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._closed = False
        self._starts = 0

    def describe(self) -> Catalog:
        """What the worker can do; starts the process if there is none.

        Raises:
            WorkerLostError: if it does not come up.
        """
        return self._running().describe()

    def run(self, request: RunRequest, emit: Emit) -> None:
        """Runs a job to its terminal event; see Worker. A cancelled job that does not stop costs the process."""
        self._running().run(request, emit)

    def cancel(self, job: str) -> None:
        """Asks a job to stop; see Worker."""
        child = self._child
        if child is not None and child.lost is None:
            child.cancel(job)

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """Has the process give back memory, if there is one."""
        child = self._child
        if child is not None and child.lost is None:
            child.release(models, results)

    def status(self) -> Mapping[str, Any]:
        """What the process holds, with its ``pid`` and how often one was started; it is not started for this.

        Raises:
            WorkerLostError: if it is not up, with the reason.
        """
        child = self._child
        if child is None:
            raise WorkerLostError(f"Worker {self.name} has not been started.", excused=True)
        return {"starts": self._starts, **child.status(STATUS_SECONDS)}

    def restart(self) -> None:
        """Ends the process; the next one is started when it is needed. See Worker."""
        with self._lock:
            if self._child is not None:
                self._child.close()

    def close(self) -> None:
        """Ends the process; jobs that still run there raise WorkerLostError in their threads."""
        with self._lock:
            self._closed = True
            child = self._child
        if child is not None:
            child.close()

    def _running(self) -> Child:
        """The process, started if there is none."""
        with self._lock:
            if self._closed:
                raise WorkerLostError(f"Worker {self.name} was closed.", excused=True)
            if self._child is None or self._child.lost is not None:
                self._starts += 1
                self._child = Child(self.name, self._command, self._environment, self._patience)
            return self._child
