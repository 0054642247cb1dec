"""Looks through folders for files that are assets, and reads their content's digest.

Folders that have not changed since they were read last are not read again; a change within the file system's clock tick
would not show in a folder's time, so what changed a moment ago is always read.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from limner.graph.errors import StorageError, UnknownNameError
from limner.storage.asset_records import MODELS, Sighting
from limner.storage.folders import KINDS, MODEL_SUFFIXES, Folders, resolve

TRUSTED = 2.0
"""Seconds after which a folder's time says whether it has changed."""

UNLISTED = frozenset({"configs", "custom_nodes"})
"""Model folders that hold no models."""

CHUNK = 1 << 20


@dataclass(frozen=True)
class _Folder:
    """What was in a folder when it was read."""

    stamp: int
    read: float
    files: tuple[Sighting, ...]
    folders: tuple[str, ...]


@dataclass
class Scan:
    """What is in a place now.

    Attributes:
        names: All files.
        changed: Those in folders that had to be read again.
        fresh: Some folder had to be read again.
    """

    names: set[str] = field(default_factory=set)
    changed: list[Sighting] = field(default_factory=list)
    fresh: bool = False


class Scanner:
    """Reads places. For one thread at a time."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._read: dict[tuple[str, str], _Folder] = {}

    def places(self, root: str) -> list[str]:
        """The places of ``input``, ``output`` or ``models``."""
        if root != "models":
            return [root]
        kinds = dict.fromkeys([*KINDS, *self._folders.extra])
        return [f"{MODELS}{kind}" for kind in kinds if kind not in UNLISTED]

    def scan(self, place: str) -> Scan:
        """What is in a place. Cost: one stat a folder, and one a file of the folders that changed."""
        found = Scan()
        for root in reversed(roots_of(self._folders, place)):  # The first root hides files of the others.
            self._walk(place, root, "", found)
        if place.startswith(MODELS):
            self._builtin(place, found)
        return found

    def _walk(self, place: str, root: Path, inside: str, found: Scan) -> None:
        folder, fresh = self._folder(place, root, inside)
        found.names.update(seen.name for seen in folder.files)
        if fresh:
            found.fresh = True
            found.changed += folder.files
        for name in folder.folders:
            self._walk(place, root, f"{inside}{name}/", found)

    def _folder(self, place: str, root: Path, inside: str) -> tuple[_Folder, bool]:
        path = root / inside
        known = self._read.get((place, str(path)))
        try:
            stamp, began = path.stat().st_mtime_ns, time.time()
            if known is not None and known.stamp == stamp and known.read - stamp / 1e9 > TRUSTED:
                return known, False
            folder = _read(place, path, inside, stamp, began)
        except OSError:
            folder = _Folder(0, 0.0, (), ())
        self._read[(place, str(path))] = folder
        return folder, True

    def _builtin(self, place: str, found: Scan) -> None:
        for name, path in self._folders.builtin.get(place.removeprefix(MODELS), {}).items():
            if name not in found.names:
                found.names.add(name)
                found.changed += _sighting(place, name, path)


def _read(place: str, path: Path, inside: str, stamp: int, began: float) -> _Folder:
    files: list[Sighting] = []
    folders: list[str] = []
    for entry in os.scandir(path):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if inside.count("/") < 16:  # Links may lead round in circles.
                folders.append(entry.name)
        elif not place.startswith(MODELS) or entry.name.lower().endswith(tuple(MODEL_SUFFIXES)):
            files += _sighting(place, inside + entry.name, Path(entry.path))
    return _Folder(stamp, began, tuple(files), tuple(folders))


def _sighting(place: str, name: str, path: Path) -> Iterator[Sighting]:
    """The file, unless it is gone or has a name that no text can hold."""
    try:
        name.encode()
        state = path.stat()
    except (OSError, UnicodeError):
        return
    yield Sighting(place=place, name=name, size=state.st_size, modified=state.st_mtime_ns)


def roots_of(folders: Folders, place: str) -> list[Path]:
    """The folders of a place, the most important first.

    Raises:
        UnknownNameError: for a place that nobody has.
    """
    if place.startswith(MODELS):
        return folders.roots(place.removeprefix(MODELS))
    return [folders.of_type(place)]


def locate(folders: Folders, place: str, name: str) -> Path | None:
    """Where a file of a place lies now, or None if it is gone."""
    try:
        if place.startswith(MODELS):
            return folders.find(place.removeprefix(MODELS), name)
        path = resolve(folders.of_type(place), name)
        return path if path.is_file() else None
    except (UnknownNameError, StorageError, OSError):
        return None


def look(place: str, name: str, path: Path, *, digest: bool) -> Sighting:
    """A file as it is, with its digest if that is wanted.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        read = ""
        if digest:
            hasher = blake3()
            while chunk := file.read(CHUNK):
                hasher.update(chunk)
            read = hasher.hexdigest()
    return Sighting(place=place, name=name, size=state.st_size, modified=state.st_mtime_ns, digest=read)
