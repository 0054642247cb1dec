"""The index of the gallery: a SQLite file of its own. Files are found again in their folder, and what they carry is
read again; stars, tags, boards and the like are nowhere else, so what is gone from the disk keeps its row.

All methods block, may be called from any thread, and raise StorageError if the file cannot be used.
"""

import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from limner.graph.errors import StorageError
from limner.storage import gallery_statements as sql
from limner.storage.asset_file import Layout, open_index
from limner.storage.asset_records import Sighting
from limner.storage.gallery_records import Change, Entry, Facets, Known, Page, Positions, Search, Sort, State
from limner.storage.gallery_search import ORDERS, after, below, conditions, days_of, order
from limner.storage.media_types import media_type

LAYOUT = Layout(sql.SCHEMA, sql.APPLICATION, sql.VERSION)

DATED = (Sort.NEWEST, Sort.OLDEST)

KEPT_ANSWERS = 32


class GalleryIndex:
    """Knows pictures, films and sounds. Opens its file at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._answers: dict[tuple[Any, ...], Any] = {}
        self.revision = 0
        """Counts changes, so that clients know whether a list is still the one that they laid out."""

    def see(self, sightings: Iterable[Sighting], job: str = "") -> list[int]:
        """Notes files below the output folder; gives the numbers of those that are new or changed."""
        with self._changing() as connection:
            found = [_see(connection, seen, job) for seen in sightings if media_of(seen.name)]
        return [number for number in found if number is not None]

    def settle(self, present: set[str]) -> tuple[int, int]:
        """Notes which files are there; gives how many of those that were known are gone, and how many are back."""
        with self._changing() as connection:
            rows = connection.execute(sql.PRESENT).fetchall()
            gone = [(State.GONE, number) for number, path, state in rows if path not in present and state == State.HERE]
            back = [(State.HERE, number) for number, path, state in rows if path in present and state == State.GONE]
            connection.executemany(sql.STATE, [*gone, *back])
        return len(gone), len(back)

    def settle_one(self, number: int, state: State) -> None:
        """Notes whether one file is there."""
        with self._changing() as connection:
            connection.execute(sql.STATE, (state, number))

    def unknown(self, limit: int) -> list[tuple[int, str, str, str, str]]:
        """Number, path, name, media and job of files that nobody has read yet, the newest first."""
        with self._reading() as connection:
            return connection.execute(sql.UNKNOWN, (limit,)).fetchall()

    def unknown_count(self) -> int:
        """How many files nobody has read yet."""
        with self._reading() as connection:
            return connection.execute(sql.UNKNOWN_COUNT).fetchone()[0]

    def learn(self, facts: Iterable[tuple[int, Known]]) -> None:
        """Notes what was read of files, by their numbers."""
        with self._changing() as connection:
            for number, known in facts:
                shape = min(1000, max(10, round(100 * known.width / known.height))) if known.height else 100
                values = (known.width, known.height, shape, known.prompt, known.negative, known.model, known.seed)
                connection.execute(sql.LEARN, (*values, known.app, known.app, number))
                connection.execute(sql.LORAS_REMOVE, (number,))
                connection.executemany(sql.LORA_ADD, [(number, name) for name in known.loras])

    def get(self, key: str) -> Entry | None:
        """A file by its id."""
        with self._reading() as connection:
            row = connection.execute(sql.ONE, (key,)).fetchone()
        return None if row is None else _entry(row)

    def at(self, path: str) -> Entry | None:
        """The file at a path."""
        with self._reading() as connection:
            row = connection.execute(sql.AT, (path,)).fetchone()
        return None if row is None else _entry(row)

    def loras(self, number: int) -> list[str]:
        """The adapters that a file was made with."""
        with self._reading() as connection:
            return [name for (name,) in connection.execute(sql.LORAS_OF, (number,))]

    def page(self, search: Search, limit: int, *, start: int = 0, cursor: str = "") -> Page:
        """So many files of a list: from a place on, or after the one whose id is given."""
        condition, values = conditions(search)
        total = self.count(search)
        with self._reading() as connection:
            if cursor:
                where = _cursor(connection, search.sort, cursor)
                if where is None:
                    return Page([], total, "")
                condition, values, start = f"{condition} AND {where[0]}", [*values, *where[1]], 0
            statement = sql.PAGE.format(condition=condition, order=order(search.sort))
            rows = connection.execute(statement, [*values, limit + 1, start]).fetchall()
        entries = [_entry(row) for row in rows[:limit]]
        return Page(entries, total, entries[-1].key if len(rows) > limit else "")

    def count(self, search: Search) -> int:
        """How many files a list has."""
        condition, values = conditions(search)

        def read(connection: sqlite3.Connection) -> int:
            return connection.execute(sql.COUNT.format(condition=condition), values).fetchone()[0]

        return self._once(("count", condition, *values), read)

    def keys(self, search: Search, limit: int) -> list[str]:
        """The ids of a list."""
        condition, values = conditions(search)
        with self._reading() as connection:
            statement = sql.KEYS.format(condition=condition, order=order(search.sort))
            return [key for (key,) in connection.execute(statement, [*values, limit])]

    def positions(self, search: Search) -> Positions:
        """How a list lies."""
        condition, values = conditions(search)
        day = sql.DAY.format(offset=-search.offset * 60_000) if search.sort in DATED else "0"
        statement = sql.POSITIONS.format(day=day, condition=condition, order=order(search.sort))

        def read(connection: sqlite3.Connection) -> Positions:
            rows = connection.execute(statement, values).fetchall()
            days = [(key, len(list(group))) for key, group in groupby(row[0] for row in rows)]
            shapes = [(key, len(list(group))) for key, group in groupby(row[1] for row in rows)]
            return Positions(len(rows), days_of(days) if search.sort in DATED else [], shapes)

        return self._once(("positions", statement, *values), read)

    def change(self, keys: Sequence[str], change: Change) -> list[str]:
        """Says something of files; gives the ids of those that are there."""
        now = time.time_ns() // 1_000_000
        columns = {"starred": change.starred, "rating": change.rating, "board": change.board, "alt": change.alt}
        given = {name: value for name, value in columns.items() if value is not None}
        with self._changing() as connection:
            found = _numbers(connection, keys)
            for column, value in given.items():
                statement = sql.SET.format(column=column)
                connection.executemany(statement, [(value, number) for _, number in found])
            if change.board:
                connection.execute(sql.BOARD_ADD, (change.board, now))
            for _, number in found if change.add_tags or change.remove_tags else ():
                connection.executemany(sql.TAG_ADD, [(number, name) for name in change.add_tags])
                connection.executemany(sql.TAG_REMOVE, [(number, name) for name in change.remove_tags])
                connection.execute(sql.LABELS, (number, number))
        return [key for key, _ in found]

    def facets(self, offset: int) -> Facets:
        """How many there are of what."""
        day = sql.DAY.format(offset=-offset * 60_000)

        def read(connection: sqlite3.Connection) -> Facets:
            def rows(statement: str) -> list[tuple[Any, int]]:
                return connection.execute(statement).fetchall()

            every, starred, untagged, unsorted = connection.execute(sql.COUNTS).fetchone()
            trash = connection.execute(sql.TRASH_COUNT).fetchone()[0]
            return Facets(
                counts={"all": every, "starred": starred, "untagged": untagged, "unsorted": unsorted, "trash": trash},
                models=rows(sql.MODEL_COUNTS),
                loras=rows(sql.LORA_COUNTS),
                apps=rows(sql.APP_COUNTS),
                tags=rows(sql.TAG_COUNTS),
                boards=_boards(connection),
                days=days_of(rows(sql.DAY_COUNTS.format(day=day))),
            )

        return self._once(("facets", offset), read)

    def boards(self) -> list[tuple[str, int]]:
        """Boards and how many files are on each itself."""
        with self._reading() as connection:
            return _boards(connection)

    def add_board(self, name: str) -> None:
        """Makes a board, if there is none of this name."""
        with self._changing() as connection:
            connection.execute(sql.BOARD_ADD, (name, time.time_ns() // 1_000_000))

    def rename_board(self, name: str, to: str) -> None:
        """Gives a board and those in it another name; one that has it already takes their files in."""
        values = (to, len(name) + 1, *below(name))
        with self._changing() as connection:
            connection.execute(sql.BOARD_ADD, (to, time.time_ns() // 1_000_000))
            connection.execute(sql.BOARD_RENAME, values)
            connection.execute(sql.BOARD_MOVE, values)

    def remove_board(self, name: str) -> None:
        """Removes a board and those in it; their files stay, on no board."""
        with self._changing() as connection:
            connection.execute(sql.BOARD_EMPTY, below(name))
            connection.execute(sql.BOARD_REMOVE, below(name))

    def trashed(self, number: int, path: str, home: str) -> None:
        """Notes that a file lies in the trash now."""
        with self._changing() as connection:
            connection.execute(sql.TRASHED, (path, home, time.time_ns() // 1_000_000, number))

    def restored(self, number: int, path: str) -> None:
        """Notes that a file is back."""
        with self._changing() as connection:
            _forget_at(connection, path, number)
            connection.execute(sql.RESTORED, (path, PurePosixPath(path).name, number))

    def old_trash(self, before: int) -> list[Entry]:
        """What went to the trash before a moment in milliseconds."""
        with self._reading() as connection:
            return [_entry(row) for row in connection.execute(sql.OLD_TRASH, (before,))]

    def remove(self, numbers: Iterable[int]) -> None:
        """Forgets files."""
        with self._changing() as connection:
            connection.executemany(sql.REMOVE, [(number,) for number in numbers])

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _once(self, name: tuple[Any, ...], read: Callable[[sqlite3.Connection], Any]) -> Any:
        """An answer that holds until something changes."""
        with self._lock:
            if name not in self._answers:
                with self._reading() as connection:
                    answer = read(connection)
                if len(self._answers) >= KEPT_ANSWERS:
                    self._answers.clear()
                self._answers[name] = answer
            return self._answers[name]

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            before = connection.total_changes
            yield connection
            if connection.total_changes != before:
                self._answers.clear()
                self.revision += 1

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = open_index(self._path, LAYOUT)
                with self._connection as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise StorageError(
                    f"The index of the gallery {self._path} cannot be used ({error}). Check the disk and the "
                    "permissions; if it is damaged, move it away and it is made anew."
                ) from error


def media_of(name: str) -> str:
    """``image``, ``video`` or ``audio``; empty for what the gallery does not show."""
    kind, _, rest = media_type(name).partition("/")
    return kind if kind in ("image", "video", "audio") and not rest.endswith("xml") else ""


def _see(connection: sqlite3.Connection, seen: Sighting, job: str) -> int | None:
    """Notes a file; gives its number if it is new or changed."""
    row = connection.execute(sql.AT_PATH, (seen.name,)).fetchone()
    if row is None:
        now = time.time_ns() // 1_000_000
        created = now if job else min(now, seen.modified // 1_000_000 or now)
        name = PurePosixPath(seen.name).name
        values = (_key(connection, seen.name), seen.name, name, media_of(name), seen.size, seen.modified, created, job)
        return connection.execute(sql.ADD, values).fetchone()[0]
    number, size, modified, state = row
    if job:
        connection.execute(sql.JOB, (job, number))
    if (size, modified, state) == (seen.size, seen.modified, State.HERE):
        return None
    connection.execute(sql.CHANGED, (seen.size, seen.modified, number))
    return number


def _key(connection: sqlite3.Connection, path: str) -> str:
    """An id: the same one for a path in an index that is made anew, unless an earlier file there still has it."""
    key = hashlib.blake2b(path.encode(), digest_size=10).hexdigest()
    if connection.execute(sql.KEY_TAKEN, (key,)).fetchone() is not None:
        return secrets.token_hex(10)
    return key


def _numbers(connection: sqlite3.Connection, keys: Sequence[str]) -> list[tuple[str, int]]:
    """Ids that there are, with their numbers."""
    found: list[tuple[str, int]] = []
    for begin in range(0, len(keys), 500):
        part = keys[begin : begin + 500]
        marks = ", ".join("?" * len(part))
        found += connection.execute(f"SELECT key, id FROM picture WHERE key IN ({marks})", part).fetchall()
    return found


def _cursor(connection: sqlite3.Connection, sort: Sort, key: str) -> tuple[str, list[Any]] | None:
    """What has to be true of what follows the file with this id; None if there is none."""
    columns = ", ".join(column for column, _ in ORDERS[sort])
    row = connection.execute(f"SELECT {columns} FROM picture p WHERE p.key = ?", (key,)).fetchone()
    return None if row is None else after(sort, row)


def _boards(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    counts = dict.fromkeys((name for (name,) in connection.execute(sql.BOARDS)), 0)
    counts.update(connection.execute(sql.BOARD_COUNTS))
    return sorted(counts.items(), key=lambda entry: entry[0].lower())


def _forget_at(connection: sqlite3.Connection, path: str, but: int) -> None:
    """Forgets what lay at a path before and is gone from there."""
    row = connection.execute(sql.AT_PATH, (path,)).fetchone()
    if row is not None and row[0] != but:
        connection.execute(sql.REMOVE, (row[0],))


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        number=row[0],
        key=row[1],
        path=row[2],
        home=row[3],
        name=row[4],
        media=row[5],
        size=row[6],
        modified=row[7],
        created=row[8],
        width=row[9],
        height=row[10],
        prompt=row[11],
        model=row[12],
        seed=row[13],
        app=row[14],
        job=row[15],
        alt=row[16],
        starred=bool(row[17]),
        rating=row[18],
        board=row[19],
        state=State(row[20]),
        trashed=row[21],
        tags=tuple(row[22].split("\n")) if row[22] else (),
    )
