"""The gallery of one owner: its index, kept in step with the output folder and with what jobs make."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from limner.engine.events import AnyEvent, NodeOutput
from limner.graph.errors import LimnerError
from limner.jobs.records import Job, Submission
from limner.server.assets.library import files_of
from limner.server.gallery.reading import SubmissionOf, read_file
from limner.storage.asset_records import Sighting
from limner.storage.asset_scan import Scanner, locate, look
from limner.storage.folders import Folders
from limner.storage.gallery_index import GalleryIndex, media_of
from limner.storage.gallery_records import Entry, Known

OUTPUT = "output"

REFRESH = 2.0
"""Seconds within which the folder is not looked through again."""

BATCH = 200
"""Files that are noted or read at once; in between others get their turn."""

LOG = logging.getLogger(__name__)

News = Callable[[Sequence[str]], None]
"""Tells an owner's pages that these files are new; none: that something else has changed. From any thread."""


class Gallery:
    """An owner's files and what is known of them. All methods may be called from any thread.

    Args:
        folders: The owner's.
        index: The file in which the index is kept.
        submission: Says what was asked for by a job.
        news: Tells pages of what is new.
    """

    def __init__(self, folders: Folders, index: Path, submission: SubmissionOf, news: News) -> None:
        self.folders, self.index = folders, GalleryIndex(index)
        self._submission, self._news = submission, news
        self._scanner = Scanner(folders)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gallery")
        self._lock = threading.Lock()
        self._refreshed, self._looking = -REFRESH, False
        self._closing = threading.Event()
        self.asked = time.monotonic()
        """When somebody asked for something last."""

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Notes the files that a node has made; a listener of the dispatcher, so it returns at once."""
        if isinstance(event, NodeOutput) and event.ui and not event.recalled:
            self.later(lambda: self._note(job.submission, event.ui or {}))

    def refresh(self, *, force: bool = False) -> None:
        """Has the folder looked through soon, unless that was done a moment ago. Returns at once."""
        with self._lock:
            if self._looking or (not force and time.monotonic() - self._refreshed < REFRESH):
                return
            self._looking = True
        self.later(self._look)

    def add(self, name: str) -> Entry | None:
        """A file below the output folder that was put there just now. Waits for the disk."""
        path = locate(self.folders, OUTPUT, name)
        if path is None:
            return None
        self._take([look(OUTPUT, name, path, digest=False)], None)
        return self.index.at(name)

    def path(self, entry: Entry) -> Path | None:
        """Where a file lies, or None if it is gone."""
        return locate(self.folders, OUTPUT, entry.path)

    def submission(self, entry: Entry) -> Submission | None:
        """What was asked for by the job that made a file."""
        return self._submission(entry.job) if entry.job else None

    def tell(self, added: Sequence[str] = ()) -> None:
        """Tells pages that these are new, or that something else has changed."""
        self._news(added)

    def close(self) -> None:
        """Ends the thread and lets go of the index."""
        self._closing.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self.index.close()

    def later(self, work: Callable[[], None]) -> None:
        """Does something in the gallery's own thread, after what was handed to it before. Returns at once."""

        def safely() -> None:
            try:
                work()
            except (LimnerError, OSError) as error:
                LOG.warning("The gallery of %s is behind: %s", self.folders.output, error)

        with contextlib.suppress(RuntimeError):  # The server stops; the folder is looked through again.
            self._thread.submit(safely)

    def _look(self) -> None:
        try:
            scan = self._scanner.scan(OUTPUT)
            seen = [sighting for sighting in scan.changed if media_of(sighting.name)]
            found = 0
            for begin in range(0, len(seen), BATCH):
                if self._closing.is_set():
                    return
                found += len(self.index.see(seen[begin : begin + BATCH]))
            gone, back = self.index.settle(scan.names) if scan.fresh else (0, 0)
            if found or gone or back:
                self._news(())
        finally:
            with self._lock:
                self._refreshed, self._looking = time.monotonic(), False
        self._read_unknown()

    def _read_unknown(self) -> None:
        """Reads files that nobody has read yet; tells pages now and then how far it is."""
        told = time.monotonic()
        while not self._closing.is_set() and (batch := self.index.unknown(BATCH)):
            facts = []
            for number, path, _, media, job in batch:
                if self._closing.is_set():
                    return
                facts.append((number, self._read(path, media, self._submission(job) if job else None)))
            self.index.learn(facts)
            if len(batch) < BATCH or time.monotonic() - told > REFRESH:
                told = time.monotonic()
                self._news(())

    def _read(self, name: str, media: str, submission: Submission | None) -> Known:
        path = locate(self.folders, OUTPUT, name)
        return read_file(path, media, submission) if path is not None else Known()

    def _note(self, submission: Submission, ui: Mapping[str, Any]) -> None:
        seen = []
        for place, name in files_of(ui):
            path = locate(self.folders, OUTPUT, name) if place == OUTPUT and media_of(name) else None
            if path is not None:
                seen.append(look(OUTPUT, name, path, digest=False))
        if seen:
            self._take(seen, submission)

    def _take(self, seen: Sequence[Sighting], submission: Submission | None) -> None:
        self.index.see(seen, submission.id if submission is not None else "")
        entries = [entry for sighting in seen if (entry := self.index.at(sighting.name)) is not None]
        self.index.learn((entry.number, self._read(entry.path, entry.media, submission)) for entry in entries)
        self._news([entry.key for entry in entries])
