"""Waiting for jobs: for doors that answer when the picture is there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from limner.engine.events import TERMINAL, AnyEvent
from limner.graph.errors import WorkerLostError
from limner.jobs.records import Job


@dataclass
class Watch:
    """What happens to a job from the moment on that somebody watches it."""

    told: asyncio.Queue[tuple[Job, AnyEvent] | None] = field(default_factory=asyncio.Queue)
    """What was heard; None: the server stops."""

    async def news(self, silence: float) -> AsyncIterator[tuple[Job, AnyEvent] | None]:
        """The job after each event, with the event; ends after the one that ends the job.

        Args:
            silence: Seconds without an event after which None is given, for those who have to show that they live.

        Raises:
            WorkerLostError: if the server stops.
        """
        while True:
            try:
                async with asyncio.timeout(silence):
                    news = await self.told.get()
            except TimeoutError:
                yield None
                continue
            if news is None:
                raise WorkerLostError("The server is stopping. The job stays in its queue.")
            yield news
            if isinstance(news[1], TERMINAL):
                return


class Awaited:
    """Tells those who wait. All methods but ``hear`` belong to the event loop's thread."""

    def __init__(self) -> None:
        self._closed = False
        self._watches: dict[str, list[Watch]] = {}
        self._entries: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Takes the running loop as the one that requests live on."""
        self._loop = asyncio.get_running_loop()

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes an event. May be called from any thread."""
        loop = self._loop
        if loop is not None and event.job in self._watches and not loop.is_closed():
            loop.call_soon_threadsafe(self._arrive, job, event)

    @contextmanager
    def watching(self, job: str) -> Iterator[Watch]:
        """Watches a job; begin before it is submitted, so that nothing is missed."""
        watch = Watch()
        if self._closed:
            watch.told.put_nowait(None)
        self._watches.setdefault(job, []).append(watch)
        try:
            yield watch
        finally:
            self._watches[job].remove(watch)
            if not self._watches[job]:
                del self._watches[job]

    def entry(self, job: str) -> asyncio.Lock:
        """To be held while one looks whether a job is there and submits it if not, so that equal requests make one."""
        return self._entries.setdefault(job, asyncio.Lock())

    def close(self) -> None:
        """Sends all who wait away: a server that stops would wait for them."""
        self._closed = True
        for watch in [watch for watches in self._watches.values() for watch in watches]:
            watch.told.put_nowait(None)

    def _arrive(self, job: Job, event: AnyEvent) -> None:
        for watch in self._watches.get(event.job, ()):
            watch.told.put_nowait((job, event))
