"""A user's saved workflows, with their last versions, and a trash from which they come back.

The files are those below ``workflows`` among the user's files, so that ComfyUI's page sees and saves them too. What it
saves becomes a version when the file is next saved here.
"""

import hashlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.graph.errors import StorageError
from limner.server.user_files import UserFiles, exists, relative
from limner.server.whole_files import make_folder, put_in_place, write_whole

FOLDER, VERSIONS, TRASH = "workflows", ".versions", ".trash"
SUFFIX = ".json"
KEPT = 50
"""Versions of a workflow."""
DAYS = 30
"""After which the trash forgets."""
DAY = 86_400


class ChangedError(Exception):
    """Somebody else saved in the meantime, or the file is not as the client believes; ``etag`` says how it is."""

    def __init__(self, etag: str) -> None:
        super().__init__("The workflow was saved by somebody else in the meantime.")
        self.etag = etag


@dataclass(frozen=True)
class Saved:
    """A workflow as it is now.

    Attributes:
        name: Below the folder of workflows.
        etag: Changes with its content.
        modified: Seconds since 1970.
        size: Bytes.
        version: Its number, the first is 1.
    """

    name: str
    etag: str
    modified: float
    size: int
    version: int = 0


@dataclass(frozen=True)
class Condition:
    """What must be so for a workflow to be saved; None: nothing.

    Attributes:
        etag: It is this one; ``*``: there is one.
        absent: There is none.
    """

    etag: str | None = None
    absent: bool = False


def etag_of(data: bytes) -> str:
    """The tag of a content."""
    return hashlib.sha256(data).hexdigest()[:32]


