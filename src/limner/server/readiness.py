"""Whether the server can take jobs now, and if not, why: what those ask who send requests to one of several servers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiohttp import web

from limner.graph.errors import StorageError
from limner.jobs.dispatcher import Dispatcher
from limner.server.bodies import beside
from limner.server.catalog_watch import CatalogWatch
from limner.server.route import CATALOG, SERVICE

FRESH = 1.0
"""Seconds for which an answer holds: whoever asks often must not keep the disk and the worker busy."""

WRITER = "readiness"
"""Who notes in the journal that it is alive, to see whether notes can be made."""


@dataclass(frozen=True)
class Report:
    """How things stand.

    Attributes:
        ready: Jobs can be taken and carried out.
        reasons: Why not; empty if they can.
        waiting: Jobs that wait.
        running: Jobs that run.
    """

    ready: bool
    reasons: tuple[str, ...]
    waiting: int
    running: int


class Readiness:
    """Looks after a server.

    Args:
        dispatcher: Its queue.
        catalog: What its workers said that they can do.
        longest_queue: Jobs that may wait; 0: any number.
        clock: Seconds, for tests.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        catalog: CatalogWatch,
        longest_queue: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dispatcher, self._catalog, self._longest_queue, self._clock = dispatcher, catalog, longest_queue, clock
        self._report, self._seen = Report(False, (), 0, 0), float("-inf")

    def look(self) -> Report:
        """How things stand now, or a moment ago. Blocks."""
        now = self._clock()
        if now - self._seen > FRESH:
            reasons = tuple(self._reasons())
            counts = self._dispatcher.counts()
            self._report = Report(not reasons, reasons, counts.waiting, counts.running)
            self._seen = now
        return self._report

    def _reasons(self) -> Iterator[str]:
        try:
            self._dispatcher.journal.heartbeat(WRITER)
        except StorageError as error:
            yield f"The queue cannot be written: {error}"
        if self._catalog.current is None:
            yield f"No worker is up yet. {self._catalog.reason}"
        elif not any(status.get("up") for status in self._dispatcher.status()):
            yield "No worker is up; it is being started anew."
        waiting = self._dispatcher.counts().waiting
        if self._longest_queue and waiting > self._longest_queue:
            yield f"{waiting} jobs wait; this server is full above {self._longest_queue} (--ready-queue)."


async def readiness_of(request: web.Request) -> Report:
    """How things stand with the server that got a request."""
    return await beside(request.app[READINESS].look)


def add_readiness(application: web.Application) -> None:
    """Has somebody look after the application."""
    service = application[SERVICE]
    longest = service.settings.ready_queue
    application[READINESS] = Readiness(service.dispatcher, application[CATALOG], longest)


READINESS: web.AppKey[Readiness] = web.AppKey("readiness", Readiness)
