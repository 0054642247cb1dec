"""A user's files: workflows and whatever else clients keep. No name leaves the user's folder, by dots or by links."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from limner.graph.errors import StorageError
from limner.server.whole_files import UNFINISHED, make_folder, put_in_place, write_whole
from limner.storage.folders import resolve_closed

FIXED_FILES = frozenset({"comfy.settings.json"})
"""Files at the top that are read here but changed through routes of their own, which keep them valid."""

CLOSED_FOLDERS = frozenset({"comfyui-manager"})
"""Folders at the top that hold what decides over installing code; they are not for the network."""

DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that are no files on Windows, where people may take their folder to."""


@dataclass(frozen=True)
class UserFiles:
    """The files below a user's folder. Names have ``/`` between their parts.

    Every method raises StorageError for a name that leaves the folder or is not to be had here.
    """

    root: Path

    def locate(self, name: str, *, changing: bool = False) -> Path:
        """The path of a file or folder, which need not exist.

        Args:
            name: Relative to the user's folder.
            changing: It shall be written, moved or deleted.
        """
        path = resolve_closed(self.root, name)
        parts = path.relative_to(self.root).parts
        # Windows takes ``name.``, ``name `` and ``name::$DATA`` for ``name``.
        first = parts[0].split(":")[0].rstrip(" .").casefold() if parts else ""
        if first in CLOSED_FOLDERS or (changing and (not parts or (len(parts) == 1 and first in FIXED_FILES))):
            raise StorageError(f"{name!r:.100} is not to be changed here.")
        if changing and not all(map(_is_portable, parts)):
            raise StorageError(f"{name!r:.100} is not a name that every system can keep.")
        return path

    def write(self, name: str, data: bytes, *, overwrite: bool) -> Path:
        """Stores a file, and the folders above it.

        Raises:
            FileExistsError: if it exists and must not be overwritten.
            OSError: if it cannot be written.
        """
        path = self.locate(name, changing=True)
        write_whole(path, data, overwrite=overwrite)
        return path

    def move(self, name: str, target: str, *, overwrite: bool) -> Path:
        """Gives a file another name.

        Raises:
            FileNotFoundError: if there is no such file.
            FileExistsError: if the target exists and must not be overwritten.
            OSError: if it cannot be done.
        """
        source, path = self.locate(name, changing=True), self.locate(target, changing=True)
        if not exists(source, Path.is_file):
            raise FileNotFoundError(name)
        make_folder(path.parent)
        put_in_place(source, path, overwrite=overwrite)
        return path

    def delete(self, name: str) -> None:
        """Removes a file.

        Raises:
            FileNotFoundError: if there is no such file.
            OSError: if it cannot be done.
        """
        path = self.locate(name, changing=True)
        if not exists(path, Path.is_file):
            raise FileNotFoundError(name)
        path.unlink()

    def below(self, folder: Path, *, recurse: bool) -> list[Path]:
        """The files in a folder, sorted; hidden ones are left out."""
        found = (path for path in _entries(folder, recurse=recurse) if not path.name.startswith("."))
        return sorted(path for path in found if path.is_file() and _is_inside(path, self.root))

    def tree(self, folder: Path) -> list[dict[str, Any]]:
        """All below a folder as clients list it: folders first, then files, each by name; paths from the root."""
        found = [path for path in _entries(folder, recurse=True, hidden=True) if _is_inside(path, self.root)]
        shown = [self._described(path) for path in found if path.is_dir() or path.is_file()]
        return sorted(shown, key=lambda entry: (entry["type"], entry["name"].casefold(), entry["path"]))

    def _described(self, path: Path) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": path.name, "path": relative(path, self.root), "type": "directory"}
        if path.is_file():
            state = path.stat()
            entry |= {"type": "file", "size": state.st_size, "modified": state.st_mtime}
        return entry


def exists(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether there is a file or folder of a kind; nothing has a name that no file can have."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def relative(path: Path, folder: Path) -> str:
    """A path below a folder, with ``/`` between its parts."""
    return path.relative_to(folder).as_posix()


def file_facts(path: Path, folder: Path) -> dict[str, Any]:
    """A file as clients list it; ``size`` in bytes, times in seconds since 1970."""
    state = path.stat()
    facts = {"path": relative(path, folder), "size": state.st_size}
    return facts | {"modified": state.st_mtime, "created": state.st_ctime}


def _entries(folder: Path, *, recurse: bool, hidden: bool = False) -> Iterator[Path]:
    """What is in a folder; links to folders are not entered. Unfinished files are not there yet."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if hidden or not name.startswith(".")]
        yield from (Path(place) / name for name in (*folders, *files) if not name.startswith(UNFINISHED))
        if not recurse:
            return


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a path is below a root once all links are followed."""
    return path.resolve().is_relative_to(root.resolve())


def _is_portable(part: str) -> bool:
    stem = PurePosixPath(part).name.split(".")[0].casefold().rstrip()
    return (
        part.isprintable()
        and not part.endswith((" ", "."))
        and stem not in DEVICES
        and not (os.name == "nt" and ":" in part)
    )
