"""A child process from the parent's side: started, listened to, given up.

A child is used once. When it is gone every run and every call that it owed an answer gets the reason, and whoever
owns it (``ProcessWorker``) starts another one.
"""

import contextlib
import itertools
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from limner.backends.process_messages import (
    Ask,
    Cancel,
    Channel,
    Close,
    Command,
    Describe,
    Described,
    Emitted,
    Ended,
    Refused,
    Release,
    Reply,
    Run,
    Status,
)
from limner.engine.events import TERMINAL, AnyEvent, Interrupted, NodeFinished, NodePlace, NodeStarted
from limner.engine.run import Emit, RunRequest
from limner.graph.catalog import Catalog
from limner.graph.errors import WorkerLostError

TICK_SECONDS = 0.25
"""How often a silent child is looked after."""

LAST_LINES = 12
"""Lines of the child's output that the reason of its loss quotes."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds.

    Attributes:
        start: For the first sign of life; importing a tensor library from a cold disk takes its time.
        silence: For the next one.
        cancel: For a job that was asked to stop.
        close: For a child that was asked to end.
    """

    start: float = 300.0
    silence: float = 30.0
    cancel: float = 10.0
    close: float = 6.0


@dataclass
class _Run:
    """A job in the child."""

    request: RunRequest
    emit: Emit
    done: threading.Event = field(default_factory=threading.Event)
    error: WorkerLostError | None = None
    ended: bool = False
    place: NodePlace | None = None
    executed: dict[str, None] = field(default_factory=dict)
    stop_by: float | None = None

    def tell(self, event: AnyEvent) -> None:
        """Passes an event on, and remembers where the job is; nothing comes after the terminal one."""
        if self.ended:
            return
        if isinstance(event, NodeStarted):
            self.place = event.place
        elif isinstance(event, NodeFinished):
            self.executed[event.place.node] = None
        self.ended = isinstance(event, TERMINAL)
        try:
            self.emit(event)
        except Exception:
            LOG.exception("An event of job %s could not be taken.", self.request.job)

    def node_type(self) -> str:
        """The type of the node that was started last."""
        node = self.request.graph.nodes.get(self.place.real) if self.place else None
        return node.type if node else ""


