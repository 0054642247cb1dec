"""The worker's catalog as the server sees it: absent until the worker has published it, then renewed quietly."""

import asyncio
import logging
import threading
from collections.abc import Callable

from limner.graph.catalog import Catalog
from limner.graph.errors import WorkerLostError

RENEW = 10.0
"""Seconds between looks for another catalog; a worker that was restarted may have other nodes."""

LONGEST_PAUSE = 30.0
"""Seconds between attempts to start a worker that keeps failing; they begin with one and double."""

LOG = logging.getLogger(__name__)


class CatalogWatch:
    """Reads the catalog in a thread of its own, since the first reading waits for the worker to start.

    Args:
        read: Gives the catalog; blocks until there is one.
    """

    def __init__(self, read: Callable[[], Catalog]) -> None:
        self._read = read
        self._current: Catalog | None = None
        self._arrived: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self.reason = "The worker is starting."
        """Why there is no catalog yet."""

    @property
    def current(self) -> Catalog | None:
        """The catalog, the same object as long as it is equal; None until the worker is up."""
        return self._current

    def start(self) -> None:
        """Begins to read. Belongs to a running loop."""
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, name="catalog", daemon=True).start()

    def stop(self) -> None:
        """Ends the reading."""
        self._stopping.set()

    def look(self) -> None:
        """Reads the catalog now. Blocks; from any thread."""
        self._publish(self._read())

    async def wait(self, seconds: float) -> Catalog | None:
        """The catalog, as soon as there is one; None if there is none in so many seconds."""
        if self._current is None and self._arrived is not None:
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        return self._current

    def _watch(self) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            try:
                self._publish(self._read())
                pause = 1.0
            except WorkerLostError as error:
                self._note(error)
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            self._stopping.wait(RENEW if self._current else 0.2)

    def _publish(self, catalog: Catalog) -> None:
        if not catalog.nodes or catalog == self._current:
            return
        if self._current is None:
            LOG.info("the worker is up: %s, %d node types", catalog.device.get("name", "?"), len(catalog.nodes))
        self._current = catalog
        loop = self._loop
        if loop is not None and not loop.is_closed() and self._arrived is not None:
            loop.call_soon_threadsafe(self._arrived.set)

    def _note(self, error: WorkerLostError) -> None:
        """Keeps why; the log has it whole, but its paths are nothing for clients."""
        reason = f"{str(error).splitlines()[0].removesuffix(' Its last output:')} The server's log says more."
        if reason != self.reason:
            LOG.warning("No catalog: %s", error)
        self.reason = reason
