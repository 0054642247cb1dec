"""The child's side of a worker process: reads commands, runs jobs in threads, sends what happens.

It ends when the parent does: the kernel closes the channel of a process that dies, however it dies.
"""

import logging
import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from limner.backends.process_messages import (
    Ask,
    Beat,
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
from limner.engine.events import TERMINAL, TRANSIENT, AnyEvent, Failed, Failure, NodePreview, NodeProgress
from limner.engine.run import Worker

BEAT_SECONDS = 1.0
LINGER_SECONDS = 5.0
"""How long jobs may take to notice that the parent is gone."""

CROWDED = 256
"""Unsent messages from which on a node's newer progress replaces its older one."""

LOG = logging.getLogger(__name__)


class Outbox:
    """Messages on their way to the parent. A slow parent costs jobs nothing but the finer steps of progress."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._messages: deque[list[Reply]] = deque()
        self._latest: dict[tuple[int, str, str], list[Reply]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="outbox", daemon=True)

    def start(self) -> None:
        """Starts to send."""
        self._thread.start()

    def put(self, message: Reply) -> None:
        """Sends a message soon. Order is kept, but that replaced progress stands where the older one stood."""
        key = _replaceable(message)
        with self._changed:
            if key is not None and len(self._messages) >= CROWDED:
                waiting = self._latest.get(key)
                if waiting is not None:
                    waiting[0] = message
                    return
            slot = [message]
            self._messages.append(slot)
            if key is not None:
                self._latest[key] = slot
            self._changed.notify()

    def close(self, seconds: float) -> None:
        """Sends what is left, for so long at most."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(seconds)

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._messages and not self._closed:
                    self._changed.wait()
                if not self._messages:
                    return
                slot = self._messages.popleft()
                message = slot[0]
                key = _replaceable(message)
                if key is not None and self._latest.get(key) is slot:
                    del self._latest[key]
            try:
                self._send(message)
            except OSError:
                return  # the parent is gone; the reading side ends the process

    def _send(self, message: Reply) -> None:
        try:
            self._channel.send(message)
        except (TypeError, ValueError, OverflowError) as error:
            LOG.exception("A message cannot be sent.")
            if isinstance(message, Emitted) and not isinstance(message.event, TRANSIENT):
                self._channel.send(Emitted(run=message.run, event=_unsendable(message.event, error)))
            elif isinstance(message, Described | Status):
                self._channel.send(Refused(call=message.call, reason=f"The answer cannot be sent: {error}"))


class _Service:
    """A worker behind a channel."""

    def __init__(self, worker: Worker, outbox: Outbox) -> None:
        self._worker, self._outbox = worker, outbox

    def handle(self, command: Command) -> None:
        """Carries out a command; what may take time runs in a thread of its own."""
        match command:
            case Run():
                self._thread(self._run, command)
            case Cancel():
                self._worker.cancel(command.job)
            case Describe() | Ask():
                self._thread(self._answer, command)
            case Release():
                self._thread(self._release, command)
            case _:
                return

    def _thread(self, target: Callable[[Any], None], command: Command) -> None:
        threading.Thread(target=target, args=(command,), name=type(command).__name__, daemon=True).start()

    def _run(self, command: Run) -> None:
        ended = False

        def emit(event: AnyEvent) -> None:
            nonlocal ended
            ended = ended or isinstance(event, TERMINAL)
            self._outbox.put(Emitted(run=command.run, event=event))

        try:
            self._worker.run(command.request(), emit)
        except BaseException as error:
            # Not even SystemExit in a node may leave a job without an end.
            LOG.exception("Job %s broke the worker.", command.job)
            if not ended:
                emit(_failed(command.job, error))
        self._outbox.put(Ended(run=command.run))

    def _answer(self, command: Describe | Ask) -> None:
        try:
            if isinstance(command, Describe):
                self._outbox.put(Described(call=command.call, catalog=self._worker.describe()))
            else:
                self._outbox.put(Status(call=command.call, facts=dict(self._worker.status())))
        except Exception as error:
            LOG.exception("%s failed.", type(command).__name__)
            self._outbox.put(Refused(call=command.call, reason=f"{type(error).__name__}: {error}"))

    def _release(self, command: Release) -> None:
        try:
            self._worker.release(models=command.models, results=command.results)
        except Exception:
            LOG.exception("Memory could not be released.")


def serve(
    worker: Worker | Callable[[], Worker],
    channel: Channel,
    *,
    abandoned: Callable[[], None] | None = None,
    at_first: Callable[[Worker], None] | None = None,
) -> None:
    """Serves a parent until it says Close or is gone. Call it from the main thread of a process of its own.

    Args:
        worker: Does the work, or makes what does; it is closed at the end. The parent hears that this process lives
            while the worker is made.
        channel: To the parent.
        abandoned: Called before the process ends because the parent left while the worker was made.
        at_first: Called with the worker once it is there, in a thread of its own; commands need not wait for it.
    """
    outbox = Outbox(channel)
    outbox.start()
    threading.Thread(target=_beat, args=(outbox,), name="heartbeat", daemon=True).start()
    commands = _Commands(channel, abandoned)
    made = worker() if callable(worker) else worker
    service = _Service(made, outbox)
    commands.ready()
    if at_first is not None:
        threading.Thread(target=at_first, args=(made,), name="at-first", daemon=True).start()
    while (command := commands.following()) is not None:
        service.handle(command)
    _end(made, outbox)


class _Commands:
    """Reads what the parent says while the main thread makes the worker; its end then ends the process at once."""

    def __init__(self, channel: Channel, abandoned: Callable[[], None] | None) -> None:
        self._channel, self._abandoned = channel, abandoned
        self._waiting: SimpleQueue[Command | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_ready = False
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def ready(self) -> None:
        """The worker is there: from now on the end is orderly."""
        with self._lock:
            self._is_ready = True

    def following(self) -> Command | None:
        """The next command; None at the end."""
        return self._waiting.get()

    def _read(self) -> None:
        command: Command | None = None
        while not isinstance(command, Close):
            try:
                command = self._channel.command()
            except (EOFError, OSError):
                break
            if not isinstance(command, Close):
                self._waiting.put(command)
        with self._lock:
            if not self._is_ready:
                if self._abandoned is not None:
                    self._abandoned()
                os._exit(0)
        self._waiting.put(None)


def channel_from_descriptor(descriptor: int) -> Channel:
    """The channel to the parent, from the number after ``--fd``."""
    return Channel.from_descriptor(descriptor)


def _end(worker: Worker, outbox: Outbox) -> None:
    """Closes the worker. A job that holds on to the process does not hold on to it for long."""
    watchdog = threading.Timer(LINGER_SECONDS, os._exit, (1,))
    watchdog.daemon = True
    watchdog.start()
    worker.close()
    outbox.close(1.0)


def _beat(outbox: Outbox) -> None:
    while True:
        outbox.put(Beat())
        time.sleep(BEAT_SECONDS)


def _replaceable(message: Reply) -> tuple[int, str, str] | None:
    """What a message is the latest of, if only the latest counts."""
    if not isinstance(message, Emitted):
        return None
    event = message.event
    if isinstance(event, NodeProgress) or (isinstance(event, NodePreview) and not event.final):
        return message.run, event.place.node, type(event).__name__
    return None


def _failed(job: str, error: BaseException) -> Failed:
    failure = Failure(
        place=None,
        node_type="",
        error_type=type(error).__qualname__,
        message=str(error),
        traceback=tuple(traceback.format_exception(error)),
    )
    return Failed(job=job, time=time.time_ns() // 1_000_000, failure=failure)


def _unsendable(event: AnyEvent, error: Exception) -> Failed:
    """In place of an event that cannot be expressed: the job fails with the reason instead of losing a result."""
    reason = ValueError(f"{type(event).__name__} holds a value that cannot be sent ({error}).")
    return _failed(event.job, reason)
