"""One WebSocket with its own bounded queue, so that a client that stops reading holds up nobody."""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import web

from limner.dialects.comfy.frames import Frame

CROWDED = 256 << 10
"""Above so many queued bytes, messages that may be dropped are dropped."""

FULL = 64 << 20
"""Above so many queued bytes, the socket is cut off."""

LONGEST = 20_000
"""Above so many queued messages, the socket is cut off."""

STALLED = 60.0
"""Seconds after which a message that does not go out cuts the socket off."""


class Session:
    """A socket of a client.

    Attributes:
        client: The client's id.
        described: It negotiated previews with metadata.
        remaining: The queue's length that it was told last.
    """

    def __init__(self, client: str, socket: web.WebSocketResponse, abort: Callable[[], None]) -> None:
        self.client = client
        self.described = False
        self.remaining: int | None = None
        self._socket = socket
        self._abort = abort
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._cut = False

    def offer(self, frame: Frame) -> None:
        """Queues a message; never waits."""
        if self._cut or (frame.transient and self._bytes > CROWDED):
            return
        self._queue.append(frame)
        self._bytes += frame.size
        if self._bytes > FULL or len(self._queue) > LONGEST:
            self.cut()
        self._wake.set()

    def cut(self) -> None:
        """Drops the connection at once."""
        self._cut = True
        self._queue.clear()
        self._abort()

    async def pump(self) -> None:
        """Sends what is queued until the socket closes or is cut off."""
        try:
            while not self._cut:
                await self._wake.wait()
                self._wake.clear()
                while self._queue and not self._socket.closed:
                    await self._send(self._queue.popleft())
        except TimeoutError:
            self.cut()
        except ConnectionError:
            self._cut = True  # The reading side notices too and ends the session.

    async def close(self) -> None:
        """Says good-bye; for shutdown."""
        async with asyncio.timeout(1.0):
            await self._socket.close(code=1001, message=b"The server stops.")

    async def _send(self, frame: Frame) -> None:
        payload = frame.payload(self.described)
        async with asyncio.timeout(STALLED):
            if isinstance(payload, str):
                await self._socket.send_str(payload)
            else:
                await self._socket.send_bytes(payload)
        self._bytes -= frame.size
