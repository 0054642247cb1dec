"""An isolated pack: its process, started anew when it was lost, and what its nodes ask of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from comfy_host.isolation.messages import Call, Described
from comfy_host.isolation.pack_process import PackProcess
from comfy_host.pack_step import PackStep
from comfy_host.packs import Pack
from limner.graph.errors import StepError, WorkerLostError
from limner.graph.progress import Progress, SilentProgress


class IsolatedPack:
    """A pack in a process of its own. Safe for any number of threads.

    Args:
        pack: The pack.
        command: Starts its process.
        hear: Takes messages for clients.
        seconds: How long its import may take; 0: as long as it likes.
    """

    def __init__(
        self, pack: Pack, command: Sequence[str], hear: Callable[[bytes, bytes], None], seconds: float
    ) -> None:
        self.pack = pack
        self._command, self._hear, self._seconds = tuple(command), hear, seconds
        self._lock = threading.Lock()
        self._process: PackProcess | None = None
        self._lost = 0
        self._closed = False

    @property
    def generation(self) -> int:
        """How many processes of it were lost: what nodes made in one of them, the next one does not have."""
        process = self._process
        return self._lost + (process is not None and process.lost is not None)

    def start(self) -> None:
        """Starts the process, and does not wait for it.

        Raises:
            WorkerLostError: if the program cannot be started.
        """
        with self._lock:
            if self._process is None:
                self._process = PackProcess(self.pack.name, self._command, self._hear)

    def described(self) -> Described:
        """What was loaded; waits until it is.

        Raises:
            WorkerLostError: if the process ended, or took too long.
        """
        self.start()
        process = self._process
        assert process is not None
        return process.described(self._seconds, SilentProgress())

    def ask(
        self, what: str, node: str = "", inputs: Mapping[str, Any] | None = None, step: PackStep | None = None
    ) -> Any:
        """Asks the process; see ``messages.Call`` for what, and ``PackProcess.ask`` for errors."""
        progress: Progress = step.progress if step is not None else SilentProgress()
        process = self._running(progress)
        packed = process.exchange.pack(dict(inputs or {}))
        request = step.run.request if step is not None else None

        def call(number: int) -> Call:
            return Call(
                call=number,
                what=what,
                node=node,
                inputs=packed,
                job=request.job if request is not None else "",
                place=step.place if step is not None else None,
                preview_size=progress.preview_size,
            )

        return process.ask(call, progress, request)

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.end(f"Node pack {self.pack.name} was closed with its worker.")

    def release(self) -> None:
        """Forgets the objects of V1 classes, if the process is there."""
        process = self._process
        if process is not None and process.lost is None:
            self.ask("release")

    def _running(self, progress: Progress) -> PackProcess:
        """The process, with the pack loaded; a new one if the last was lost."""
        try:
            process = self._alive()
            process.described(self._seconds, progress)
        except WorkerLostError as error:
            raise StepError(str(error)) from error
        return process

    def _alive(self) -> PackProcess:
        """The process, which may be starting; a new one if the last was lost."""
        with self._lock:
            if self._closed:
                raise StepError(f"Node pack {self.pack.name} was closed with its worker.")
            if self._process is None or self._process.lost is not None:
                self._lost += self._process is not None
                self._process = PackProcess(self.pack.name, self._command, self._hear)
            return self._process
