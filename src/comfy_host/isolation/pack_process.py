"""The process of an isolated pack from the worker's side: started, listened to, given up. It is used once."""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import msgspec

from comfy_host.isolation.messages import (
    Answered,
    Call,
    Described,
    Failed,
    Forget,
    FromPack,
    Importing,
    Job,
    Line,
    Pictured,
    Progressed,
    Said,
    Stop,
    Texted,
)
from comfy_host.isolation.values import Exchange
from limner.engine.run import RunRequest
from limner.graph.errors import InterruptedRun, StepError, WorkerLostError
from limner.graph.progress import Progress

LOG = logging.getLogger(__name__)

PATIENCE = 0.1
"""Seconds between two looks for an interruption while a call runs."""

STOP_SECONDS = 5.0
"""How long a call may go on after it was interrupted; then its process is ended. The worker's own limit is longer."""

START_SECONDS = 300.0
"""How long the process may take until it begins to import the pack."""

Told = Answered | Failed | Progressed | Pictured | Texted | None
"""What comes for a call; None: the process is gone."""


class PackProcess:
    """A process that has loaded one pack.

    Args:
        name: Of the pack.
        command: Program and arguments; ``--fd N`` is appended.
        hear: Takes messages for clients.

    Raises:
        WorkerLostError: if the program cannot be started.
    """

    def __init__(self, name: str, command: Sequence[str], hear: Callable[[bytes, bytes], None]) -> None:
        self.name, self._hear = name, hear
        self.lost: str | None = None
        self.exchange = Exchange(
            f"it lies in the process of the node pack {name}, which runs isolated. Nodes of that pack can use it; for "
            f"all others start the server without --isolate-packs for {name}."
        )
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._calls: dict[int, SimpleQueue[Told]] = {}
        self._jobs: dict[str, RunRequest] = {}
        self._imports = False
        self._description: Described | None = None
        self._changed = threading.Condition()
        self._process, self._line = _started(name, command)
        threading.Thread(target=self._listen, name=f"pack-{name}", daemon=True).start()

    def described(self, seconds: float, progress: Progress) -> Described:
        """Waits until the pack is loaded.

        Args:
            seconds: How long its import may take; 0: as long as it likes.
            progress: Says whether to go on waiting.

        Raises:
            WorkerLostError: if it took longer, or the process ended; ``excused`` if the pack has no part in that.
            InterruptedRun: if the run was asked to stop; the process goes on starting.
        """
        self._wait(lambda: self._imports, START_SECONDS, "did not start", progress)
        imports = f"took longer than {seconds:g} s to be imported"
        self._wait(lambda: self._description is not None, seconds or math.inf, imports, progress)
        if self._description is None:
            raise WorkerLostError(str(self.lost), excused=not self._imports)
        return self._description

    def ask(self, call: Callable[[int], Call], progress: Progress, request: RunRequest | None = None) -> Any:
        """What a call gives.

        Args:
            call: Makes the question from its number.
            progress: Hears how it goes, and says whether to go on.
            request: Of the step's job.

        Raises:
            InterruptedRun: if the run was asked to stop.
            StepError: if the process is gone, or what it raised, as a subclass of the same name.
        """
        number, told = next(self._numbers), SimpleQueue[Told]()
        with self._lock:
            if self.lost is not None:
                raise StepError(self.lost)
            self._calls[number] = told
        try:
            self._send(call(number), request)
            return self._followed(number, told, progress)
        finally:
            with self._lock:
                self._calls.pop(number, None)

    def end(self, reason: str) -> None:
        """Ends the process; calls that run fail with the reason."""
        with self._lock:
            if self.lost is not None:
                return
            self.lost = reason
            waiting = list(self._calls.values())
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._line.close()
        with self._changed:
            self._changed.notify_all()
        for told in waiting:
            told.put(None)

    def _wait(self, reached: Callable[[], bool], seconds: float, failure: str, progress: Progress) -> None:
        """Waits until the start has come so far or the process is gone; one that takes too long is ended."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._changed.wait_for(lambda: reached() or self.lost is not None, PATIENCE):
                progress.check()
                if time.monotonic() > deadline:
                    break
            else:
                return
        self.end(f"Node pack {self.name} {failure}.")

    def _send(self, call: Call, request: RunRequest | None) -> None:
        # A broken line is the listening thread's to report: it also knows why.
        with contextlib.suppress(OSError):
            unwanted = self.exchange.unwanted()
            if unwanted:
                self._line.send(Forget(numbers=unwanted))
            if request is not None and self._jobs.get(request.job) is not request:
                self._jobs = {**dict(list(self._jobs.items())[-63:]), request.job: request}
                job = Job(
                    job=request.job,
                    document=request.document,
                    extra=request.extra,
                    targets=request.targets,
                    owner=request.owner,
                )
                self._line.send(job)
            self._line.send(call)

    def _followed(self, number: int, told: SimpleQueue[Told], progress: Progress) -> Any:
        """What a call gives, at its end."""
        try:
            message = _end_of(told, progress)
        except InterruptedRun:
            self._stop(number, told)
            raise
        if message is None:
            raise StepError(self.lost)
        if isinstance(message, Failed):
            raise _raised(message)
        return self.exchange.unpack(message.value)

    def _stop(self, number: int, told: SimpleQueue[Told]) -> None:
        """Ends a call; one that does not end when it is asked to is ended with its process."""
        with contextlib.suppress(OSError):
            self._line.send(Stop(call=number))
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(Empty):
                if not isinstance(told.get(timeout=PATIENCE), Progressed | Pictured | Texted):
                    return
        self.end(f"Node pack {self.name} did not stop when it was asked to, and its process was ended.")

    def _listen(self) -> None:
        while self.lost is None:
            try:
                self._handle(self._line.receive())
            except (EOFError, OSError):
                self.end(f"Node pack {self.name} runs isolated, and its process {self._fate()}. {_ADVICE}")
            except (msgspec.MsgspecError, ValueError) as error:
                self.end(f"The process of node pack {self.name} sent what cannot be understood ({error}). {_ADVICE}")

    def _handle(self, message: FromPack) -> None:
        match message:
            case Importing() | Described():
                with self._changed:
                    self._imports = True
                    self._description = message if isinstance(message, Described) else None
                    self._changed.notify_all()
            case Said():
                self._hear(message.kind, message.body)
            case Forget():
                self.exchange.forget(message.numbers)
            case _:
                told = self._calls.get(message.call)
                if told is not None:
                    told.put(message)

    def _fate(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        code = self._process.poll()
        if code is None:
            return "closed its channel"
        return f"ended with exit code {code}" if code >= 0 else f"was killed by {_signal_name(-code)}"


_ADVICE = "The log has its last words; the next step of the pack starts it again."


def _started(name: str, command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Line]:
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            # In the worker's group, so that who ends the worker ends it too; its output is the worker's.
            process = subprocess.Popen(
                [*command, "--fd", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            ours.close()
            reason = f"The process of node pack {name} cannot be started: {command[0]}: {error.strerror}."
            raise WorkerLostError(reason) from error
    return process, Line(ours, FromPack)


def _end_of(told: SimpleQueue[Told], progress: Progress) -> Answered | Failed | None:
    """The last of what comes for a call; what comes before is told."""
    while True:
        progress.check()
        with contextlib.suppress(Empty):
            message = told.get(timeout=PATIENCE)
            if not isinstance(message, Progressed | Pictured | Texted):
                return message
            _tell(message, progress)


def _tell(message: Progressed | Pictured | Texted, progress: Progress) -> None:
    if isinstance(message, Pictured):
        progress.picture(message.picture)
    elif isinstance(message, Texted):
        progress.text(message.text)
    else:
        progress.report(message.value, message.total, message.preview, quiet=message.quiet)


def _raised(message: Failed) -> Exception:
    """What the pack raised, under its own name and with its frames, as far as data can say it."""
    if message.interrupted:
        return InterruptedRun(message.text)
    facts = {"__module__": message.module, "__qualname__": message.kind, "further_frames": message.lines}
    return type(message.kind, (StepError,), facts)(message.text)


def _signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
