"""The files of a SQLite journal: the database, the lock that keeps a second server out, the reserve for a full disk."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from limner.graph.errors import StorageError
from limner.jobs.sqlite_statements import APPLICATION, SCHEMA, TABLES, UPGRADES, VERSION
from limner.jobs.sqlite_writer import storage_error

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

RESERVE_BYTES = 4 << 20
RESERVE_SECONDS = 30.0

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA secure_delete = ON",  # wiped secrets leave no copy in free pages
    "PRAGMA temp_store = MEMORY",
)


class JournalFile:
    """A database file that only this process writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reserve = path.with_name(path.name + ".reserve")
        self._reserve_tried = float("-inf")
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._held: int | None = self._hold()
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise
        self.keep_reserve()

    def connect(self) -> sqlite3.Connection:
        """A new connection in autocommit mode, for any thread."""
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=64)
        try:
            for pragma in PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read what is committed, beside the writer.

        Raises:
            StorageError: if the file cannot be read.
        """
        with self._lock:
            if self._held is None:
                raise StorageError(f"The journal {self.path} is closed; the server is stopping.")
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or self.connect()
            yield connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise storage_error(error, self.path) from error
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        with self._lock:
            self._idle.append(connection)

    def keep_reserve(self) -> None:
        """Takes disk space that ``give_reserve`` can give back, now and then if it failed before."""
        if time.monotonic() - self._reserve_tried < RESERVE_SECONDS or self._reserve.exists():
            return
        self._reserve_tried = time.monotonic()
        try:
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
        except OSError:
            self.give_reserve()  # a part of it would help nobody

    def give_reserve(self) -> bool:
        """Frees the reserve; False if there is none."""
        with suppress(OSError):
            self._reserve.unlink()
            return True
        return False

    def close(self) -> None:
        """Closes the readers and lets other servers in."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()
            held, self._held = self._held, None
        if held is not None:
            os.close(held)

    def _hold(self) -> int:
        """Locks a file beside the database. The lock ends with the process, however it ends."""
        lock = self.path.with_name(self.path.name + ".lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(
                f"The journal cannot be kept in {self.path.parent} ({error.strerror}). "
                "Check that this user may write there, or choose another folder with --data."
            ) from error
        if fcntl is not None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(held)
                raise StorageError(
                    f"Another server uses {self.path}. Stop it, or choose another folder with --data."
                ) from error
        return held

    def _prepare(self) -> None:
        try:
            self.path.touch(mode=0o600)
            connection = self.connect()
        except (sqlite3.Error, OSError) as error:
            raise self._refused(error) from error
        try:
            self._check_schema(connection)
        except sqlite3.Error as error:
            raise storage_error(error, self.path) from error
        finally:
            connection.close()

    def _check_schema(self, connection: sqlite3.Connection) -> None:
        if connection.execute(TABLES).fetchone()[0] == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
            return
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != APPLICATION:
            raise StorageError(f"{self.path} is a database of another program. Choose another folder with --data.")
        while version in UPGRADES:
            connection.executescript(f"BEGIN IMMEDIATE; {UPGRADES[version]} COMMIT;")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            raise StorageError(
                f"The journal {self.path} has version {version}; this Limner reads version {VERSION}. "
                "Use the Limner that wrote it, or move the file away to start with an empty queue."
            )

    def _refused(self, error: Exception) -> StorageError:
        if isinstance(error, sqlite3.Error):
            return storage_error(error, self.path)
        return StorageError(f"The journal {self.path} cannot be written ({error}). Check the folder's permissions.")
