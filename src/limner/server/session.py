"""One WebSocket with its own bounded queue, so that a client that stops reading holds up nobody."""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import web

from limner.dialects.comfy.features import PREVIEW_METADATA
from limner.dialects.comfy.frames import Frame

CROWDED = 256 << 10
"""Above so many queued bytes, messages that may be dropped are dropped."""

FULL = 64 << 20
"""Above so many queued bytes, the socket is cut off."""

LONGEST = 20_000
"""Above so many queued messages, the socket is cut off."""

ON_THE_WAY = 8 << 20
"""Bytes that the system may hold for a connection: so much of what was sent is remembered."""

STALLED = 60.0
"""Seconds after which a message that does not go out cuts the socket off."""


Told = tuple[str, Frame]
"""A message and the job that it is about; an empty id: about none."""


class Session:
    """A socket of a client.

    Args:
        client: The client's id.
        socket: Where messages go.
        abort: Drops the connection.
        outstanding: Bytes that were handed to the system and that the other side has not confirmed.
        owner: Whose the client is.
        sees_all: It may hear what belongs to nobody known.

    Attributes:
        client: The client's id.
        owner: Whose it is.
        sees_all: It may hear what belongs to nobody known.
        features: What the client announced to understand.
        remaining: The queue's length that it was told last.
    """

    def __init__(
        self,
        client: str,
        socket: web.WebSocketResponse,
        abort: Callable[[], None],
        outstanding: Callable[[], int] = lambda: 0,
        *,
        owner: str = "",
        sees_all: bool = True,
    ) -> None:
        self.client, self.owner, self.sees_all = client, owner, sees_all
        self.features: frozenset[str] = frozenset()
        self.remaining: int | None = None
        self._socket = socket
        self._abort = abort
        self._outstanding = outstanding
        self._queue: deque[Told] = deque()
        self._sent: deque[tuple[Told, int]] = deque()
        """What went out, with its bytes: none for what is for sockets with other features."""
        self._sent_bytes = 0
        self._bytes = 0
        self._wake = asyncio.Event()
        self._cut = False

    @property
    def described(self) -> bool:
        """Whether it negotiated previews with metadata."""
        return PREVIEW_METADATA in self.features

    def offer(self, frame: Frame, job: str = "") -> None:
        """Queues a message of a job, or of none; never waits."""
        if self._cut or (frame.transient and self._bytes > CROWDED):
            return
        self._queue.append((job, frame))
        self._bytes += frame.size
        if self._bytes > FULL or len(self._queue) > LONGEST:
            self.cut()
        self._wake.set()

    def unheard(self) -> list[Told]:
        """Messages of jobs that did not reach the other side, as far as can be known; without those that may drop."""
        outstanding, late = self._outstanding(), 0
        for _, size in reversed(self._sent):
            if outstanding <= 0:
                break
            outstanding -= size
            late += 1
        on_the_way = list(self._sent)[len(self._sent) - late :]
        told = [*(entry for entry, _ in on_the_way), *self._queue]
        return [(job, frame) for job, frame in told if job and not frame.transient]

    def cut(self) -> None:
        """Drops the connection at once."""
        self._cut = True
        self._abort()

    async def pump(self) -> None:
        """Sends what is queued until the socket closes or is cut off."""
        try:
            while not self._cut:
                await self._wake.wait()
                self._wake.clear()
                while self._queue and not self._socket.closed and not self._cut:
                    await self._send(self._queue[0][1])
                    self._remember(self._queue.popleft())
        except TimeoutError:
            self.cut()
        except ConnectionError:
            self._cut = True  # The reading side notices too and ends the session.

    async def close(self) -> None:
        """Says good-bye; for shutdown."""
        async with asyncio.timeout(1.0):
            await self._socket.close(code=1001, message=b"The server stops.")

    async def _send(self, frame: Frame) -> None:
        if not frame.suits(self.features):
            return
        payload = frame.payload()
        async with asyncio.timeout(STALLED):
            if isinstance(payload, str):
                await self._socket.send_str(payload)
            else:
                await self._socket.send_bytes(payload)

    def _remember(self, told: Told) -> None:
        """Notes what went out, as far back as may be on its way."""
        frame = told[1]
        self._bytes -= frame.size
        size = frame.size if frame.suits(self.features) else 0
        self._sent.append((told, size))
        self._sent_bytes += size
        while self._sent_bytes > ON_THE_WAY or len(self._sent) > LONGEST:
            self._sent_bytes -= self._sent.popleft()[1]
