"""Who holds how much memory on a device, and why: plans every load, keeps while leased, evicts what costs least.

What is loaded is loaded once. A load comes whole if there is room once everything idle has gone, in part if the thing
can work so, and is refused with numbers if it could not work even alone. Nobody ever waits for another one's lease to
end, since two jobs could wait for each other: where everything is in use, the capacity is exceeded, and said so.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from limner.models.memory.eviction import Candidate, choose_victims
from limner.models.memory.load_plan import Part, Plan, Room, plan_load, refusal, shown

logger = logging.getLogger(__name__)


class Resizable(ABC):
    """A loaded thing whose size can change. One that is not always has the size of its claim."""

    @property
    @abstractmethod
    def bytes(self) -> int:
        """Memory that it holds now, apart from what it maps."""

    @property
    @abstractmethod
    def least(self) -> int:
        """Bytes below which it does not work."""

    @property
    @abstractmethod
    def placement(self) -> str:
        """How it lies, for people: ``whole``, ``9 of 57 blocks resident``."""

    @abstractmethod
    def shrink(self, need: int) -> None:
        """Gives back so many bytes, or what it can. Called by the thread that is about to use it."""

    @abstractmethod
    def close(self) -> None:
        """Gives back what it holds elsewhere; nobody uses it any more."""


@dataclass(frozen=True)
class Claim:
    """Something that can be loaded.

    Attributes:
        key: Equal keys are one thing.
        what: Its name, for people.
        bytes: How much memory it takes.
        load: Makes it; called once however many ask at once.
        parent: Key of a resident thing whose memory it shares; evicted together with it, this one first.
        part: How it can be loaded in part; None: it cannot.
        work: Bytes that should stay free beside it, as long as nothing better is known.
        mapped: How many of the bytes are pages of a file, which the system takes back by itself if it must.
    """

    key: Hashable
    what: str
    bytes: int
    load: Callable[[], Any]
    parent: Hashable | None = None
    part: Part | None = None
    work: int = 0
    mapped: int = 0


@dataclass
class _Entry:
    """A thing that is loaded or being loaded."""

    claim: Claim
    plan: Plan
    why: str
    since: float
    used: float
    seconds: float = 0.0
    leases: int = 0
    working: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None

    @property
    def own(self) -> int:
        """Bytes that only go if it goes."""
        if isinstance(self.value, Resizable):
            return self.value.bytes
        return self.plan.bytes

    @property
    def bytes(self) -> int:
        """All bytes, mapped ones too."""
        return self.own + self.claim.mapped


class ResidencyLedger:
    """What is loaded on one device.

    Args:
        device: Its name, for people.
        capacity: Bytes that may be resident; None: no limit.
        released: Called after an eviction, to hand memory back to the device.
        clock: Seconds that only grow.
        keep: Things stay when nobody uses them, as long as there is room.
    """

    def __init__(
        self,
        device: str,
        capacity: int | None = None,
        released: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        keep: bool = True,
    ) -> None:
        self.device = device
        self.capacity = capacity
        self._released = released
        self._clock = clock
        self._keep = keep
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}
        self._learnt: dict[Hashable, int] = {}

    @contextmanager
    def lease(self, claim: Claim, why: str = "") -> Iterator[Any]:
        """The loaded thing, kept while the block runs.

        Args:
            claim: What is wanted.
            why: For whom.

        Raises:
            MemoryRefusal: if it does not fit even alone.
            Exception: what loading raised; the next lease tries again.
        """
        if claim.part is not None and not self.could_hold(claim):
            claim.part.least()  # may take a while the first time, so not while everybody waits for the lock
        entry, mine, gone = self._enter(claim, why)
        try:
            if mine:
                self._load(entry, gone)
            entry.ready.wait()
            if entry.error is not None:
                raise entry.error
            yield entry.value
        finally:
            with self._lock:
                entry.leases -= 1
                entry.used = self._clock()
                # While everything was in use the budget may have been exceeded; that ends here.
                excess = 0 if self.capacity is None else self._owned() - self.capacity
                gone = self._evict(excess, frozenset()) if excess > 0 else []
            self._part_with(gone)
            if not self._keep:
                self.release()

    def could_hold(self, claim: Claim, beside: int = 0) -> bool:
        """Whether all of a thing, and so many bytes more, would fit once everything idle has gone."""
        with self._lock:
            others = self._fixed() - self._fixed_share(claim.key)
            work = self._learnt.get(claim.key, claim.work)
            return self.capacity is None or others + claim.bytes - claim.mapped + beside + work <= self.capacity

    def roomy(self, size: int) -> bool:
        """Whether so many bytes are free without anything having to go."""
        with self._lock:
            return self.capacity is None or self._held() + size <= self.capacity

    def holds(self, key: Hashable) -> bool:
        """Whether a thing is resident, or about to be."""
        with self._lock:
            return key in self._entries

    def begin_work(self, key: Hashable, size: int) -> None:
        """Makes room for an evaluation: evicts what is idle, then lets the thing itself shrink.

        Args:
            key: What is evaluated; leased by the caller.
            size: Bytes that the evaluation takes.

        Raises:
            MemoryRefusal: if the evaluation does not fit even alone.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or self.capacity is None:
                return
            self._learnt[key] = size
            gone = self._evict(self._held() + size - self.capacity, frozenset({key}))
            short = self._owned() + size - self.capacity
            lone = all(other.claim.parent != key for other in self._entries.values())
        self._part_with(gone)
        if short > 0 and isinstance(entry.value, Resizable) and lone:
            entry.value.shrink(short)
            self._part_with([entry], closing=False)
        self._check_work(entry, size)
        with self._lock:
            entry.working += size

    def end_work(self, key: Hashable, size: int) -> None:
        """The evaluation is over."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                entry.working = max(0, entry.working - size)

    def _check_work(self, entry: _Entry, size: int) -> None:
        """Raises MemoryRefusal if an evaluation could not run even alone; says so if others are in the way."""
        with self._lock:
            room = self._room()
            short = self._owned() + size - (room.capacity or 0)
        if short <= 0:
            return
        least = entry.value.least if isinstance(entry.value, Resizable) else entry.own
        if least + size > (room.capacity or 0):
            whole = entry.claim.bytes - entry.claim.mapped
            raise refusal(entry.claim.what, least, size, room, whole=whole)
        logger.warning(
            "%s: an evaluation takes %s more than is left on %s.", entry.claim.what, shown(short), self.device
        )

    def _enter(self, claim: Claim, why: str) -> tuple[_Entry, bool, list[_Entry]]:
        """The entry, whether this caller has to load it, and what had to go. Raises MemoryRefusal."""
        with self._lock:
            now = self._clock()
            gone: list[_Entry] = []
            entry = self._entries.get(claim.key)
            if entry is not None and self._outgrown(entry):
                gone.append(self._entries.pop(claim.key))
                entry = None
            mine = entry is None
            if entry is None:
                plan, further = self._admit(claim)
                gone += further
                entry = self._entries[claim.key] = _Entry(claim, plan, why, time.time(), now)
            entry.leases += 1
            entry.used = now
            entry.why = why or entry.why
            return entry, mine, gone

    def _load(self, entry: _Entry, gone: list[_Entry]) -> None:
        began = self._clock()
        try:
            self._part_with(gone)
            part = entry.claim.part if entry.plan.partly else None
            entry.value = entry.claim.load() if part is None else part.load(entry.plan.bytes)
            entry.seconds = self._clock() - began
        except BaseException as error:
            entry.error = error
            with self._lock:
                if self._entries.get(entry.claim.key) is entry:
                    del self._entries[entry.claim.key]
            raise
        finally:
            entry.ready.set()

    def _admit(self, claim: Claim) -> tuple[Plan, list[_Entry]]:
        """How much of a claim comes, and what goes for it. The lock is held."""
        work = self._learnt.get(claim.key, claim.work)
        room = self._room(spared=claim.parent)
        own = claim.bytes - claim.mapped
        plan = Plan(own) if claim.parent else plan_load(claim.what, own, claim.part, work, room)
        if self.capacity is None:
            return plan, []
        if plan.overdrawn or plan.bytes > room.free:
            logger.warning(
                "%s needs %d MB on %s, more than is left of %d MB, and everything there is in use.",
                claim.what,
                plan.bytes >> 20,
                self.device,
                self.capacity >> 20,
            )
        wanted = plan.bytes + claim.mapped + (0 if plan.partly else work)
        return plan, self._evict(self._held() + wanted - self.capacity, frozenset({claim.parent}))

    def _outgrown(self, entry: _Entry) -> bool:
        """Whether a thing that is there in part could be there whole by now. The lock is held."""
        partly = isinstance(entry.value, Resizable) and entry.value.bytes < entry.claim.bytes - entry.claim.mapped
        capped = entry.claim.part is not None and entry.claim.part.most is not None
        if not partly or capped or entry.leases or self.capacity is None:
            return False
        work = self._learnt.get(entry.claim.key, entry.claim.work)
        return self._fixed() + entry.claim.bytes - entry.claim.mapped + work <= self.capacity

    def _evict(self, need: int, spared: frozenset[Hashable]) -> list[_Entry]:
        """Takes out idle things of so many bytes, or all of them. The lock is held."""
        idle = self._idle(spared)
        now = self._clock()
        candidates = [
            Candidate(key, entry.bytes, entry.seconds, now - entry.used, entry.claim.parent)
            for key, entry in idle.items()
        ]
        return [self._entries.pop(victim.key) for victim in choose_victims(candidates, need)]

    def _idle(self, spared: frozenset[Hashable] = frozenset()) -> dict[Hashable, _Entry]:
        """What could go: loaded, not leased, and with nothing on it that stays. The lock is held."""
        staying = {
            key for key, entry in self._entries.items() if entry.leases or not entry.ready.is_set() or key in spared
        }
        for key in tuple(staying):
            parent = self._entries[key].claim.parent
            while parent is not None and parent not in staying:
                staying.add(parent)
                parent = self._entries[parent].claim.parent if parent in self._entries else None
        return {key: entry for key, entry in self._entries.items() if key not in staying}

    def _room(self, spared: Hashable | None = None) -> Room:
        """What there is for one more. The lock is held."""
        kept = self._fixed() + self._fixed_idle(spared)
        return Room(self.device, self.capacity, (self.capacity or 0) - kept)

    def _fixed(self) -> int:
        """Own bytes that cannot go. The lock is held."""
        idle = self._idle()
        return sum(entry.own + entry.working for key, entry in self._entries.items() if key not in idle)

    def _fixed_share(self, key: Hashable) -> int:
        """The part of these that is a thing's own. The lock is held."""
        entry = self._entries.get(key)
        return 0 if entry is None or key in self._idle() else entry.own + entry.working

    def _fixed_idle(self, key: Hashable | None) -> int:
        """Own bytes of an idle thing that is to stay. The lock is held."""
        entry = self._idle().get(key)
        return 0 if entry is None else entry.own

    def _held(self) -> int:
        """All bytes, with what runs. The lock is held."""
        return sum(entry.bytes + entry.working for entry in self._entries.values())

    def _owned(self) -> int:
        """The same without mapped pages. The lock is held."""
        return sum(entry.own + entry.working for entry in self._entries.values())

    def _part_with(self, gone: list[_Entry], *, closing: bool = True) -> None:
        """Closes what has left, and hands its memory back."""
        for entry in gone if closing else ():
            if isinstance(entry.value, Resizable):
                entry.value.close()
            entry.value = None
        if gone and self._released is not None:
            self._released()

    def release(self) -> int:
        """Evicts everything that is not leased. Returns the bytes given back."""
        with self._lock:
            gone = [self._entries.pop(key) for key in self._idle()]
            given = sum(entry.bytes for entry in gone)
        self._part_with(gone)
        return given

    def status(self) -> dict[str, Any]:
        """What is resident, as plain data: sizes in bytes, times in seconds since the epoch."""
        with self._lock:
            now = self._clock()
            entries = [_described(entry, now) for entry in self._entries.values()]
            held = sum(entry.bytes for entry in self._entries.values())
            return {"device": self.device, "capacity": self.capacity, "bytes": held, "entries": entries}


def _described(entry: _Entry, now: float) -> dict[str, Any]:
    """An entry as plain data."""
    value = entry.value
    placement = value.placement if isinstance(value, Resizable) else "whole" if entry.ready.is_set() else "loading"
    return {
        "what": entry.claim.what,
        "bytes": entry.bytes,
        "mapped": entry.claim.mapped,
        "whole": entry.claim.bytes,
        "placement": placement,
        "why": entry.why,
        "since": entry.since,
        "load_seconds": round(entry.seconds, 3),
        "idle_seconds": 0.0 if entry.leases else round(now - entry.used, 3),
        "leases": entry.leases,
        "work": entry.working,
    }
