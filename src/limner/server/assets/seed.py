"""Looks through folders for assets in the background.

Clients are told when the files are known (``assets.seed.fast_complete``) and at the end (``completed``, ``cancelled``,
``error``). ComfyUI's page reports every message that it does not know as an error, so there are no others; ``status``
says how far it is.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from limner.graph.errors import LimnerError
from limner.server.assets.library import AssetLibrary

ROOTS = ("models", "input", "output")
LOG = logging.getLogger(__name__)

Tell = Callable[[str, dict[str, Any]], None]
"""Sends a message to all sockets; may be called from any thread."""


class SeedState(StrEnum):
    """What the search is doing."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"


class AssetSeed:
    """The search. One at a time; all methods may be called from any thread and return at once, but for ``wait``."""

    def __init__(self, library: AssetLibrary, tell: Tell) -> None:
        self._library, self._tell = library, tell
        self._lock = threading.Lock()
        self._state = SeedState.IDLE
        self._progress: dict[str, int] | None = None
        self._errors: list[str] = []
        self._ended = threading.Event()
        self._ended.set()

    def start(self, roots: Sequence[str]) -> bool:
        """Begins to search; False if a search is under way."""
        with self._lock:
            if self._state is not SeedState.IDLE:
                return False
            self._state, self._errors = SeedState.RUNNING, []
            self._progress = {"scanned": 0, "total": 0, "created": 0, "skipped": 0}
            self._ended.clear()
        threading.Thread(target=self._run, args=(tuple(roots),), name="asset seed", daemon=True).start()
        return True

    def cancel(self) -> bool:
        """Asks the search to end; False if there is none."""
        with self._lock:
            if self._state is not SeedState.RUNNING:
                return False
            self._state = SeedState.CANCELLING
            return True

    def status(self) -> dict[str, Any]:
        """``state``, ``progress`` and ``errors`` of the search that runs, or of the last one."""
        with self._lock:
            progress = dict(self._progress) if self._progress is not None else None
            return {"state": self._state, "progress": progress, "errors": list(self._errors)}

    def wait(self, seconds: float | None = None) -> bool:
        """Returns when no search is under way; False if one still is after so many seconds."""
        return self._ended.wait(seconds)

    def _run(self, roots: tuple[str, ...]) -> None:
        outcome, enriched = "completed", 0
        try:
            self._look_through(roots)
            enriched = self._read(roots)
        except (LimnerError, OSError) as error:
            LOG.warning("Folders could not be looked through for assets: %s", error)
            outcome = "error"
            with self._lock:
                self._errors.append(str(error).splitlines()[0])
        with self._lock:
            outcome = "cancelled" if self._state is SeedState.CANCELLING else outcome
            self._state = SeedState.IDLE
            facts = {"roots": list(roots), **(self._progress or {}), "errors": list(self._errors)}
        self._say(outcome, facts | {"enriched": enriched})
        self._ended.set()

    def _look_through(self, roots: tuple[str, ...]) -> None:
        for root in roots:
            for place in self._library.scanner.places(root):
                if self._stopped():
                    return
                self._count(*self._library.look_through(place))
        self._say("fast_complete", {"roots": list(roots), **(self.status()["progress"] or {})})

    def _read(self, roots: tuple[str, ...]) -> int:
        """Reads what has no digest yet; gives how many files that were."""
        places = [place for root in roots for place in self._library.scanner.places(root)]
        return sum(self._library.digest(place, stop=self._stopped) for place in places)

    def _count(self, files: int, created: int) -> None:
        with self._lock:
            if self._progress is not None:
                self._progress["scanned"] += files
                self._progress["total"] += files
                self._progress["created"] += created
                self._progress["skipped"] += files - created

    def _stopped(self) -> bool:
        return self._state is SeedState.CANCELLING

    def _say(self, what: str, facts: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server stops.
            self._tell(f"assets.seed.{what}", facts)
