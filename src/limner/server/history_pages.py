"""The body of ``/history``, kept until the history changes: some clients ask for all of it ten times a second."""

import threading
from collections import OrderedDict
from typing import Any

import msgspec

from limner.dialects.comfy.history import history_entry
from limner.jobs.journal import Journal

PAGES = 4
"""Windows of the history that are kept."""

LARGEST = 32 << 20
"""Bytes of a body that is kept."""

Window = tuple[int | None, int]
"""``max_items`` and ``offset`` as in ``Journal.history``."""


class HistoryPages:
    """Encoded windows of a journal's history. Safe for any number of threads; the first to ask reads for all."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._mark: Any = None
        self._pages: OrderedDict[Window, bytes] = OrderedDict()

    def body(self, window: Window) -> bytes:
        """The JSON of a window. Cost: the look at one job, unless the history has changed. Blocks."""
        with self._lock:
            # Before the read: what finishes meanwhile is in the next answer at the latest.
            mark = self._latest()
            if mark != self._mark:
                self._mark = mark
                self._pages.clear()
            known = self._pages.get(window)
            if known is not None:
                self._pages.move_to_end(window)
                return known
            jobs = self._journal.history(*window)
            body = msgspec.json.encode({job.submission.id: history_entry(job) for job in jobs}, enc_hook=str)
            if len(body) <= LARGEST:
                self._pages[window] = body
                if len(self._pages) > PAGES:
                    self._pages.popitem(last=False)
            return body

    def _latest(self) -> Any:
        """What is another one after every change: how many finished jobs there are, and the last of them."""
        last = [(job.submission.id, job.submission.created, job.ended) for job in self._journal.history(1)]
        return self._journal.counts().finished, last
