"""How often something is tried again, and how long one waits before: what a server says first, then ever longer.

Source: RFC 9110, sections 10.2.3 (Retry-After) and 15 (status codes).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from limner.hub.refusal import PullError

TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})
"""Answers that may be others a little later."""

BUSY = frozenset({429, 503})


@dataclass(frozen=True)
class Patience:
    """How long to go on.

    Attributes:
        tries: Failures in a row, with nothing gained between them, after which it is over.
        first: Seconds before the second try; doubled for each further one.
        longest: Seconds; a server that asks for a longer pause is not waited for.
        sleep: Waits.
    """

    tries: int = 6
    first: float = 0.5
    longest: float = 300.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def attempt(self, what: str) -> "Attempt":
        """The tries at one thing."""
        return Attempt(self, what)


class Attempt:
    """The tries at one thing, named by its address."""

    def __init__(self, patience: Patience, what: str) -> None:
        self._patience, self._what = patience, what
        self._failures = 0
        self._wait = 0.0
        self.reason = ""

    def gained(self) -> None:
        """Something was gained, so failures count from the beginning."""
        self._failures = 0

    def refuse(self, status: int, headers: Mapping[str, str], gate: str = "") -> None:
        """Takes an answer that is not what was asked for.

        Raises:
            PullError: if it will be the same the next time.
        """
        if status in TEMPORARY:
            self.reason = f"answered with status {status}"
            asked = retry_after(headers.get("Retry-After", ""))
            if asked is not None and asked > self._patience.longest:
                raise PullError("busy", f"{self._what} asks to come back in {asked:.0f} seconds: try again then.")
            self._count("busy" if status in BUSY else "unreachable", asked)
            return
        if status in (401, 403):
            advice = gate or "It needs an account or a permission that this program does not have."
            raise PullError("gated", f"{self._what} may not be had (status {status}). {advice}")
        if status in (404, 410):
            raise PullError(
                "gone", f"There is nothing at {self._what} (status {status}). Look whether the name is right."
            )
        raise PullError("unreachable", f"{self._what} answered with status {status}, expected the file.")

    def fail(self, error: BaseException) -> None:
        """Takes a connection that could not be made, or that ended early.

        Raises:
            PullError: if it was the last try.
        """
        self.reason = _in_words(error)
        self._count("unreachable", None)

    async def pause(self) -> None:
        """Waits before the next try."""
        await self._patience.sleep(self._wait)

    def _count(self, code: str, asked: float | None) -> None:
        self._failures += 1
        if self._failures >= self._patience.tries:
            raise PullError(
                code, f"{self._what} could not be had in {self._failures} tries: {self.reason}. Try again later."
            )
        grown = self._patience.first * 2 ** (self._failures - 1)
        self._wait = asked if asked is not None else min(grown * random.uniform(0.8, 1.2), self._patience.longest)


def _in_words(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the connection ended early"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error).strip() or type(error).__name__


def retry_after(text: str) -> float | None:
    """Seconds that a ``Retry-After`` asks for, as a number or a date; None if it says nothing."""
    text = text.strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
