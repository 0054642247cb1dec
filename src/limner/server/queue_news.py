"""Tells pages that the queue changed, so that their lists are read again without polling.

ComfyUI's ``status`` says how many jobs there are; that one began, was moved or held says nothing in it. Sockets that
announced to understand ``limner_queue`` are told of that too, at most a few times a second.
"""

import asyncio

from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.engine.events import TERMINAL, AnyEvent, Claimed, Queued, Requeued, Stopping
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.records import Job
from limner.server.hub import Hub

FEATURE = "limner_queue"
"""What sockets announce that are told, and the message's type."""

GATHER = 0.1
"""Seconds within which changes are told as one."""


class QueueNews:
    """Says soon, once, that the queue is another one. ``hear`` and ``changed`` may be called from any thread."""

    def __init__(self, dispatcher: Dispatcher, hub: Hub) -> None:
        self._dispatcher, self._hub = dispatcher, hub
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gathering = False

    def start(self) -> None:
        """Takes the running loop as the one that sockets live on."""
        self._loop = asyncio.get_running_loop()

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes an event of a job."""
        if isinstance(event, (Queued, Claimed, Requeued, Stopping, *TERMINAL)):
            self.changed()

    def changed(self) -> None:
        """The queue is another one."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._gather)

    def _gather(self) -> None:
        if not self._gathering and self._loop is not None:
            self._gathering = True
            self._loop.call_later(GATHER, self._tell)

    def _tell(self) -> None:
        self._gathering = False
        paused = self._dispatcher.journal.turns.paused
        frame = message(FEATURE, {"paused": paused}, transient=True, only=FEATURE)
        self._hub.tell_all(frame)


QUEUE_NEWS: web.AppKey[QueueNews] = web.AppKey("queue_news", QueueNews)
