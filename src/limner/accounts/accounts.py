"""The accounts of a server, in a SQLite file of their own that its command line changes while it runs.

What was looked up once is remembered until the file changes, whoever changes it: asking SQLite for that takes
microseconds, so a key that is taken back is refused with the next request.
"""

import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from limner.accounts import account_statements as sql
from limner.accounts.account_file import open_accounts, unusable
from limner.accounts.key_text import KeyText, digest_of, is_same, new_key, read_key
from limner.accounts.records import USUAL, Grant, Key, Quota, Scope, User, whole
from limner.graph.errors import DocumentError, LimnerError, UnknownNameError

FILE = "accounts.sqlite"
"""Its name in the data folder."""

USED_EVERY = 60_000
"""Milliseconds between two notes that a key is in use."""

REMEMBERED = 10_000
"""Keys that are remembered."""

USER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that are no folders on Windows, where people may take theirs to."""


class Accounts:
    """Users and keys. All methods may be called from any thread.

    Args:
        path: The file.

    Raises:
        StorageError: here and everywhere, if the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_accounts(path)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[KeyText, Key]] = {}
        self._users: dict[str, User] = {}
        self._changes: object = None
        self._noted: dict[str, int] = {}
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="accounts")

    def close(self) -> None:
        """Lets go of the file."""
        self._notes.shutdown(wait=True)
        with self._lock:
            self._connection.close()

    def authenticate(self, text: str) -> Grant | None:
        """What a key allows; None if it is none, or not good any more. Cost: microseconds."""
        asked = read_key(text)
        if asked is None:
            return None
        with self._reading() as connection:
            known = self._known.get(asked.id)
            if known is None:
                known = self._look_up(connection, asked)
        now = _now()
        if known is None or not secrets.compare_digest(known[0].secret, asked.secret) or not known[1].is_good(now):
            return None
        self._note_use(known[1], now)
        return Grant(known[1].user, asked.id, whole(known[1].scopes))

    def holds(self, key: str) -> bool:
        """Whether the key of an id is still good: for what goes on after a request was let in. Cost: microseconds."""
        with self._reading() as connection:
            known = self._known.get(key)
            row = None if known is not None else connection.execute(sql.KEY, (key,)).fetchone()
        found = known[1] if known is not None else _key(row[:-1]) if row is not None else None
        return found is not None and found.is_good(_now())

    def user(self, name: str) -> User | None:
        """A user, or None. Cost: microseconds."""
        with self._reading() as connection:
            if name not in self._users:
                row = connection.execute(sql.USER, (name,)).fetchone()
                if row is None:
                    return None
                self._users[name] = _user(row)
            return self._users[name]

    def all_users(self) -> list[User]:
        """All users, by name."""
        with self._reading() as connection:
            return [_user(row) for row in connection.execute(sql.USERS)]

    def all_keys(self) -> list[Key]:
        """All keys, those that were taken back included, by user and age."""
        with self._reading() as connection:
            return [_key(row) for row in connection.execute(sql.KEYS)]

    def has_good_key(self) -> bool:
        """Whether anybody could get in."""
        now = _now()
        return any(key.is_good(now) for key in self.all_keys())

    def create(self, user: str, scopes: frozenset[Scope] = USUAL, *, expires: int = 0, note: str = "") -> KeyText:
        """A new key, whose text cannot be had again; a user who is not there is added.

        Raises:
            DocumentError: if the user's name cannot be one.
        """
        check_name(user)
        made, now = new_key(), _now()
        with self._reading() as connection, _transaction(connection):
            connection.execute(sql.USER_ADD, (user, msgspec.json.encode(Quota()), now))
            said = " ".join(sorted(scopes))
            connection.execute(sql.KEY_ADD, (made.id, user, digest_of(made), said, note, now, expires))
        return made

    def revoke(self, key: str) -> bool:
        """Takes a key back, by its id or its text; False if there is none, or it was taken back before."""
        read = read_key(key)
        name = read.id if read is not None else key.removeprefix("lk_")
        with self._reading() as connection:
            done = connection.execute(sql.KEY_REVOKE, (_now(), name)).rowcount > 0
            self._known.clear()
        return done

    def limit(self, user: str, quota: Quota) -> None:
        """Says how much a user may take.

        Raises:
            UnknownNameError: if there is no such user.
        """
        with self._reading() as connection:
            if connection.execute(sql.USER_QUOTA, (msgspec.json.encode(quota), user)).rowcount == 0:
                names = [row[0] for row in connection.execute(sql.USERS)]
                raise UnknownNameError("user", user, names, "Create a key for the user first.")
            self._users.clear()

    def secret(self, name: str) -> bytes:
        """32 random bytes under a name, the same every time: for signatures that outlive the server."""
        with self._reading() as connection:
            connection.execute(sql.SECRET_ADD, (name, secrets.token_bytes(32)))
            return connection.execute(sql.SECRET, (name,)).fetchone()[0]

    def _look_up(self, connection: sqlite3.Connection, asked: KeyText) -> tuple[KeyText, Key] | None:
        """A key of the file, if this is its text; remembered from now on."""
        row = connection.execute(sql.KEY, (asked.id,)).fetchone()
        if row is None or not is_same(asked, row[-1]):
            return None
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        found = self._known[asked.id] = asked, _key(row[:-1])
        return found

    def _note_use(self, key: Key, now: int) -> None:
        """Has it written down that a key is in use, but seldom, and not while anybody waits."""
        if now - max(key.used, self._noted.get(key.id, 0)) < USED_EVERY:
            return
        self._noted[key.id] = now
        with suppress(RuntimeError):  # The server stops.
            self._notes.submit(self._write_use, key.id, now)

    def _write_use(self, key: str, now: int) -> None:
        with suppress(LimnerError):  # A note is missed, not more.
            connection = open_accounts(self._path)
            try:
                with suppress(sqlite3.Error):
                    connection.execute("PRAGMA synchronous = NORMAL")
                    connection.execute(sql.KEY_USED, (now, key))
            finally:
                connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, once all that is remembered is as the file says."""
        with self._lock:
            try:
                changes = self._connection.execute(sql.CHANGES).fetchone()
                if changes != self._changes:
                    self._changes = changes
                    self._known.clear()
                    self._users.clear()
                yield self._connection
            except sqlite3.Error as error:
                raise unusable(self._path, error) from error


def check_name(user: str) -> None:
    """Raises DocumentError for a name that no user can have."""
    if not USER_NAME.fullmatch(user) or RESERVED.fullmatch(user):
        raise DocumentError(
            f"{user!r:.100} cannot be a user's name: use 1 to 64 small letters, digits, '-' and '_', the first one a "
            "letter or a digit."
        )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _user(row: tuple[Any, ...]) -> User:
    return User(name=row[0], quota=msgspec.json.decode(row[1], type=Quota), created=row[2])


def _key(row: tuple[Any, ...]) -> Key:
    key, user, scopes, note, created, expires, used, revoked = row
    known = frozenset(map(Scope, scopes.split()))
    return Key(id=key, user=user, scopes=known, note=note, created=created, expires=expires, used=used, revoked=revoked)


def _now() -> int:
    return time.time_ns() // 1_000_000