@dataclass
class _Call:
    """A question to the child."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: WorkerLostError | None = None


class Child:
    """A process that serves as a worker.

    Args:
        name: The worker's name.
        command: Program and arguments; ``--fd N`` is appended.
        environment: Variables on top of this process's.
        patience: How long to wait for what.

    Raises:
        WorkerLostError: if the program cannot be started.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None, patience: Patience
    ) -> None:
        self.name, self._patience = name, patience
        self.lost: WorkerLostError | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._runs: dict[int, _Run] = {}
        self._calls: dict[int, _Call] = {}
        self._catalog: Catalog | None = None
        self._describing = threading.Lock()
        self._closing = False
        self._ending = False
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process, self._channel = _start(name, command, environment)
        self._reader = threading.Thread(target=self._read_output, name=f"{name}-output", daemon=True)
        self._reader.start()
        threading.Thread(target=self._listen, name=f"{name}-channel", daemon=True).start()

    def describe(self) -> Catalog:
        """The child's catalog; waits until it has started, the first time."""
        with self._describing:
            if self.lost is not None:
                raise self.lost
            catalog: Catalog = self._catalog or self._ask(lambda call: Describe(call=call), None)
            self._catalog = catalog
            return catalog

    def status(self, seconds: float) -> dict[str, Any]:
        """What the child says of itself, and its process id."""
        return {"pid": self._process.pid, **(self._ask(lambda call: Ask(call=call), seconds) or {})}

    def run(self, request: RunRequest, emit: Emit) -> None:
        """Runs a job to its end. Raises WorkerLostError if the child is gone before."""
        number, run = next(self._numbers), _Run(request, emit)
        self._enter(self._runs, number, run)
        try:
            self._send(Run.of(number, request))
            run.done.wait()
        finally:
            with self._lock:
                self._runs.pop(number, None)
        if run.error is not None:
            raise run.error

    def cancel(self, job: str) -> None:
        """Asks a job to stop; one that does not is ended with the whole child."""
        with self._lock:
            asked = [run for run in self._runs.values() if run.request.job == job]
            for run in asked:
                run.stop_by = run.stop_by or time.monotonic() + self._patience.cancel
        if asked:
            self._send(Cancel(job=job))

    def release(self, models: bool, results: bool) -> None:
        """Has the child give back memory."""
        self._send(Release(models=models, results=results))

    def close(self) -> None:
        """Ends the child; jobs that run are given back with no blame."""
        self._closing = True
        self._send(Close())
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self._patience.close)
        self._lose("was closed", excused=True)

    def _enter(self, waiting: dict[int, Any], number: int, entry: _Run | _Call) -> None:
        with self._lock:
            if self.lost is not None:
                raise self.lost
            waiting[number] = entry

    def _ask(self, command: Any, seconds: float | None) -> Any:
        number, call = next(self._numbers), _Call()
        self._enter(self._calls, number, call)
        try:
            self._send(command(number))
            call.done.wait(seconds)
        finally:
            with self._lock:
                self._calls.pop(number, None)
        if call.error is not None:
            raise call.error
        return call.answer

    def _send(self, command: Command) -> None:
        # A broken channel is the listening thread's to report: it also knows why.
        with contextlib.suppress(OSError):
            self._channel.send(command)

    def _listen(self) -> None:
        started = heard = time.monotonic()
        while self.lost is None:
            try:
                reply = self._channel.reply(TICK_SECONDS)
            except (EOFError, OSError, ValueError, msgspec.MsgspecError) as error:
                self._lose(self._fate(error), excused=self._closing)
                return
            if reply is not None:
                heard = time.monotonic()
                self._handle(reply)
            elif self._process.poll() is not None:
                self._lose(self._fate(None), excused=self._closing)
                return
            self._look_after(heard, self._patience.start if heard == started else self._patience.silence)

    def _look_after(self, heard: float, patience: float) -> None:
        """Gives up on a child that is silent, or that holds on to a cancelled job."""
        now = time.monotonic()
        if now - heard > patience:
            self._lose(f"said nothing for {patience:g} s and was ended", excused=False)
            return
        with self._lock:
            stuck = [run for run in self._runs.values() if run.stop_by is not None and now > run.stop_by]
        if stuck:
            jobs = ", ".join(run.request.job for run in stuck)
            self._lose(f"was ended because job {jobs} did not stop when asked", excused=True, stopped=stuck)

    def _handle(self, reply: Reply) -> None:
        match reply:
            case Emitted():
                run = self._runs.get(reply.run)
                if run is not None and not self._gives_back(run, reply.event):
                    run.tell(reply.event)
            case Ended():
                run = self._runs.get(reply.run)
                if run is not None and (run.ended or not self._closing):
                    run.done.set()
            case Described():
                self._answer(reply.call, reply.catalog, None)
            case Status():
                self._answer(reply.call, reply.facts, None)
            case Refused():
                self._answer(reply.call, None, WorkerLostError(f"Worker {self.name} cannot answer: {reply.reason}"))
            case _:
                return

    def _gives_back(self, run: _Run, event: AnyEvent) -> bool:
        """Whether a job only stops because the child is closing: nobody asked for that, so it will run again."""
        return self._closing and run.stop_by is None and isinstance(event, Interrupted)

    def _answer(self, number: int, answer: Any, error: WorkerLostError | None) -> None:
        call = self._calls.get(number)
        if call is not None:
            call.answer, call.error = answer, error
            call.done.set()

    def _lose(self, fate: str, *, excused: bool, stopped: Sequence[_Run] = ()) -> None:
        """Ends the child for good and tells everybody who waits for it."""
        with self._lock:
            if self._ending:
                return
            self._ending = True
        _kill(self._process)
        self._reader.join(1.0)
        self._channel.close()
        lines = "" if excused else "\n".join(self._lines)
        advice = " Memory may have run out: try smaller pictures or batches." if "SIGKILL" in fate else ""
        output = f"{advice} Its last output:\n{lines}" if lines else advice
        with self._lock:
            what = f"Worker {self.name} (process {self._process.pid}) {fate}"
            self.lost = WorkerLostError(f"{what}.{output}", excused=excused)
            runs, calls = list(self._runs.values()), list(self._calls.values())
        for call in calls:
            call.error = self.lost
            call.done.set()
        for run in runs:
            if run in stopped and not run.ended:
                run.tell(_interrupted(run))
            elif not run.ended:
                run.error = WorkerLostError(f"{what}{_where(run)}.{output}", excused=excused)
            run.done.set()

    def _fate(self, error: Exception | None) -> str:
        """What became of the process, in words."""
        if isinstance(error, msgspec.MsgspecError | ValueError):
            return f"sent what cannot be understood ({error}) and was ended"
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        code = self._process.poll()
        if code is None:
            return "closed its channel and was ended"
        if code >= 0:
            return f"ended with exit code {code}"
        return f"was killed by {_signal_name(-code)}"

    def _read_output(self) -> None:
        """Passes the child's output on to the log, line by line."""
        stream = self._process.stdout
        if stream is None:
            return
        with contextlib.suppress(ValueError, OSError), stream:
            for line in stream:
                text = line.rstrip()
                if text:
                    self._lines.append(text)
                    LOG.info("%s: %s", self.name, text)


def _start(
    name: str, command: Sequence[str], environment: Mapping[str, str] | None
) -> tuple["subprocess.Popen[str]", Channel]:
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                [*command, "--fd", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                # A group of its own: Ctrl-C in the terminal is for the server, which then ends its jobs in order.
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                text=True,
                errors="replace",
            )
        except OSError as error:
            ours.close()
            raise WorkerLostError(f"Worker {name} cannot be started: {command[0]}: {error.strerror}.") from error
    return process, Channel(ours)


def _kill(process: "subprocess.Popen[str]") -> None:
    """Ends the process with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _interrupted(run: _Run) -> Interrupted:
    return Interrupted(
        job=run.request.job,
        time=time.time_ns() // 1_000_000,
        place=run.place,
        node_type=run.node_type(),
        executed=tuple(run.executed),
    )


def _where(run: _Run) -> str:
    if run.place is None:
        return ""
    return f" while node {run.place.display} ({run.node_type()}) was running"


def _signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
