"""Who holds how much memory on a device, and why: loads once, keeps while leased, evicts what was used longest ago."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """Something that can be loaded.

    Attributes:
        key: Equal keys are one thing.
        what: Its name, for people.
        bytes: How much memory it takes.
        load: Makes it; called once however many ask at once.
        parent: Key of a resident thing whose memory it shares; evicted together with it, this one first.
    """

    key: Hashable
    what: str
    bytes: int
    load: Callable[[], Any]
    parent: Hashable | None = None


@dataclass
class _Entry:
    """A thing that is loaded or being loaded."""

    claim: Claim
    why: str
    since: float
    used: float
    leases: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None


class ResidencyLedger:
    """What is loaded on one device.

    A lease never waits for another one to end (two jobs could wait for each other): where nothing can be evicted, the
    capacity is exceeded, and said so.

    Args:
        device: Its name, for people.
        capacity: Bytes that may be resident; None: no limit.
        released: Called after an eviction, to hand memory back to the device.
    """

    def __init__(self, device: str, capacity: int | None = None, released: Callable[[], None] | None = None) -> None:
        self.device = device
        self.capacity = capacity
        self._released = released
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}

    @contextmanager
    def lease(self, claim: Claim, why: str = "") -> Iterator[Any]:
        """The loaded thing, kept while the block runs.

        Args:
            claim: What is wanted.
            why: For whom.

        Raises:
            Exception: what loading raised; the next lease tries again.
        """
        entry, mine, evicted = self._enter(claim, why)
        try:
            if mine:
                self._load(entry, evicted)
            entry.ready.wait()
            if entry.error is not None:
                raise entry.error
            yield entry.value
        finally:
            with self._lock:
                entry.leases -= 1
                entry.used = time.monotonic()

    def _enter(self, claim: Claim, why: str) -> tuple[_Entry, bool, bool]:
        """The entry, whether this caller has to load it, and whether others had to go."""
        with self._lock:
            now = time.monotonic()
            entry = self._entries.get(claim.key)
            mine = entry is None
            evicted = False
            if entry is None:
                evicted = self._make_room(claim)
                entry = self._entries[claim.key] = _Entry(claim, why, time.time(), now)
            entry.leases += 1
            entry.used = now
            entry.why = why or entry.why
            return entry, mine, evicted

    def _load(self, entry: _Entry, evicted: bool) -> None:
        try:
            if evicted and self._released is not None:
                self._released()
            entry.value = entry.claim.load()
        except BaseException as error:
            entry.error = error
            with self._lock:
                if self._entries.get(entry.claim.key) is entry:
                    del self._entries[entry.claim.key]
            raise
        finally:
            entry.ready.set()

    def _make_room(self, claim: Claim) -> bool:
        """Evicts until a claim fits. The lock is held."""
        if self.capacity is None:
            return False
        evicted = False
        while self._held() + claim.bytes > self.capacity:
            victim = self._victim(claim.parent)
            if victim is None:
                logger.warning(
                    "%s needs %d MB on %s, more than is left of %d MB, and everything there is in use.",
                    claim.what,
                    claim.bytes >> 20,
                    self.device,
                    self.capacity >> 20,
                )
                break
            del self._entries[victim.claim.key]
            evicted = True
        return evicted

    def _held(self) -> int:
        return sum(entry.claim.bytes for entry in self._entries.values())

    def _victim(self, spared: Hashable | None) -> _Entry | None:
        """The unleased thing that was used longest ago and that nothing resident shares memory with."""
        parents = {entry.claim.parent for entry in self._entries.values()}
        free = [
            entry
            for key, entry in self._entries.items()
            if not entry.leases and key not in parents and key != spared and entry.ready.is_set()
        ]
        return min(free, key=lambda entry: entry.used, default=None)

    def release(self) -> int:
        """Evicts everything that is not leased. Returns the bytes given back."""
        given = 0
        with self._lock:
            while (victim := self._victim(None)) is not None:
                given += victim.claim.bytes
                del self._entries[victim.claim.key]
        if given and self._released is not None:
            self._released()
        return given

    def status(self) -> dict[str, Any]:
        """What is resident, as plain data: sizes in bytes, times in seconds since the epoch."""
        with self._lock:
            now = time.monotonic()
            entries = [
                {
                    "what": entry.claim.what,
                    "bytes": entry.claim.bytes,
                    "why": entry.why,
                    "since": entry.since,
                    "idle_seconds": 0.0 if entry.leases else round(now - entry.used, 3),
                    "leases": entry.leases,
                }
                for entry in self._entries.values()
            ]
            return {"device": self.device, "capacity": self.capacity, "bytes": self._held(), "entries": entries}
