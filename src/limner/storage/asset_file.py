"""Opens the files of indexes that can be made anew; puts a damaged one aside."""

import logging
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

LOG = logging.getLogger(__name__)

TABLES = "SELECT count(*) FROM sqlite_master"


class Layout(NamedTuple):
    """What is in a file: how its tables are made, and the marks by which it is known as ours."""

    schema: str
    application: int
    version: int


def open_index(path: Path, layout: Layout) -> sqlite3.Connection:
    """A connection for any thread, one at a time.

    Args:
        path: The file; it is made if it is not there.
        layout: What is in it.

    Raises:
        sqlite3.Error: if the file cannot be used.
    """
    try:
        return _connect(path, layout)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or not path.is_file():
            raise
        aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
        path.replace(aside)
        LOG.warning("%s cannot be read (%s). It was put aside as %s and is made anew.", path, error, aside.name)
        return _connect(path, layout)


def _connect(path: Path, layout: Layout) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if connection.execute(TABLES).fetchone()[0] == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {layout.schema} COMMIT;")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if (application, version) != (layout.application, layout.version):
            raise sqlite3.DatabaseError(f"application {application}, version {version}")
    except BaseException:
        connection.close()
        raise
    return connection
