"""What was logged last: by the server, and by its worker, whose output the server logs line by line."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from aiohttp.http_exceptions import HttpProcessingError

KEPT = 300
"""Entries that are kept; the oldest goes first."""

LONGEST = 10_000
"""Characters of one entry; the rest is left out."""


class LogEntry(TypedDict):
    """A line or several, as clients read them: ``t`` local time in ISO form, ``m`` the text with its line break."""

    t: str
    m: str


class LogBook:
    """Keeps the last entries and tells listeners of new ones. May be used from any thread."""

    def __init__(self, capacity: int = KEPT) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=capacity)
        self._listeners: list[Callable[[LogEntry], None]] = []
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Adds an entry."""
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} ... ({len(text) - LONGEST} characters more)"
        entry = LogEntry(t=datetime.now().isoformat(), m=f"{shown.rstrip()}\n")
        with self._lock:
            self._entries.append(entry)
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(entry)

    def entries(self) -> list[LogEntry]:
        """What is kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def listen(self, listener: Callable[[LogEntry], None]) -> Callable[[], None]:
        """Has a function called with every new entry, in the thread that wrote it; gives a function that ends it."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return stop


class LogBookHandler(logging.Handler):
    """Writes what is logged into a book."""

    def __init__(self, book: LogBook, level: int = logging.INFO) -> None:
        super().__init__(level)
        self._book = book
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Adds a record; one that cannot be formatted is reported as logging does."""
        try:
            mark = f"[{record.levelname}] " if record.levelno >= logging.WARNING else ""
            self._book.write(mark + self.format(record))
        except (TypeError, ValueError, KeyError):
            self.handleError(record)


def is_news(record: logging.LogRecord) -> bool:
    """Whether a record is of use; a filter for what aiohttp logs.

    A request that is no HTTP, or has too long a line, is its sender's mistake and answered as one. Its traceback would
    show the beginning of the line, and in an address there may be a key.
    """
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)
