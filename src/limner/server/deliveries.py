"""What follows jobs, for doors: errands to ask for, and uploads to wait for."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.jobs.courier import Carrier, Courier
from limner.jobs.outbox import SETTLED, ErrandState, KeptErrand, Outbox
from limner.jobs.records import Errand
from limner.server.delivery_plan import MOST, UPLOAD
from limner.server.route import SERVICE


class Deliveries:
    """Has errands carried and tells those who wait for them. All but ``hear`` belongs to the event loop's thread.

    Args:
        outbox: Where errands are kept.
        carriers: Who does them, by kind.
        pace: Factor of the pauses between tries.
    """

    def __init__(self, outbox: Outbox, carriers: Mapping[str, Carrier], pace: float) -> None:
        self.outbox, self.courier = outbox, Courier(outbox, carriers, self.hear, pace=pace)
        self._waiting: defaultdict[str, list[asyncio.Event]] = defaultdict(list)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Takes the running loop as the one that requests live on, and begins to deliver."""
        self._loop = asyncio.get_running_loop()
        self.courier.start()

    def hear(self, kept: KeptErrand) -> None:
        """Takes note of an errand that was tried. May be called from any thread."""
        loop = self._loop
        if loop is not None and kept.job in self._waiting and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, kept.job)

    def close(self) -> None:
        """Sends all who wait away."""
        for job in list(self._waiting):
            self._wake(job)

    async def settled(self, job: str, kind: str, seconds: float) -> list[KeptErrand]:
        """A job's errands of a kind, once they are done or given up or the time is over."""
        with self._watching(job) as news, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not all(kept.state in SETTLED for kept in await self._found(job, kind)):
                    await news.wait()
                    news.clear()
        return await self._found(job, kind)

    async def _found(self, job: str, kind: str) -> list[KeptErrand]:
        found = await asyncio.to_thread(self.outbox.of_job, job)
        return [kept for kept in found if kept.errand.kind == kind]

    @contextmanager
    def _watching(self, job: str) -> Iterator[asyncio.Event]:
        news = asyncio.Event()
        self._waiting[job].append(news)
        try:
            yield news
        finally:
            self._waiting[job].remove(news)
            if not self._waiting[job]:
                del self._waiting[job]

    def _wake(self, job: str) -> None:
        for news in self._waiting.get(job, ()):
            news.set()


DELIVERIES: web.AppKey[Deliveries] = web.AppKey("deliveries", Deliveries)


def errands_for(
    request: web.Request,
    *,
    store: str | Mapping[str, Any] | None = None,
    webhook: str | Mapping[str, Any] | None = None,
) -> tuple[Errand, ...]:
    """What a request wants to follow its job; for ``Wish.errands``. What settings add comes at admission.

    Args:
        request: Who asks.
        store: The name of a store, its address, or an object with ``url`` and keys.
        webhook: An address, or an object with ``url`` and ``secret``.

    Raises:
        GraphError: if one of them cannot be used; says why.
    """
    plan = request.app[SERVICE].deliveries
    if store is None and webhook is None:
        return ()
    if plan is None:
        raise refusal("invalid_request", "This server delivers nothing.", "Leave out the store and the webhook.")
    for name, value in (("store", store), ("webhook", webhook)):
        if value is not None and not isinstance(value, str | Mapping):
            raise refusal("invalid_request", f"'{name}' must be a text or an object.", f"It is {type(value).__name__}.")
    errands = [plan.upload(store)] if store is not None else []
    return (*errands, *([plan.webhook(webhook)] if webhook is not None else []))[:MOST]


async def uploads_of(request: web.Request, job: str, seconds: float) -> list[KeptErrand]:
    """The uploads of a job, once all are done or given up or the time is over. Ask only for jobs of the caller's."""
    deliveries = request.app.get(DELIVERIES)
    return [] if deliveries is None else await deliveries.settled(job, UPLOAD, seconds)


async def uploaded(request: web.Request, job: str, seconds: float) -> list[dict[str, Any]]:
    """The files of a job that are in a store by then; empty if none is, or the job is not to be uploaded.

    Each has ``filename``, ``subfolder``, ``type``, ``media_type``, ``url``, ``etag``, ``key``, ``size``, and until when
    its address holds: ``expires``, milliseconds since the epoch, or None.
    """
    found = await uploads_of(request, job, seconds)
    return [file for kept in found if kept.state is ErrandState.DONE for file in kept.result or ()]
