"""Sends what is logged to the sockets of clients that asked for it."""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.server.hub import Address, Hub
from limner.server.log_book import LogBook, LogEntry

GATHER = 0.1
"""Seconds within which entries are sent as one message."""

MOST_CLIENTS = 1000
MOST_ENTRIES = 300

SIZE: Mapping[str, int] = {"cols": 80, "rows": 24}
"""The size of the terminal that clients draw the log into; the server has none of its own."""


class LogFeed:
    """The clients that read along. All methods belong to the event loop's thread.

    Args:
        book: What is logged.
        hub: Knows the sockets.
    """

    def __init__(self, book: LogBook, hub: Hub) -> None:
        self._book, self._hub = book, hub
        self._clients: set[Address] = set()
        self._gathered: list[LogEntry] = []
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begins to listen, on the running loop."""
        loop = asyncio.get_running_loop()

        def hear(entry: LogEntry) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._hear, entry)

        self._stop = self._book.listen(hear)

    def stop(self) -> None:
        """Ends the listening."""
        self._stop()

    def subscribe(self, client: Address) -> bool:
        """Sends a client what is logged from now on, while it has a socket; False if too many read already."""
        if len(self._clients) >= MOST_CLIENTS and client not in self._clients:
            return False
        self._clients.add(client)
        return True

    def unsubscribe(self, client: Address) -> None:
        """Ends ``subscribe``."""
        self._clients.discard(client)

    def _hear(self, entry: LogEntry) -> None:
        if not self._clients:
            return
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHER, self._tell)
        self._gathered.append(entry)
        del self._gathered[:-MOST_ENTRIES]

    def _tell(self) -> None:
        entries, self._gathered = self._gathered, []
        frame = message("logs", {"entries": entries, "size": SIZE}, transient=True)
        self._clients = self._hub.tell(self._clients, frame)


LOG_FEED: web.AppKey[LogFeed] = web.AppKey("log_feed", LogFeed)
