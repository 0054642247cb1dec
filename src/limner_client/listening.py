"""The socket of a client: opened when first needed, opened again when it drops, one queue of events per job."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp

from limner_client.errors import UnreachableError
from limner_client.messages import Event, read_frame, read_message

RECONNECT_SECONDS = 0.3
"""Between attempts to open a socket again."""

KEPT_JOBS = 200
"""Jobs whose events are kept although nobody has asked for them yet."""

FLAGS = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})


Connect = Callable[[], contextlib.AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]]


@dataclass
class _Inbox:
    events: deque[Event] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, event: Event) -> None:
        self.events.append(event)
        self.arrived.set()

    async def next(self, seconds: float) -> Event | None:
        """The event whose turn it is; None if none came in so many seconds."""
        if not self.events:
            self.arrived.clear()
            try:
                await asyncio.wait_for(self.arrived.wait(), seconds)
            except TimeoutError:
                return None
        return self.events.popleft()


class Listener:
    """Listens to one server under one client id.

    Args:
        connect: Opens a socket.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._inboxes: dict[str, _Inbox] = {}
        self._task: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self._current: str | None = None
        self._refusal: asyncio.Future[str] | None = None
        self.drops = 0
        """How often the connection was lost."""

    async def open(self, seconds: float) -> None:
        """Makes sure that a socket is open.

        Raises:
            UnreachableError: if none could be opened.
        """
        if self._task is None or self._task.done():
            self._refusal = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._listen(self._refusal))
        opened = asyncio.ensure_future(self._open.wait())
        waited = {opened} if self._refusal is None else {opened, self._refusal}
        await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            opened.cancel()
            reason = self._refusal.result() if self._refusal is not None and self._refusal.done() else "no answer"
            raise UnreachableError(f"The server's socket cannot be opened ({reason}). Is `limner serve` running?")

    async def close(self) -> None:
        """Closes it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def events(self, job: str, seconds: float) -> AsyncIterator[Event | None]:
        """Events of a job as they come; None whenever nothing came for so many seconds.

        Ends with the note that the job has left the queue: its history can be read then.
        """
        inbox = self._inboxes.setdefault(job, _Inbox())
        try:
            ended = False
            while not ended:
                event = await inbox.next(seconds)
                yield event
                ended = event is not None and event.type == "executing" and event.node is None
        finally:
            self._inboxes.pop(job, None)

    def forget(self, job: str) -> None:
        """Drops what came for a job that nobody waits for."""
        self._inboxes.pop(job, None)

    async def _listen(self, refusal: asyncio.Future[str]) -> None:
        while True:
            try:
                await self._hear()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if not self._open.is_set() and not self.drops and not refusal.done():
                    refusal.set_result(str(error) or type(error).__name__)
                    return
            if self._open.is_set():
                self.drops += 1
                self._open.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self) -> None:
        """Takes what one socket brings, until it drops."""
        async with self._connect() as socket:
            await socket.send_str(FLAGS)
            self._open.set()
            async for message in socket:
                self._take(message)

    def _take(self, message: aiohttp.WSMessage) -> None:
        event = read_frame(message.data) if message.type is aiohttp.WSMsgType.BINARY else read_message(message.data)
        if event is None:
            return
        if event.type == "executing":
            self._current = event.job if event.node is not None else None
        job = event.job or (self._current if event.type in ("preview", "text") else None)
        if job is None:
            return
        self._inboxes.setdefault(job, _Inbox()).put(event)
        while len(self._inboxes) > KEPT_JOBS:
            self._inboxes.pop(next(iter(self._inboxes)))
