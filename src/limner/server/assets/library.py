"""The assets of this server: the index of them, kept in step with the folders and with what jobs make."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from limner.dialects.comfy.job_outputs import entries_of
from limner.engine.events import AnyEvent, NodeOutput
from limner.graph.errors import LimnerError
from limner.jobs.records import Job
from limner.storage.asset_index import AssetIndex
from limner.storage.asset_records import MISSING, MODELS, Asset, AssetPage, Details, Sighting, Wanted
from limner.storage.asset_scan import Scanner, locate, look
from limner.storage.folders import ANNOTATIONS, Folders

REFRESH = 1.0
"""Seconds within which folders are not looked through again for another list."""

PATIENCE = 2.0
"""Seconds that a question for some content may spend on reading files whose content is not known yet."""

LARGEST_DIGESTED = 512 << 20
"""Larger files are not read for their digest by themselves: a folder of models would take many minutes."""

Inspect = Callable[[Path, str], dict[str, Any]]
"""Says more of a file of some media type: its width and height, if it is a picture."""

LOG = logging.getLogger(__name__)


class AssetLibrary:
    """Assets and their files. All methods may be called from any thread and may wait for the disk.

    Args:
        folders: Where files lie.
        inspect: Says more of a file.
        index: The file in which the index is kept.
    """

    def __init__(self, folders: Folders, inspect: Inspect, index: Path) -> None:
        self.index = AssetIndex(index)
        self.folders = folders
        self.scanner = Scanner(folders)
        self.scanning = threading.RLock()
        self._inspect = inspect
        self._refreshed: dict[str, float] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="assets")

    def begin(self) -> None:
        """Begins to forget what was in the folder of previews, which every start empties."""
        self._thread.submit(self._forget_previews)

    def _forget_previews(self) -> None:
        with contextlib.suppress(LimnerError):  # Whoever asks for an asset hears of it.
            self.index.forget("temp")

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Notes the files that a node has made; a listener of the dispatcher, so it returns at once."""
        if isinstance(event, NodeOutput) and event.ui:
            with contextlib.suppress(RuntimeError):  # The server stops; folders are looked through again.
                self._thread.submit(self._note, job.submission.id, event.ui)

    def register(self, place: str, name: str, details: Details) -> tuple[Asset, bool]:
        """The asset of a file that was put into a folder, and whether it is new.

        Raises:
            StorageError: if the index cannot be used.
            OSError: if the file cannot be read.
        """
        path = locate(self.folders, place, name)
        if path is None:
            raise FileNotFoundError(name)
        known = msgspec.structs.replace(details, metadata=self._inspect(path, name))
        return self.index.register(look(place, name, path, digest=True), known)

    def page(self, wanted: Wanted) -> AssetPage:
        """A page of assets as the folders are now."""
        self.refresh()
        page = self.index.page(wanted)
        gone = [asset.file for asset in page.assets if MISSING not in asset.tags and self.path(asset) is None]
        if not gone:
            return page
        self.index.mark_missing(gone)
        return self.index.page(wanted)

    def path(self, asset: Asset) -> Path | None:
        """Where an asset's file lies, or None if it is gone."""
        return locate(self.folders, asset.place, asset.path)

    def current(self, asset: Asset) -> tuple[Asset, Path] | None:
        """An asset as its file is now, and the file; None if it is gone, or is not any more what its job made."""
        path = self.path(asset)
        if path is None:
            self.index.mark_missing([asset.file])
            return None
        if asset.digest and self._is_current(asset, path, asset.digest):
            return asset, path
        if asset.digest and asset.job:
            return None
        try:
            self.index.see([look(asset.place, asset.path, path, digest=True)])
        except OSError:
            return None
        known = self.index.get(asset.id)
        return None if known is None else (known, path)

    def with_digest(self, digest: str) -> list[tuple[Asset, Path]]:
        """Files with some content, and an asset to mint one over; files that are new or changed are read for it."""
        found = self._known(digest)
        if not found:
            self.refresh(force=True)
            self.digest("input", time.monotonic() + PATIENCE)
            self.digest("output", time.monotonic() + PATIENCE)
            found = self._known(digest)
        return found

    def refresh(self, roots: Iterable[str] = ("input", "output", "models"), *, force: bool = False) -> None:
        """Brings the index in step with folders that changed."""
        now = time.monotonic()
        for root in roots:
            with self.scanning:
                if not force and now - self._refreshed.get(root, -REFRESH) < REFRESH:
                    continue
                for place in self.scanner.places(root):
                    self.look_through(place)
                self._refreshed[root] = time.monotonic()

    def look_through(self, place: str) -> tuple[int, int]:
        """Brings the index in step with one place; gives how many files are there and how many of them are new."""
        with self.scanning:
            scan = self.scanner.scan(place)
            created = self.index.see(scan.changed) if scan.changed else 0
            if scan.fresh:
                self.index.settle(place, scan.names)
        return len(scan.names), created

    def digest(self, place: str, deadline: float = float("inf"), stop: Callable[[], bool] = lambda: False) -> int:
        """Reads files of a place whose content is not known yet; gives how many were read."""
        done: set[Sighting] = set()
        while not stop() and time.monotonic() < deadline:
            batch = [seen for seen in self.index.undigested(place, len(done) + 32) if seen not in done]
            if not batch:
                break
            for seen in batch:
                if stop() or time.monotonic() >= deadline:
                    break
                done.add(seen)
                self._learn(seen)
        return len(done)

    def prune(self) -> int:
        """Marks the assets whose files are gone; gives how many files those are."""
        places = [place for root in ("input", "output", "models") for place in self.scanner.places(root)]
        with self.scanning:
            return sum(self.index.settle(place, self.scanner.scan(place).names) for place in places)

    def close(self) -> None:
        """Ends the thread and lets go of the index."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self.index.close()

    def _known(self, digest: str) -> list[tuple[Asset, Path]]:
        found = []
        for asset in self.index.with_digest(digest):
            path = self.path(asset)
            if path is None:
                self.index.mark_missing([asset.file])
            elif self._is_current(asset, path, digest):
                found.append((asset, path))
        return found

    def _is_current(self, asset: Asset, path: Path, digest: str) -> bool:
        """Whether a file still has the content that the index knows; one that changed is read again."""
        try:
            seen = look(asset.place, asset.path, path, digest=False)
            if seen.size == asset.size and seen.modified == asset.modified:
                return True
            seen = look(asset.place, asset.path, path, digest=True)
        except OSError:
            return False
        self.index.see([seen])
        return seen.digest == digest

    def _learn(self, seen: Sighting) -> None:
        path = locate(self.folders, seen.place, seen.name)
        if path is None or (seen.place.startswith(MODELS) and seen.size > LARGEST_DIGESTED):
            return
        with contextlib.suppress(OSError):
            read = look(seen.place, seen.name, path, digest=True)
            self.index.see([read])
            self.index.learn(read, self._inspect(path, seen.name))

    def _note(self, job: str, ui: Mapping[str, Any]) -> None:
        try:
            for place, name in files_of(ui):
                path = locate(self.folders, place, name)
                if path is not None:
                    seen = look(place, name, path, digest=True)
                    self.index.register(seen, Details(job=job, metadata=self._inspect(path, name)))
        except (LimnerError, OSError) as error:
            LOG.warning("What job %s made is not among the assets: %s", job, error)


def files_of(ui: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Place and name of the files that a node told of."""
    for _, entry in entries_of(ui):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("filename"), str):
            continue
        if entry.get("type") in ANNOTATIONS:
            folder = str(entry.get("subfolder") or "").replace("\\", "/").strip("/")
            yield str(entry["type"]), f"{folder}/{entry['filename']}" if folder else entry["filename"]
