"""Pulls in the background: each has an id, can be watched, paused and stopped, and a few run at once.

Those that are not over are written down, so that a server that is started again goes on with them.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from limner.graph.errors import InterruptedRun, LimnerError
from limner.hub.events import FileFinished, FileProgress, FileStarted, PullEvent, Tell
from limner.hub.missing import Missing
from limner.hub.plan import Choice, Plan
from limner.hub.puller import Puller
from limner.hub.refusal import PullError
from limner.hub.source import Wanted
from limner.hub.supply import plan_supply

AT_ONCE = 2
WAITING = 100
"""Pulls that may wait or run."""

KEPT = 200
"""Pulls that are remembered after their end."""

log = logging.getLogger(__name__)

Work = Callable[[Tell, threading.Event], list[FileFinished]]
"""A pull: tells how it goes, looks whether it is to stop, gives the files."""


class PullStatus(msgspec.Struct, kw_only=True):
    """How a pull is doing.

    Attributes:
        id: Names it.
        reference: What was asked for.
        state: ``waiting``, ``planning``, ``running``, ``paused``, ``finished``, ``failed`` or ``cancelled``.
        file: The file that comes now.
        done: Its bytes that are here.
        total: Its bytes; -1: not known.
        files: Those that are in their places.
        message: Why it failed.
        code: The same in one word, as ``PullError`` has it.
        changed: Counts its changes, so that a watcher can ask for the next one.
        created: Seconds since 1970.
        resumable: It can be begun again as it was asked for.
    """

    id: str
    reference: str
    state: str = "waiting"
    file: str = ""
    done: int = 0
    total: int = 0
    files: list[FileFinished] = []
    message: str = ""
    code: str = ""
    changed: int = 0
    created: float = 0.0
    resumable: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("finished", "failed", "cancelled")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a pull was asked for, as it is written down. Attributes: see Wanted and Choice; ``missing``: see Missing."""

    reference: str
    revision: str = ""
    include: tuple[str, ...] = ()
    into: str = ""
    name: str = ""
    connections: int = 4
    agreed: bool = False
    missing: Missing | None = None

    @property
    def wanted(self) -> Wanted:
        """What."""
        return Wanted(self.reference, self.revision, self.include)

    @property
    def choice(self) -> Choice:
        """How."""
        return Choice(self.into, self.name, self.connections)


class _Kept(msgspec.Struct, kw_only=True):
    """A pull that is not over, as it is written down."""

    asked: Asked
    status: PullStatus


