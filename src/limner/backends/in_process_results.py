"""Results by fingerprint, bounded by bytes: what the in-process backend remembers."""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from limner.backends.in_process_policy import CachePolicy
from limner.engine.fingerprint import Key
from limner.engine.step import Held

Items = list[Any]
"""A value as it travels: a list of items, of one for a plain output."""

_OVERHEAD = 512
"""Bytes that a result costs beside its values."""

_OBJECT = 64
"""Bytes counted for an object whose size is unknown (a number, a model's handle: its weights are counted elsewhere)."""

LOOK_SECONDS = 0.25
"""How often the machine is asked how much memory is free."""

_WALK = 20_000
"""Objects of one result that are looked at; a result of more parts counts as if the rest were small."""


@dataclass(slots=True)
class Result:
    """What a step left.

    Attributes:
        outputs: One list of items per output; None for an output that the node did not give.
        held: What clients were told.
        size: Bytes.
        ephemeral: Forgotten as soon as nobody keeps it.
        keepers: How many sessions keep it.
        root: The submitted node in whose expansion it was made; None: it was made by a submitted node itself.
    """

    outputs: Sequence[Items | None]
    held: Held
    size: int
    ephemeral: bool = False
    keepers: int = 0
    root: str | None = None


class Results:
    """Results by fingerprint. Safe for any number of threads.

    What no session keeps may be evicted, least recently used first, as soon as all results together exceed what the
    policy allows. What is kept may exceed it.
    """

    def __init__(self, policy: CachePolicy | int) -> None:
        """Holds nothing yet. A number is the capacity of a policy that forgets for want of room only."""
        self._policy = CachePolicy(capacity=policy) if isinstance(policy, int) else policy
        self.capacity = self._policy.capacity
        self._looked = float("-inf")
        self.size = 0
        """Bytes of all results."""
        self._lock = threading.Lock()
        self._results: dict[Key, Result] = {}
        self._idle: OrderedDict[Key, None] = OrderedDict()
        """Those that nobody keeps, least recently used first."""

    def __len__(self) -> int:
        return len(self._results)

    def recall(self, keys: Sequence[Key]) -> list[bool]:
        """Which of them are held; those count as used now."""
        results, idle = self._results, self._idle
        with self._lock:
            found = [key in results for key in keys]
            for key in keys:
                if key in idle:
                    idle.move_to_end(key)
        return found

    def get(self, key: Key) -> Result | None:
        """A result, whether kept or not."""
        return self._results.get(key)

    def keep(self, key: Key) -> Held | None:
        """Adds a keeper; None if the result is not held."""
        with self._lock:
            result = self._results.get(key)
            if result is None:
                return None
            if not result.keepers:
                del self._idle[key]
            result.keepers += 1
            return result.held

    def drop(self, keys: Iterable[Key]) -> None:
        """Takes one keeper away from each of them."""
        with self._lock:
            for key in keys:
                result = self._results[key]
                result.keepers -= 1
                if result.keepers:
                    continue
                if result.ephemeral:
                    self.size -= self._results.pop(key).size
                else:
                    self._idle[key] = None
            self._evict()

    def begin(self, keys: Iterable[Key], nodes: Collection[str]) -> None:
        """A run begins: forgets what its prompt does not hold, if the policy says so.

        Args:
            keys: The results of the prompt's nodes.
            nodes: The ids of the prompt's nodes: what was made inside their expansions stays.
        """
        if not self._policy.prompt_only:
            return
        wanted = set(keys)
        with self._lock:
            for key in [key for key in self._idle if key not in wanted and self._results[key].root not in nodes]:
                self._forget(key)

    def store(
        self, key: Key, outputs: Sequence[Items | None], held: Held, *, ephemeral: bool, root: str | None = None
    ) -> None:
        """Holds a result with one keeper; it replaces one that is held already, whose keepers it inherits."""
        size = _OVERHEAD + size_of(outputs) + size_of(held.ui)
        with self._lock:
            known = self._results.get(key)
            keepers = 1
            if known is not None:
                self.size -= known.size
                self._idle.pop(key, None)
                keepers += known.keepers
            self._results[key] = Result(outputs, held, size, ephemeral or not self._policy.remembers, keepers, root)
            self.size += size
            self._evict()

    def release(self) -> None:
        """Forgets whatever nobody keeps."""
        with self._lock:
            self._evict(down_to=0)

    def status(self) -> Mapping[str, int]:
        """How many results are held, and bytes: of all, of those that are kept, and at most."""
        with self._lock:
            kept = sum(result.size for result in self._results.values() if result.keepers)
            return {"results": len(self._results), "bytes": self.size, "kept": kept, "capacity": self.capacity}

    def _evict(self, down_to: int | None = None) -> None:
        limit = self.capacity if down_to is None else down_to
        most = self._policy.nodes
        while self._idle and (self.size > limit or (most is not None and len(self._results) > most)):
            self._forget(next(iter(self._idle)))
        self._relieve()

    def _relieve(self) -> None:
        """Forgets results while the machine is short of memory: first what is old and large."""
        policy, moment = self._policy, time.monotonic()
        if policy.available is None or not self._idle or moment - self._looked < LOOK_SECONDS:
            return
        self._looked = moment
        short = policy.headroom - policy.available()
        if short <= 0:
            return
        ages = {key: len(self._idle) - place for place, key in enumerate(self._idle)}
        for key in sorted(ages, key=lambda key: ages[key] * self._results[key].size, reverse=True):
            if short <= 0:
                return
            short -= self._results[key].size
            self._forget(key)

    def _forget(self, key: Key) -> None:
        del self._idle[key]
        self.size -= self._results.pop(key).size


def size_of(value: Any) -> int:
    """Bytes of a value: those of the tensors, arrays and texts in its containers; little for anything else."""
    total, looked = 0, 0
    stack, seen = [value], set()
    while stack and looked < _WALK:
        entry = stack.pop()
        looked += 1
        total += _OBJECT
        if entry is None or isinstance(entry, bool | int | float) or id(entry) in seen:
            continue
        seen.add(id(entry))
        if isinstance(entry, Mapping | list | tuple | set | frozenset):
            total += _OBJECT * max(0, len(entry) - _WALK)
            stack += islice(entry.values() if isinstance(entry, Mapping) else entry, _WALK)
        else:
            total += _own_bytes(entry)
    return total + _OBJECT * len(stack)


def _own_bytes(value: Any) -> int:
    """Bytes of a value without its parts. Tensors are known by what they can do: no tensor library is loaded here."""
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    # The class is asked, not the object: a handle that looks up its attributes itself might load something.
    kind = type(value)
    if hasattr(kind, "nbytes"):
        return int(value.nbytes)
    if hasattr(kind, "element_size") and hasattr(kind, "nelement"):
        return int(value.element_size() * value.nelement())
    return 0
