"""Which model files are the same, under whatever names, so that their weights are in memory once."""

from collections.abc import Callable, Hashable
from pathlib import Path

from limner.graph.errors import StorageError
from limner.models.load.model_file import ModelFile

DigestOf = Callable[[Path], str | None]
"""The SHA-256 of a file, if somebody took it and the file has not changed since."""


def no_digests(path: Path) -> str | None:
    """Nobody took any."""
    return None


def contents_of(file: ModelFile, digest_of: DigestOf = no_digests) -> Hashable:
    """Equal for files that hold the same bytes: one file under several names or links, or files of one known digest.

    Files that happen to be equal without anybody knowing count as two: finding out would mean reading both.
    """
    if not file.files:
        return file.identity
    return tuple(_content(path, digest_of) for path in file.files)


def _content(path: Path, digest_of: DigestOf) -> Hashable:
    try:
        digest = digest_of(path)
    except StorageError:
        digest = None  # The records are busy or broken; the file itself is as good as ever.
    if digest is not None:
        return "sha256", digest
    try:
        status = path.stat()
    except OSError:
        return str(path)  # Gone meanwhile; reading it will say so.
    place = (status.st_dev, status.st_ino) if status.st_ino else str(path.resolve())
    return place, status.st_size, status.st_mtime_ns
