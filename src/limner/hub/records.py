"""What is known of model files, kept from one run to the next: their digests, and where they came from.

A SQLite file in the data folder. A digest counts only while a file has the size and the time that it had when it was
read; everything in it can be found again, but for where files came from, so a damaged file is put aside.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from limner.graph.errors import StorageError
from limner.hub.digests import Digests

FILE = "limner-models.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL,
    sha256 TEXT NOT NULL, blake3 TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '', validator TEXT NOT NULL DEFAULT '',
    licence TEXT NOT NULL DEFAULT '', pulled REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS files_by_sha256 ON files (sha256);
CREATE INDEX IF NOT EXISTS files_by_url ON files (url);
"""
_COLUMNS = "path, size, modified, sha256, blake3, source, url, validator, licence, pulled"
_PUT = f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Origin:
    """Where a file came from: the name in full, the address, the version that the server gave it, the licence."""

    source: str = ""
    url: str = ""
    validator: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Record:
    """What is known of a file. ``pulled``: seconds since 1970 when it was fetched, 0 if it was not."""

    path: Path
    size: int
    modified: int
    digests: Digests
    origin: Origin
    pulled: float

    @property
    def is_current(self) -> bool:
        """Whether the file still is what it was."""
        try:
            state = self.path.stat()
        except OSError:
            return False
        return (state.st_size, state.st_mtime_ns) == (self.size, self.modified)


class Records:
    """The records of one data folder. May be used from any thread. Opens its file at the first use.

    All methods raise StorageError if the file cannot be used.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._lock = threading.Lock()

    def note(self, path: Path, digests: Digests, origin: Origin | None = None) -> None:
        """Notes a file's digests; an origin that was noted before stays, unless there is a new one."""
        state = path.stat()
        before = self.of(path) if origin is None else None
        pulled = time.time() if origin is not None else before.pulled if before else 0.0
        kept = origin or (before.origin if before else Origin())
        values = (str(path), state.st_size, state.st_mtime_ns, digests.sha256, digests.blake3)
        with self._connection() as connection:
            connection.execute(_PUT, (*values, kept.source, kept.url, kept.validator, kept.licence, pulled))

    def of(self, path: Path) -> Record | None:
        """What is known of a file, current or not."""
        return next(self._found("path = ?", str(path)), None)

    def digests_of(self, path: Path) -> Digests | None:
        """The digests of a file, if they were taken and it has not changed since."""
        record = self.of(path)
        return record.digests if record is not None and record.is_current else None

    def with_sha256(self, sha256: str) -> list[Record]:
        """The files that had this digest and have not changed since."""
        return [record for record in self._found("sha256 = ?", sha256) if record.is_current]

    def from_url(self, url: str) -> list[Record]:
        """The files that came from an address and have not changed since."""
        return [record for record in self._found("url = ?", url) if record.is_current]

    def everything(self) -> list[Record]:
        """All that is known, current or not."""
        return list(self._found("path != ?", ""))

    def forget(self, path: Path) -> None:
        """Forgets a file."""
        with self._connection() as connection:
            connection.execute("DELETE FROM files WHERE path = ?", (str(path),))

    def _found(self, condition: str, value: str) -> Iterator[Record]:
        with self._connection() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM files WHERE {condition}", (value,)).fetchall()
        for path, size, modified, sha256, blake3, source, url, validator, licence, pulled in rows:
            origin = Origin(source, url, validator, licence)
            yield Record(Path(path), size, modified, Digests(sha256, blake3), origin, pulled)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction of its own: pulls are rare, and several programs may share the file."""
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                connection = self._opened()
                with contextlib.closing(connection), connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise StorageError(
                    f"{self._path} cannot be used ({error}). Look at its folder, or remove it."
                ) from error

    def _opened(self) -> sqlite3.Connection:
        try:
            return _open(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._path.replace(self._path.with_name(f"{FILE}.damaged-{time.time():.0f}"))
            return _open(self._path)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20)
    try:
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
