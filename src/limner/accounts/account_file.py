"""The file of the accounts: opened, made if it is not there, and closed to everybody else on this machine."""

import contextlib
import os
import sqlite3
from pathlib import Path

from limner.accounts import account_statements as sql
from limner.graph.errors import StorageError

PATIENCE = 5.0
"""Seconds that a write waits for one of another program."""


def open_accounts(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, to be used by one thread at a time.

    Raises:
        StorageError: if the file cannot be used, or is another one.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise unusable(path, error) from error
    except StorageError:
        connection.close()
        raise
    return connection


def unusable(path: Path, error: Exception) -> StorageError:
    """Why the file cannot be used, and what to do."""
    return StorageError(
        f"The accounts in {path} cannot be used ({error}). Check the disk and the permissions of its folder; if the "
        "file is damaged, put a backup in its place."
    )


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Makes the tables, unless they are there; another program may be doing the same."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if (application, version) == (0, 0):
            for statement in sql.SCHEMA.split(";"):
                connection.execute(statement)
        elif (application, version) != (sql.APPLICATION, sql.VERSION):
            raise StorageError(
                f"{path} does not hold accounts that this version of Limner can read. Use the version that wrote it, "
                "or move the file away and create keys anew."
            )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
