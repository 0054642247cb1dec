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

KEPT_OWNERS = 64
"""Owners whose windows are kept."""

Window = tuple[int | None, int]
"""``max_items`` and ``offset`` as in ``Journal.history``."""


class HistoryPages:
    """Encoded windows of a journal's history, for each owner. Safe for any number of threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._of: OrderedDict[str | None, _OwnersPages] = OrderedDict()

    def body(self, window: Window, owner: str | None = None) -> bytes:
        """The JSON of a window. Cost: the look at one job, unless the history has changed. Blocks.

        Args:
            window: Which jobs.
            owner: Whose; None: everybody's.
        """
        with self._lock:
            pages = self._of.setdefault(owner, _OwnersPages(self._journal, owner))
            self._of.move_to_end(owner)
            if len(self._of) > KEPT_OWNERS:
                self._of.popitem(last=False)
        return pages.body(window)


class _OwnersPages:
    """The same for one owner, or for all together; the first to ask reads for all."""

    def __init__(self, journal: Journal, owner: str | None) -> None:
        self._journal, self._owner = journal, owner
        self._lock = threading.Lock()
        self._mark: Any = None
        self._pages: OrderedDict[Window, bytes] = OrderedDict()

    def body(self, window: Window) -> bytes:
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
            jobs = self._journal.history(*window, self._owner)
            body = msgspec.json.encode({job.submission.id: history_entry(job) for job in jobs}, enc_hook=str)
            if len(body) <= LARGEST:
                self._pages[window] = body
                if len(self._pages) > PAGES:
                    self._pages.popitem(last=False)
            return body

    def _latest(self) -> Any:
        """What is another one after every change: how many finished jobs there are, and the last of them."""
        jobs = self._journal.history(1, owner=self._owner)
        last = [(job.submission.id, job.submission.created, job.ended) for job in jobs]
        return self._journal.counts(self._owner).finished, last
