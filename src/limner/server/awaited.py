"""Waiting for jobs: for doors that answer when the picture is there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from limner.engine.events import TERMINAL, AnyEvent
from limner.jobs.records import Job


@dataclass
class Watch:
    """What happens to a job from the moment on that somebody watches it."""

    told: asyncio.Queue[tuple[Job, AnyEvent]] = field(default_factory=asyncio.Queue)

    async def events(self) -> AsyncIterator[tuple[Job, AnyEvent]]:
        """The job after each event, with the event; ends after the one that ends the job."""
        while True:
            job, event = await self.told.get()
            yield job, event
            if isinstance(event, TERMINAL):
                return

    async def end(self) -> Job:
        """The job when it is done."""
        async for job, event in self.events():
            if isinstance(event, TERMINAL):
                return job
        raise AssertionError("events end with a terminal one")


class Awaited:
    """Tells those who wait. All methods but ``hear`` belong to the event loop's thread."""

    def __init__(self) -> None:
        self._watches: dict[str, list[Watch]] = {}
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
        self._watches.setdefault(job, []).append(watch)
        try:
            yield watch
        finally:
            self._watches[job].remove(watch)
            if not self._watches[job]:
                del self._watches[job]

    def _arrive(self, job: Job, event: AnyEvent) -> None:
        for watch in self._watches.get(event.job, ()):
            watch.told.put_nowait((job, event))
