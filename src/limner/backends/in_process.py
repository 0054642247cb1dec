"""Runs steps in this process, and holds their results: the backend inside every worker.

Nothing here loads a tensor library; tensors are known by what they can do.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from limner.backends.in_process_binding import Callee
from limner.backends.in_process_loop import Loop
from limner.backends.in_process_policy import CachePolicy
from limner.backends.in_process_results import Results
from limner.backends.in_process_session import InProcessSession
from limner.engine.cancellation import Cancellation
from limner.engine.engine import Engine
from limner.engine.run import Emit, RunRequest
from limner.graph.catalog import Catalog
from limner.graph.declare import NodeDefinition
from limner.graph.errors import SettingsError
from limner.graph.node_type import NodeType
from limner.storage.folders import Folders

Services = Mapping[type, Any]
"""Objects that nodes ask for, by the class that their parameter is annotated with."""


class InProcessBackend:
    """See ``limner.engine.backend.Backend``."""

    def __init__(
        self,
        definitions: Mapping[str, NodeDefinition],
        services: Services,
        capacity: CachePolicy | int,
        *,
        services_for: Callable[[RunRequest], Services] | None = None,
        exhausted: Callable[[], None] | None = None,
    ) -> None:
        """Makes a backend without results.

        Args:
            definitions: Nodes by name.
            services: The same objects for every run. ``Progress`` is made for each step and need not be there.
            capacity: How long results are held for runs to come; a number: that many bytes of them.
            services_for: Makes further services for one run.
            exhausted: Called when a node ran out of memory, after results were given back: unloads networks.
        """
        self.coroutines = frozenset(
            name for name, definition in definitions.items() if Callee.of(definition).is_coroutine
        )
        self.owned = frozenset(name for name, definition in definitions.items() if _is_owned(definition))
        self.results = Results(capacity)
        self.remembers = isinstance(capacity, int) or capacity.remembers
        self._callees = {name: Callee.of(definition) for name, definition in definitions.items()}
        self._types = {name: definition.type for name, definition in definitions.items()}
        self._services, self._services_for, self._when_exhausted = services, services_for, exhausted
        self._loop = Loop()

    def describe(self) -> Mapping[str, NodeType]:
        """See ``Backend``."""
        return self._types

    def open(self, request: RunRequest, emit: Emit, cancellation: Cancellation) -> InProcessSession:
        """See ``Backend``."""
        services = self._services
        if self._services_for is not None:
            services = {**services, **self._services_for(request)}
        return InProcessSession(
            self._callees, services, self.results, self._loop, request, emit, cancellation, self._exhausted
        )

    def release(self) -> None:
        """See ``Backend``."""
        self.results.release()

    def close(self) -> None:
        """Stops the event loop of coroutine nodes."""
        self._loop.close()

    def _exhausted(self) -> None:
        self.results.release()
        if self._when_exhausted is not None:
            self._when_exhausted()


def _is_owned(definition: NodeDefinition) -> bool:
    """Whether a node sees files of the run's owner; of a pack's node nobody knows what it looks at."""
    described = definition.type
    return described.is_output or bool(described.pack) or Folders in definition.services.values()


class InProcessWorker:
    """A worker in this process; see ``limner.engine.run.Worker``."""

    def __init__(
        self,
        name: str,
        backend: InProcessBackend,
        *,
        catalog: Catalog | None = None,
        release_models: Callable[[], None] | None = None,
        status: Callable[[], Mapping[str, Any]] | None = None,
        closing: Callable[[], None] | None = None,
    ) -> None:
        """Makes a worker.

        Args:
            name: What it is called in events.
            backend: Runs the steps.
            catalog: What it can do beside nodes: samplers, schedules, families, device.
            release_models: Unloads networks.
            status: What it holds beside results.
            closing: Ends what the services do by themselves; returns once they have ended.
        """
        self.name = name
        self._backend, self._engine = backend, Engine(backend)
        self._catalog = msgspec.structs.replace(catalog or Catalog(), nodes=backend.describe())
        self._release_models, self._status, self._closing = release_models, status, closing
        self._lock = threading.Lock()
        self._running: dict[str, Cancellation] = {}

    def describe(self) -> Catalog:
        """See ``Worker``."""
        return self._catalog

    def run(self, request: RunRequest, emit: Emit) -> None:
        """See ``Worker``."""
        cancellation = Cancellation()
        with self._lock:
            self._running[request.job] = cancellation
        try:
            self._engine.run(request, emit, cancellation)
        finally:
            with self._lock:
                if self._running.get(request.job) is cancellation:
                    del self._running[request.job]

    def cancel(self, job: str) -> None:
        """See ``Worker``."""
        with self._lock:
            cancellation = self._running.get(job)
        if cancellation is not None:
            cancellation.cancel()

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """See ``Worker``."""
        if results:
            self._backend.release()
        if models and self._release_models is not None:
            self._release_models()

    def status(self) -> Mapping[str, Any]:
        """See ``Worker``."""
        with self._lock:
            running = list(self._running)
        further = self._status() if self._status is not None else {}
        return {"running": running, "results": dict(self._backend.results.status()), **further}

    def restart(self) -> None:
        """See ``Worker``.

        Raises:
            SettingsError: always: what is loaded in this process stays.
        """
        raise SettingsError(f"Worker {self.name} runs in this process and begins anew with it only.")

    def close(self) -> None:
        """See ``Worker``. Runs that are alive are stopped."""
        with self._lock:
            alive = list(self._running.values())
        for cancellation in alive:
            cancellation.cancel()
        if self._closing is not None:
            self._closing()
        self._backend.close()