class Pulls:
    """The pulls of a server. All methods may be called from any thread; only ``wait`` blocks.

    Args:
        puller: Does the work.
        file: Where those are written down that are not over; None: nowhere.
    """

    def __init__(self, puller: Puller, file: Path | None = None) -> None:
        self.puller = puller
        self._file = file
        self._asked: dict[str, Asked] = {}
        self._pausing: set[str] = set()
        self._closing = False
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull")
        self._changed = threading.Condition()
        self._known: dict[str, PullStatus] = {}
        self._stops: dict[str, threading.Event] = {}
        self._order: deque[str] = deque()

    def start(self, wanted: Wanted, choice: Choice, *, agreed: bool = False) -> PullStatus:
        """Begins to pull; the answer comes before anything is asked of the network.

        Args:
            wanted: What.
            choice: How.
            agreed: Whoever asks agrees to what a plan cautions of; else such a pull fails with the code ``agree``.
        """
        asked = Asked(
            reference=wanted.reference,
            revision=wanted.revision,
            include=wanted.include,
            into=choice.into,
            name=choice.name,
            connections=choice.connections,
            agreed=agreed,
        )
        return self.begin(wanted.reference, self._work(asked), asked)

    def supply(self, missing: Missing, *, agreed: bool = False) -> PullStatus:
        """Begins to bring a file that a workflow misses, under the name by which it asks for it."""
        asked = Asked(reference=missing.reference or missing.name, missing=missing, agreed=agreed)
        return self.begin(asked.reference, self._work(asked), asked)

    def begin(self, reference: str, work: Work, asked: Asked | None = None) -> PullStatus:
        """Begins some work as a pull.

        Args:
            reference: What it is called.
            work: What is done.
            asked: What was asked for, if it can be begun again by that.

        Raises:
            PullError: if too many wait already.
        """
        status = PullStatus(id=uuid.uuid4().hex, reference=reference, created=time.time(), resumable=asked is not None)
        stop = threading.Event()
        with self._changed:
            if sum(not known.is_over and known.state != "paused" for known in self._known.values()) >= WAITING:
                raise PullError("busy", f"{WAITING} pulls wait or run already. Ask again when some are over.")
            self._known[status.id], self._stops[status.id] = status, stop
            if asked is not None:
                self._asked[status.id] = asked
            self._order.append(status.id)
            self._forget()
            self._write()
            told = _copy(status)
        self._pool.submit(self._run, status, stop, work)
        return told

    def pause(self, name: str) -> bool:
        """Asks one to stop until it is resumed. False if there is none, it is over, or it could not go on."""
        with self._changed:
            status = self._known.get(name)
            if status is None or status.is_over or status.state == "paused" or name not in self._asked:
                return False
            self._stops[name].set()
            if status.state == "waiting":
                self._set(status, state="paused")
            else:
                self._pausing.add(name)
            return True

    def resume(self, name: str, *, agreed: bool = False) -> bool:
        """Goes on with one that was paused, stopped, or failed. False if it cannot be.

        Args:
            name: Its id.
            agreed: Whoever asks agrees to what its plan cautions of.
        """
        with self._changed:
            status, asked = self._known.get(name), self._asked.get(name)
            if status is None or asked is None or status.state not in ("paused", "failed", "cancelled"):
                return False
            if agreed:
                asked = self._asked[name] = msgspec.structs.replace(asked, agreed=True)
            stop = self._stops[name] = threading.Event()
            self._set(status, state="waiting", message="", code="")
        self._pool.submit(self._run, status, stop, self._work(asked))
        return True

    def restore(self) -> None:
        """Goes on with what was not over when the server ended; what was paused stays so."""
        if self._file is None or not self._file.is_file():
            return
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=list[_Kept])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("%s cannot be read (%s); begin the pulls that were not over again", self._file, error)
            return
        going = [entry for entry in kept if entry.status.state != "paused"]
        with self._changed:
            for entry in kept:
                status = entry.status
                status.state = "paused"
                self._known[status.id], self._asked[status.id] = status, entry.asked
                self._stops[status.id] = threading.Event()
                self._order.append(status.id)
        for entry in going:
            self.resume(entry.status.id)

    def list(self) -> list[PullStatus]:
        """All that are remembered, the newest first."""
        with self._changed:
            return [_copy(self._known[name]) for name in reversed(self._order)]

    def get(self, name: str) -> PullStatus | None:
        """One of them; None if there is none of that id."""
        with self._changed:
            status = self._known.get(name)
            return _copy(status) if status is not None else None

    def stop(self, name: str) -> bool:
        """Asks one to stop; what has arrived is kept. False if there is none, or it is over."""
        with self._changed:
            status = self._known.get(name)
            if status is None or status.is_over:
                return False
            self._stops[name].set()
            self._pausing.discard(name)
            if status.state in ("waiting", "paused"):
                self._end(status, "cancelled")
            return True

    def wait(self, name: str, changed: int, seconds: float) -> PullStatus | None:
        """Its status when that differs from the one with such a count, or after so many seconds."""
        with self._changed:
            status = self._known.get(name)
            if status is None:
                return None
            self._changed.wait_for(lambda: status.changed != changed or status.is_over, seconds)
            return _copy(status)

    def close(self) -> None:
        """Stops all; returns when they have written down what they have."""
        with self._changed:
            self._closing = True  # What is written down by now is what a server goes on with.
            for stop in self._stops.values():
                stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, asked: Asked) -> Work:
        def work(tell: Tell, stop: threading.Event) -> list[FileFinished]:
            if asked.missing is not None:
                plan = plan_supply(self.puller, asked.missing, tell, stop)
            else:
                plan = self.puller.plan(asked.wanted, asked.choice, tell, stop)
            self._planned(plan, agreed=asked.agreed)
            return self.puller.carry_out(plan, tell, stop)

        return work

    @staticmethod
    def _planned(plan: Plan, *, agreed: bool) -> None:
        if plan.cautions and not agreed:
            raise PullError("agree", f"{' '.join(plan.cautions)} Ask again with agreed=true to fetch it.")

    def _run(self, status: PullStatus, stop: threading.Event, work: Work) -> None:
        with self._changed:
            if status.state != "waiting" or self._stops[status.id] is not stop:
                return  # It was stopped, or paused and begun again, while it waited.
            self._set(status, state="planning")
        try:
            work(lambda event: self._take(status, event), stop)
        except InterruptedRun:
            self._interrupted(status)
        except LimnerError as error:
            self._over(status, "failed", str(error), getattr(error, "code", "invalid"))
        except Exception as error:  # A pull that ends in a way nobody thought of must not stay "running" for ever.
            log.exception("a pull of %s ended unexpectedly", status.reference)
            self._over(status, "failed", f"{type(error).__name__}: {error}", "unexpected")
        else:
            self._over(status, "finished")

    def _take(self, status: PullStatus, event: PullEvent) -> None:
        with self._changed:
            match event:
                case FileStarted():
                    self._set(status, state="running", file=event.name, done=event.done, total=event.total)
                case FileProgress():
                    self._set(status, state="running", file=event.name, done=event.done, total=event.total)
                case FileFinished():
                    self._set(status, files=[*status.files, event], done=event.size, total=event.size)
                case _:
                    pass

    def _over(self, status: PullStatus, state: str, message: str = "", code: str = "") -> None:
        with self._changed:
            self._end(status, state, message, code)

    def _interrupted(self, status: PullStatus) -> None:
        with self._changed:
            paused = status.id in self._pausing
            self._pausing.discard(status.id)
            self._set(status, state="paused" if paused else "cancelled")

    def _end(self, status: PullStatus, state: str, message: str = "", code: str = "") -> None:
        self._set(status, state=state, message=message, code=code)

    def _set(self, status: PullStatus, **values: object) -> None:
        moved = "state" in values and values["state"] != status.state
        for name, value in values.items():
            setattr(status, name, value)
        status.changed += 1
        if moved:
            self._write()
        self._changed.notify_all()

    def _write(self) -> None:
        """Writes down those that are not over; without a disk they are merely forgotten."""
        if self._file is None or self._closing:
            return
        kept = [
            _Kept(asked=self._asked[name], status=self._known[name])
            for name in self._order
            if name in self._asked and not self._known[name].is_over
        ]
        try:
            beside = self._file.with_suffix(".new")
            beside.write_bytes(msgspec.json.encode(kept))
            beside.replace(self._file)
        except OSError as error:
            log.warning("%s cannot be written (%s); a restart forgets pulls", self._file, error)

    def _forget(self) -> None:
        """Forgets the oldest that are over."""
        over = [name for name in self._order if self._known[name].is_over]
        for name in over[: max(0, len(self._order) - KEPT)]:
            self._order.remove(name)
            del self._known[name], self._stops[name]
            self._asked.pop(name, None)


def _copy(status: PullStatus) -> PullStatus:
    return msgspec.structs.replace(status, files=list(status.files))
