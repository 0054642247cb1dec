"""Pulls in the background: each has an id, can be watched and stopped, and a few run at once."""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from limner.graph.errors import InterruptedRun, LimnerError
from limner.hub.events import FileFinished, FileProgress, FileStarted, PullEvent, Tell
from limner.hub.plan import Choice, Plan
from limner.hub.puller import Puller
from limner.hub.refusal import PullError
from limner.hub.source import Wanted

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
        state: ``waiting``, ``planning``, ``running``, ``finished``, ``failed`` or ``cancelled``.
        file: The file that comes now.
        done: Its bytes that are here.
        total: Its bytes; -1: not known.
        files: Those that are in their places.
        message: Why it failed.
        code: The same in one word, as ``PullError`` has it.
        changed: Counts its changes, so that a watcher can ask for the next one.
        created: Seconds since 1970.
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

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("finished", "failed", "cancelled")


class Pulls:
    """The pulls of a server. All methods may be called from any thread; only ``wait`` blocks.

    Args:
        puller: Does the work.
    """

    def __init__(self, puller: Puller) -> None:
        self.puller = puller
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

        def work(tell: Tell, stop: threading.Event) -> list[FileFinished]:
            plan = self.puller.plan(wanted, choice, tell, stop)
            self._planned(plan, agreed=agreed)
            return self.puller.carry_out(plan, tell, stop)

        return self.begin(wanted.reference, work)

    def begin(self, reference: str, work: Work) -> PullStatus:
        """Begins some work as a pull.

        Raises:
            PullError: if too many wait already.
        """
        status = PullStatus(id=uuid.uuid4().hex, reference=reference, created=time.time())
        stop = threading.Event()
        with self._changed:
            if sum(not known.is_over for known in self._known.values()) >= WAITING:
                raise PullError("busy", f"{WAITING} pulls wait or run already. Ask again when some are over.")
            self._known[status.id], self._stops[status.id] = status, stop
            self._order.append(status.id)
            self._forget()
            told = _copy(status)
        self._pool.submit(self._run, status, stop, work)
        return told

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
            if status.state == "waiting":
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
            for stop in self._stops.values():
                stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _planned(plan: Plan, *, agreed: bool) -> None:
        if plan.cautions and not agreed:
            raise PullError("agree", f"{' '.join(plan.cautions)} Ask again with agreed=true to fetch it.")

    def _run(self, status: PullStatus, stop: threading.Event, work: Work) -> None:
        with self._changed:
            if status.is_over:
                return
            self._set(status, state="planning")
        try:
            work(lambda event: self._take(status, event), stop)
        except InterruptedRun:
            self._over(status, "cancelled")
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

    def _end(self, status: PullStatus, state: str, message: str = "", code: str = "") -> None:
        self._set(status, state=state, message=message, code=code)

    def _set(self, status: PullStatus, **values: object) -> None:
        for name, value in values.items():
            setattr(status, name, value)
        status.changed += 1
        self._changed.notify_all()

    def _forget(self) -> None:
        """Forgets the oldest that are over."""
        over = [name for name in self._order if self._known[name].is_over]
        for name in over[: max(0, len(self._order) - KEPT)]:
            self._order.remove(name)
            del self._known[name], self._stops[name]


def _copy(status: PullStatus) -> PullStatus:
    return msgspec.structs.replace(status, files=list(status.files))