class Workflows:
    """The workflows of all users; methods are told whose. They block, and raise as UserFiles do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def listed(self, files: UserFiles) -> list[dict[str, Any]]:
        """All workflows, the latest first."""
        folder = files.locate(FOLDER)
        if not exists(folder, Path.is_dir):
            return []
        found = [path for path in files.below(folder, recurse=True) if path.suffix.lower() == SUFFIX]
        entries = []
        for path in found:
            state = path.stat()
            entries.append({"name": relative(path, folder), "size": state.st_size, "modified": state.st_mtime})
        return sorted(entries, key=lambda entry: -entry["modified"])

    def read(self, files: UserFiles, name: str) -> tuple[bytes, Saved]:
        """A workflow's bytes and what is known of it.

        Raises:
            FileNotFoundError: if there is none.
        """
        path = self._path(files, name)
        data = path.read_bytes()
        return data, Saved(name, etag_of(data), path.stat().st_mtime, len(data), self._last(files, name))

    def write(self, files: UserFiles, name: str, data: bytes, condition: Condition) -> Saved:
        """Saves a workflow, and keeps what it was.

        Raises:
            ChangedError: if the condition does not hold.
        """
        path = self._path(files, name, changing=True)
        with self._lock:
            before = path.read_bytes() if exists(path, Path.is_file) else None
            self._check(before, condition)
            if before is not None:
                self._keep(files, name, before)
            if before != data:
                write_whole(path, data)
            number = self._keep(files, name, data)
        return Saved(name, etag_of(data), path.stat().st_mtime, len(data), number)

    def versions(self, files: UserFiles, name: str) -> list[dict[str, Any]]:
        """The versions of a workflow, the latest first."""
        self._path(files, name)
        found = [(int(path.stem), path.stat()) for path in self._kept(files, name)]
        return [{"number": number, "saved": state.st_mtime, "size": state.st_size} for number, state in found[::-1]]

    def version(self, files: UserFiles, name: str, number: int) -> bytes:
        """One of them.

        Raises:
            FileNotFoundError: if it is not there, or no more.
        """
        self._path(files, name)
        return (self._history(files, name) / _numbered(number)).read_bytes()

    def move(self, files: UserFiles, name: str, target: str, *, overwrite: bool) -> Saved:
        """Gives a workflow another name; its versions go with it.

        Raises:
            FileNotFoundError: if there is none.
            FileExistsError: if the target exists and must not be overwritten.
        """
        source, path = self._path(files, name, changing=True), self._path(files, target, changing=True)
        with self._lock:
            if not exists(source, Path.is_file):
                raise FileNotFoundError(name)
            make_folder(path.parent)
            put_in_place(source, path, overwrite=overwrite)
            old, new = self._history(files, name), self._history(files, target)
            if old.is_dir() and old != new:
                shutil.rmtree(new, ignore_errors=True)
                make_folder(new.parent)
                old.rename(new)
        return self.read(files, target)[1]

    def throw_away(self, files: UserFiles, name: str) -> str:
        """Puts a workflow into the trash and returns the id under which it comes back.

        Raises:
            FileNotFoundError: if there is none.
        """
        path = self._path(files, name, changing=True)
        with self._lock:
            if not exists(path, Path.is_file):
                raise FileNotFoundError(name)
            self._forget(files)
            identity = f"{int(time.time())}-{secrets.token_hex(4)}"
            place = self._trash(files) / identity / name
            make_folder(place.parent)
            path.rename(place)
        return identity

    def thrown_away(self, files: UserFiles) -> list[dict[str, Any]]:
        """What lies in the trash, the latest first."""
        trash = self._trash(files)
        found = [(folder, _first_file(folder)) for folder in _folders(trash)]
        entries = [
            {"id": folder.name, "name": relative(file, folder), "deleted": folder.stat().st_mtime}
            for folder, file in found
            if file is not None
        ]
        return sorted(entries, key=lambda entry: -entry["deleted"])

    def restore(self, files: UserFiles, identity: str) -> Saved:
        """Brings a workflow back, under another name if its own is taken.

        Raises:
            FileNotFoundError: if it is not in the trash.
        """
        folder = next((one for one in _folders(self._trash(files)) if one.name == identity), None)
        file = None if folder is None else _first_file(folder)
        if folder is None or file is None:
            raise FileNotFoundError(identity)
        with self._lock:
            name = self._free(files, relative(file, folder))
            path = self._path(files, name, changing=True)
            make_folder(path.parent)
            file.rename(path)
            shutil.rmtree(folder, ignore_errors=True)
        return self.read(files, name)[1]

    def _path(self, files: UserFiles, name: str, *, changing: bool = False) -> Path:
        """Raises StorageError for names that are no workflow's."""
        path, folder = files.locate(f"{FOLDER}/{name}", changing=changing), files.locate(FOLDER)
        hidden = any(part.startswith(".") for part in name.split("/"))
        if hidden or path.suffix.lower() != SUFFIX or not path.is_relative_to(folder):
            raise StorageError(f"{name!r:.100} is no name of a workflow: it should end with {SUFFIX}.")
        return path

    def _check(self, before: bytes | None, condition: Condition) -> None:
        tag = None if before is None else etag_of(before)
        wanted = condition.etag
        is_wrong = wanted is not None and (tag is None or wanted not in ("*", tag))
        if is_wrong or (condition.absent and tag is not None):
            raise ChangedError(tag or "")

    def _history(self, files: UserFiles, name: str) -> Path:
        return files.root / VERSIONS / FOLDER / name

    def _kept(self, files: UserFiles, name: str) -> list[Path]:
        """The versions, the first first."""
        folder = self._history(files, name)
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted(path for path in found if path.stem.isdigit() and path.suffix == SUFFIX)

    def _last(self, files: UserFiles, name: str) -> int:
        kept = self._kept(files, name)
        return int(kept[-1].stem) if kept else 0

    def _keep(self, files: UserFiles, name: str, data: bytes) -> int:
        """Adds a version if it differs from the last one; returns its number."""
        kept = self._kept(files, name)
        last = int(kept[-1].stem) if kept else 0
        if kept and kept[-1].read_bytes() == data:
            return last
        write_whole(self._history(files, name) / _numbered(last + 1), data)
        for old in kept[: max(0, len(kept) + 1 - KEPT)]:
            old.unlink(missing_ok=True)
        return last + 1

    def _trash(self, files: UserFiles) -> Path:
        return files.root / TRASH / FOLDER

    def _forget(self, files: UserFiles) -> None:
        oldest = time.time() - DAYS * DAY
        for folder in _folders(self._trash(files)):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _free(self, files: UserFiles, name: str) -> str:
        """The name, with a number if it is taken.

        Raises:
            StorageError: if too many are.
        """
        stem = name.removesuffix(SUFFIX)
        names = (name, *(f"{stem} ({number}){SUFFIX}" for number in range(2, 1000)))
        free = next((free for free in names if not exists(self._path(files, free), Path.exists)), None)
        if free is None:
            raise StorageError(f"No free name like {name!r:.100} is left.")
        return free


def _numbered(number: int) -> str:
    return f"{number:06}{SUFFIX}"


def _folders(place: Path) -> list[Path]:
    return [entry for entry in place.iterdir() if entry.is_dir()] if place.is_dir() else []


def _first_file(folder: Path) -> Path | None:
    return next(_files(folder), None)


def _files(folder: Path) -> Iterator[Path]:
    for place, _, files in os.walk(folder):
        yield from (Path(place) / file for file in files)
