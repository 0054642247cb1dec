"""How a service does: whether it is left alone for a while, how quick it was lately, how much may be asked of it.

A circuit breaker. *Closed*: asked as usual. After some failures in a row it is *open*: left alone. When its pause is
over it is *half open*: one request may try; if that goes well it is closed, else open for twice as long.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from limner.providers.refusal import ProviderError
from limner.providers.settings import Limits

LONGEST_PAUSE = 600.0
"""Seconds that a service is left alone at most, unless it asks for more."""

WEIGHT = 0.3
"""Of the newest request in the running mean of latency."""

FORGOTTEN = 600.0
"""Seconds after which a measured latency says nothing any more, so that a slow service gets another chance."""

MINUTE = 60.0

Clock = Callable[[], float]


class Health:
    """How one service does. Belongs to one event loop.

    Args:
        limits: How much may be asked of it.
        clock: Seconds that only grow.
    """

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._failures = 0
        self._pauses = 0
        self._until = 0.0
        self._probing = False
        self._latency: dict[str, tuple[float, float]] = {}
        self._places = asyncio.Semaphore(limits.concurrency)
        self._begun: deque[float] = deque()

    def rest(self) -> float:
        """Seconds for which it is still left alone; 0: it may be asked."""
        left = self._until - self._clock()
        if left > 0:
            return left
        return self._limits.pause if self._pauses and self._probing else 0.0

    def latency(self, model: str) -> float:
        """Seconds that its pictures took lately; 0: not known, so it is worth a try."""
        mean, measured = self._latency.get(model, (0.0, 0.0))
        return mean if self._clock() - measured < FORGOTTEN else 0.0

    @property
    def crowded(self) -> bool:
        """Whether a request would have to wait for others."""
        return self._places.locked() or self._minute_left() > 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among the requests that may be made at once and in a minute; waits for one."""
        async with self._places:
            while (wait := self._minute_left()) > 0:
                await asyncio.sleep(wait)
            self._begun.append(self._clock())
            probing = self._pauses > 0
            self._probing = self._probing or probing
            try:
                yield
            finally:
                if probing:
                    self._probing = False

    def succeeded(self, model: str, seconds: float) -> None:
        """A request went well."""
        known = self.latency(model)
        mean = seconds if not known else (1 - WEIGHT) * known + WEIGHT * seconds
        self._latency[model] = (mean, self._clock())
        self._failures = self._pauses = 0
        self._until = 0.0

    def failed(self, error: ProviderError) -> None:
        """A request did not go well."""
        if error.wait > 0:
            self._until = max(self._until, self._clock() + error.wait)
        if not error.ill:
            return
        self._failures += 1
        if self._failures >= self._limits.failures or self._pauses:
            pause = min(self._limits.pause * 2 ** min(self._pauses, 16), LONGEST_PAUSE)
            self._pauses += 1
            self._until = max(self._until, self._clock() + pause)

    def _minute_left(self) -> float:
        """Seconds until another request fits into the minute."""
        if not self._limits.per_minute:
            return 0.0
        now = self._clock()
        while self._begun and now - self._begun[0] >= MINUTE:
            self._begun.popleft()
        return 0.0 if len(self._begun) < self._limits.per_minute else self._begun[0] + MINUTE - now
