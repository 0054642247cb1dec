"""Notices when model files come and go, however they do, and tells pages, so that lists show them without a reload."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.graph.errors import LimnerError
from limner.hub.kinds import UNFETCHED
from limner.server.bodies import beside
from limner.server.hub import Hub
from limner.server.route import HUB, SERVICE
from limner.server.service import Service

PACE = 3.0
"""Seconds between looks: one stat a folder if nothing changed."""

MODELS_CHANGED = "limner_models"
"""Type of the message."""

LOG = logging.getLogger(__name__)

Seen = dict[str, tuple[str, ...]]


class ModelWatch:
    """Looks at the lists of model files while somebody listens, and at once when it is nudged.

    Args:
        service: Has the lists.
        hub: Tells sockets.
    """

    def __init__(self, service: Service, hub: Hub) -> None:
        self._service, self._hub = service, hub
        self._seen: Seen | None = None
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Future[object]] = set()

    def start(self) -> None:
        """Begins to look. Belongs to a running loop."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def nudge(self) -> None:
        """Has it look at once. From the loop's thread only."""
        self._nudged.set()

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Does something beside that no request waits for; whoever ends the server ends it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        await self._look()
        while True:
            if self._nudged.is_set() or self._hub.has_listeners():
                self._nudged.clear()
                await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PACE):
                    await self._nudged.wait()

    async def _look(self) -> None:
        seen = await beside(self._read)
        if self._seen is not None and seen != self._seen:
            kinds = sorted(kind for kind in {*seen, *self._seen} if seen.get(kind) != self._seen.get(kind))
            self._hub.tell_all(message(MODELS_CHANGED, {"kinds": kinds}))
        self._seen = seen

    def _read(self) -> Seen:
        seen: Seen = {}
        for kind in self._service.folders.kinds():
            if kind not in UNFETCHED:
                try:
                    seen[kind] = tuple(self._service.lists(kind))
                except (LimnerError, OSError) as error:
                    LOG.debug("no list of %s: %s", kind, error)
        return seen


MODEL_WATCH: web.AppKey[ModelWatch] = web.AppKey("model_watch", ModelWatch)


def add_model_watch(application: web.Application) -> None:
    """Puts it into an application."""
    application[MODEL_WATCH] = watch = ModelWatch(application[SERVICE], application[HUB])

    async def begin(_: web.Application) -> None:
        watch.start()

    async def end(_: web.Application) -> None:
        await watch.stop()

    application.on_startup.append(begin)
    application.on_shutdown.append(end)
