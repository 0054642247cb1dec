"""One thread that writes to one SQLite file, many callers' operations in one transaction.

Callers wait until their operation is committed. While one commit waits for the disk the next operations gather, so
that under load the price of an fsync is shared (group commit) and a single caller still pays for one only.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from limner.graph.errors import LimnerError, StorageError

Result = TypeVar("Result")

GROUP = 256
"""Operations in one transaction, at most."""

DISK_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"})
"""What SQLite says when there is no room; a quota or a limit on file sizes shows as an I/O error of a write."""


class Transaction:
    """What an operation works with: statements, and notes on how many jobs it moved between states."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = connection.execute
        self.executemany = connection.executemany
        self.moved: Counter[str] = Counter()

    def move(self, owner: str, **states: int) -> None:
        """Notes how many jobs more or fewer of somebody's are in some states."""
        for state, count in states.items():
            self.moved[state] += count
            self.moved[f"{state} {owner}"] += count


class _Operation:
    """An operation on its way, and what came of it."""

    def __init__(self, work: Callable[[Transaction], Any], durable: bool, vital: bool) -> None:
        self.work, self.durable, self.vital = work, durable, vital
        self.result: Any = None
        self.error: BaseException | None = None
        self.moved: Counter[str] = Counter()
        self.done = threading.Event()


class GroupWriter:
    """Runs operations one after another on its own connection.

    Args:
        path: The file, for messages.
        connect: Opens a connection in autocommit mode.
        committed: Told how many jobs moved between states, after each commit, before callers return.
        make_room: Called when the disk is full and an operation is vital; True: try again.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        committed: Callable[[Counter[str]], None],
        make_room: Callable[[], bool],
    ) -> None:
        self._path, self._connect, self._committed, self._make_room = path, connect, committed, make_room
        self._operations: list[_Operation] = []
        self._changed = threading.Condition()
        self._closing = False
        self._connection = connect()
        self._synchronous = ""
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[Transaction], Result], *, durable: bool = True, vital: bool = True) -> Result:
        """Runs an operation in a transaction and gives its result.

        Args:
            work: Gets a Transaction. It may be called again if the commit failed, so it changes nothing else.
            durable: On the disk when this returns; else only safe from the end of this process, not of the machine.
            vital: May use the room that is held back for a full disk.

        Raises:
            StorageError: if it could not be written; nothing of it was.
            LimnerError: what the operation itself raised; nothing of it was written.
        """
        operation = _Operation(work, durable, vital)
        with self._changed:
            if self._closing:
                raise StorageError(f"The journal {self._path} is closed; the server is stopping.")
            self._operations.append(operation)
            self._changed.notify()
        operation.done.wait()
        if operation.error is not None:
            raise operation.error
        return operation.result

    def close(self) -> None:
        """Finishes what came before, moves the log into the file and closes it."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass  # the log stays beside the file, as after a kill; the next start reads it
        finally:
            self._connection.close()

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._operations and not self._closing:
                    self._changed.wait()
                group, self._operations = self._operations[:GROUP], self._operations[GROUP:]
            if not group:
                return
            self._carry(group)
            for operation in group:
                operation.done.set()

    def _carry(self, group: list[_Operation]) -> None:
        """Writes a group; if that fails, each of it by itself, so that one too large leaves the others alone."""
        try:
            self._transact(group)
        except sqlite3.Error as error:
            self._roll_back()
            if len(group) > 1:
                self._one_by_one(group)
            elif group[0].vital and error_name(error) in DISK_FULL and self._make_room():
                self._carry(group)
            else:
                group[0].error = storage_error(error, self._path)
        except Exception as error:
            self._roll_back()
            if len(group) == 1:
                group[0].error = error
            else:
                self._one_by_one(group)
        else:
            moved: Counter[str] = Counter()
            for operation in group:
                moved.update(operation.moved)
            self._committed(moved)

    def _one_by_one(self, group: list[_Operation]) -> None:
        for operation in group:
            self._carry([operation])

    def _transact(self, group: list[_Operation]) -> None:
        durable = "FULL" if any(operation.durable for operation in group) else "NORMAL"
        if durable != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {durable}")
            self._synchronous = durable
        self._connection.execute("BEGIN IMMEDIATE")
        for operation in group:
            self._connection.execute("SAVEPOINT operation")
            self._work(operation)
            self._connection.execute("RELEASE operation")
        self._connection.execute("COMMIT")

    def _work(self, operation: _Operation) -> None:
        transaction = Transaction(self._connection)
        operation.error, operation.moved = None, Counter()
        try:
            operation.result = operation.work(transaction)
            operation.moved = transaction.moved
        except LimnerError as error:
            operation.error = error
            self._connection.execute("ROLLBACK TO operation")

    def _roll_back(self) -> None:
        """Back to the state before; a connection that cannot even do that is replaced."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection.close()
            self._synchronous = ""
            with suppress(sqlite3.Error):  # else the next operation finds it closed and tries again
                self._connection = self._connect()


def error_name(error: sqlite3.Error) -> str:
    """SQLite's name of the error, ``SQLITE_FULL`` for instance."""
    return getattr(error, "sqlite_errorname", "") or ""


def storage_error(error: sqlite3.Error, path: Path) -> StorageError:
    """The error as a person needs it: what is wrong with the file and what to do."""
    name = error_name(error)
    if name in DISK_FULL:
        what = "cannot grow: the disk is full or a limit is reached. Free some space there; nothing was lost"
    elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        what = "cannot be written. Check that its folder exists and that this user may write there, or choose --data"
    elif name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        what = "is damaged or is no journal. Move it away to start with an empty queue, or put a backup in its place"
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        what = "is held by another program. Close what has it open"
    else:
        what = "cannot be used. Look at the disk's health and the system's log"
    return StorageError(f"The journal {path} {what} ({error}{f', {name}' if name else ''}).")
