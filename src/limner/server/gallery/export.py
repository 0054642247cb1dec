"""Files of the gallery as one archive, which is made while it is sent."""

import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from limner.server.gallery.bare_files import without_texts
from limner.server.gallery.library import Gallery
from limner.storage.gallery_records import Entry

NOTES = "gallery.json"
LEFT_OUT = "left out.txt"
CHUNK = 1 << 18

Write = Callable[[bytes], None]
"""Takes bytes of an archive, and waits until they are on their way."""


class _Stream:
    """A file that can only be written on."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, data: Any) -> int:
        """Takes bytes."""
        self._write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing to wait for."""


def write_archive(gallery: Gallery, entries: Iterable[Entry], write: Write, *, metadata: bool) -> None:
    """Writes an archive with files. Blocks.

    Args:
        gallery: Whose they are.
        entries: Which.
        write: Takes the bytes.
        metadata: As they are, with a list of their stars, tags and boards; otherwise nothing that says how they were
            made, and files of which that cannot be taken off are left out.
    """
    names, notes, missing = set[str](), list[dict[str, Any]](), list[str]()
    with zipfile.ZipFile(_Stream(write), "w", zipfile.ZIP_STORED) as archive:  # type: ignore[arg-type]
        for entry in entries:
            path = gallery.path(entry)
            name = _free(entry.name, names)
            if path is None or not _put(archive, path, name, metadata=metadata):
                missing.append(entry.name)
                continue
            names.add(name)
            notes.append(_note(name, entry))
        if metadata:
            archive.writestr(NOTES, json.dumps(notes, ensure_ascii=False, indent=1))
        if missing:
            archive.writestr(LEFT_OUT, "\n".join(missing) + "\n")


def _put(archive: zipfile.ZipFile, path: Path, name: str, *, metadata: bool) -> bool:
    try:
        if metadata:
            _copy(path, archive, name)
            return True
        bare = without_texts(path.read_bytes())
    except OSError:
        return False
    if bare is not None:
        archive.writestr(name, bare)
    return bare is not None


def _copy(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while data := source.read(CHUNK):
            target.write(data)


def _free(name: str, taken: set[str]) -> str:
    path, number, free = PurePosixPath(name), 1, name
    while free in taken:
        free = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return free


def _note(name: str, entry: Entry) -> dict[str, Any]:
    return {
        "file": name,
        "created": entry.created,
        "starred": entry.starred,
        "rating": entry.rating,
        "tags": list(entry.tags),
        "board": entry.board,
        "alt": entry.alt,
    }
