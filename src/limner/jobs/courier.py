"""Carries what the outbox holds: several errands at once, again and again with growing pauses, until each is done.

It decides when something is tried; how it is done is the business of a Carrier. A server that dies while an errand is
being carried carries it again when it is back, so carriers do things that may be done twice.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.graph.errors import StorageError
from limner.jobs.hopes import Hopes
from limner.jobs.outbox import KeptErrand, Outbox

AT_ONCE = 16
"""Errands that are carried at once,"""

AT_ONCE_A_PLACE = 4
"""and of these to one place: one that hangs holds up no other."""

BACKLOG = 1000
"""Errands that are known to be due and wait for their turn."""

LONGEST_SLEEP = 60.0
RETRY_SECONDS = 1.0
"""How long to wait before a note that could not be written (a full disk) is tried again."""

RETENTION_DAYS = 30
JITTER = 0.25
"""Pauses are up to this share longer, so that what failed together is not tried together."""

LOG = logging.getLogger(__name__)


class ErrandError(StorageError):
    """An errand that could not be done.

    Attributes:
        final: Another try would end the same way.
        after: Seconds that whoever refused it asks to wait; None: nothing was said.
    """

    def __init__(self, message: str, *, final: bool = False, after: float | None = None) -> None:
        super().__init__(message)
        self.final, self.after = final, after


@dataclass(frozen=True)
class Carrier:
    """Who knows how errands of one kind are done.

    Attributes:
        kind: Which errands.
        pauses: Seconds before the second try, the third ...; after the last one it is given up.
        place: Where an errand leads; what stands in the way there stands in the way of all that lead there.
        carry: Does it and says what came of it, as JSON values; raises ErrandError if it cannot be done now. Blocks.
    """

    kind: str
    pauses: Sequence[float]
    place: Callable[[KeptErrand], str]
    carry: Callable[[KeptErrand], Any]


def growing(first: float, longest: float, patience: float) -> tuple[float, ...]:
    """Pauses that double until they are ``longest``, and go on until ``patience`` seconds have passed."""
    pauses, spent = [first], first
    while spent < patience:
        pauses.append(min(pauses[-1] * 2, longest))
        spent += pauses[-1]
    return tuple(pauses)


class Courier:
    """Carries errands in threads of its own.

    Args:
        outbox: Where they are kept.
        carriers: Who does them, by kind.
        settled: Called from any thread after a note about an errand is on disk.
        pace: Factor of all pauses; below 1 for tests.
    """

    def __init__(
        self,
        outbox: Outbox,
        carriers: Mapping[str, Carrier],
        settled: Callable[[KeptErrand], None] = lambda _: None,
        *,
        pace: float = 1.0,
    ) -> None:
        self._outbox, self._carriers, self._settled, self._pace = outbox, carriers, settled, pace
        self._backlog: dict[int, KeptErrand] = {}
        self._lock = threading.Condition()
        self._carried: dict[int, str] = {}
        self._hopes = Hopes()
        self._swept = float("-inf")
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._serve, name="courier", daemon=True)

    def start(self) -> None:
        """Goes on with what is due."""
        self._thread.start()

    def wake(self) -> None:
        """Something may be due. Returns at once, from any thread."""
        self._woken.set()

    def stop(self, seconds: float = 5.0) -> None:
        """Begins nothing more and waits for what is on its way; the rest is carried at the next start."""
        self._stopping.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(seconds)
        with self._lock:
            self._lock.wait_for(lambda: not self._carried, seconds)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                pause = self._round()
            except StorageError as error:
                LOG.error("The outbox cannot be used, trying again every %g s: %s", RETRY_SECONDS, error)
                pause = RETRY_SECONDS
            self._woken.wait(pause)

    def _round(self) -> float:
        """Begins what can be begun; gives the seconds until something else may be due."""
        self._sweep()
        now = _now()
        with self._lock:
            carried = dict(self._carried)
        known = carried.keys() | self._backlog.keys()
        for kept in self._outbox.due(now, BACKLOG - len(self._backlog), known):
            self._backlog[kept.id] = kept
        self._begin(Counter(carried.values()))
        following = self._outbox.next_due(now)
        return LONGEST_SLEEP if following is None else min(LONGEST_SLEEP, max(0.0, (following - _now()) / 1000))

    def _begin(self, places: Counter[str]) -> None:
        for kept in list(self._backlog.values()):
            if places.total() >= AT_ONCE:
                return
            carrier = self._carriers.get(kept.errand.kind)
            place = carrier.place(kept) if carrier else ""
            if places[place] < AT_ONCE_A_PLACE:
                places[place] += 1
                del self._backlog[kept.id]
                with self._lock:
                    self._carried[kept.id] = place
                name = f"errand-{kept.id}"
                threading.Thread(target=self._carry, args=(kept, carrier, place), name=name, daemon=True).start()

    def _carry(self, kept: KeptErrand, carrier: Carrier | None, place: str) -> None:
        try:
            self._note(self._tried(kept, carrier, place))
        finally:
            with self._lock:
                del self._carried[kept.id]
                self._lock.notify_all()
            self.wake()
        self._settled(kept)

    def _tried(self, kept: KeptErrand, carrier: Carrier | None, place: str) -> Callable[[], None]:
        """Does an errand; gives what is to be noted about it."""
        if carrier is None:
            reason = f"Nothing here does errands of the kind {kept.errand.kind!r}. Install what does, and retry it."
            return lambda: self._outbox.give_up(kept.id, reason)
        moment, hastened = self._hopes.begin(kept.id)
        try:
            result = carrier.carry(kept)
        except ErrandError as error:
            failed = error
        except Exception as error:  # what a carrier stumbles over must not end the courier
            LOG.exception("Errand %d (%s) of job %s failed", kept.id, kept.errand.kind, kept.job)
            failed = ErrandError(f"{type(error).__name__}: {error}")
        else:
            return lambda: self._done(kept, place, result)
        if failed.final or (not hastened and kept.attempts >= len(carrier.pauses)):
            LOG.error("Errand %d (%s) of job %s is given up: %s", kept.id, kept.errand.kind, kept.job, failed)
            return lambda: self._outbox.give_up(kept.id, str(failed))
        LOG.warning("Errand %d (%s) of job %s: %s", kept.id, kept.errand.kind, kept.job, failed)
        asked = max(carrier.pauses[max(0, kept.attempts - hastened)], failed.after or 0.0)
        pause = asked * self._pace * random.uniform(1, 1 + JITTER)

        def again() -> None:
            self._outbox.again(kept.id, _now() + int(pause * 1000), str(failed), counted=not hastened)
            if not hastened and failed.after is None and self._hopes.failed(kept.id, place, moment):
                self._outbox.hasten([kept.id], _now())

        return again

    def _done(self, kept: KeptErrand, place: str, result: Any) -> None:
        self._outbox.done(kept.id, result)
        waiting = self._hopes.answered(place)
        if waiting:
            self._outbox.hasten(waiting, _now())

    def _note(self, write: Callable[[], None]) -> None:
        """Writes, however long it takes; what is lost with the server is carried again."""
        while True:
            try:
                return write()
            except StorageError as error:
                LOG.error("What came of an errand cannot be kept, trying again: %s", error)
                if self._stopping.wait(RETRY_SECONDS):
                    return None

    def _sweep(self) -> None:
        """Forgets, once an hour, what was settled long ago."""
        if time.monotonic() - self._swept > 3600:
            self._swept = time.monotonic()
            self._outbox.forget(_now() - RETENTION_DAYS * 86_400_000)


def _now() -> int:
    return time.time_ns() // 1_000_000
