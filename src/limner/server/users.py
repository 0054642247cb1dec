"""Whose things a request means. With one user all belongs to ``default``; with several, requests name theirs.

The name keeps people's settings and files apart. It locks nobody out: whoever may talk to the server may name anyone.
"""

import json
import re
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path

from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.user_files import UserFiles
from limner.server.user_settings import SettingsFiles
from limner.server.whole_files import write_whole

ONLY_USER = "default"
SYSTEM_PREFIX = "__"
"""How names begin that belong to the program, not to people."""

LIST = "users.json"
MOST_USERS = 10_000
LONGEST_NAME = 100

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,200}")


class Users:
    """The people who use this server. Methods may be called from any thread, and read or write files.

    Args:
        root: Their folders are here, by id.
        multi_user: There is more than one.
        settings: Reads and changes settings; all Users of a server share it.
    """

    def __init__(self, root: Path, *, multi_user: bool = False, settings: SettingsFiles | None = None) -> None:
        self.multi_user = multi_user
        self.settings = settings or SettingsFiles()
        self._root = root
        self._lock = threading.Lock()

    def identify(self, named: str | None) -> str:
        """The id of the user that a request means.

        Args:
            named: What its ``comfy-user`` header says; it counts only if there are several users.

        Raises:
            UnknownNameError: if there is no such user.
            StorageError: for a name of the program's own.
        """
        if not self.multi_user:
            return ONLY_USER
        if named and named.startswith(SYSTEM_PREFIX):
            raise StorageError(f"{named!r:.60} is a user of the program; no request can be made in its name.")
        if not named or named not in self.names():
            raise UnknownNameError("user", (named or "")[:60], (), "Choose one of /users in the header 'comfy-user'.")
        return named

    def names(self) -> dict[str, str]:
        """The people's names by id.

        Raises:
            StorageError: if the list of users cannot be read.
        """
        file = self._root / LIST
        try:
            known = json.loads(file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StorageError(f"The list of users, {LIST}, cannot be read ({error}). Mend or remove it.") from error
        if not isinstance(known, Mapping):
            raise StorageError(f"The list of users, {LIST}, should be an object of names by id. Mend or remove it.")
        return {
            identifier: str(name)
            for identifier, name in known.items()
            if _IDENTIFIER.fullmatch(identifier) and not identifier.startswith(SYSTEM_PREFIX)
        }

    def add(self, name: str) -> str:
        """Adds a user and gives the id.

        Raises:
            DocumentError: if the name cannot be used.
            FileExistsError: if somebody has it.
            StorageError: if the list of users cannot be read.
            OSError: if it cannot be written.
        """
        name = name.strip()
        identifier = f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)}_{uuid.uuid4()}"
        if not name or len(name) > LONGEST_NAME or not name.isprintable() or identifier.startswith(SYSTEM_PREFIX):
            raise DocumentError(f"A user's name has 1 to {LONGEST_NAME} printable characters and begins without '__'.")
        with self._lock:
            known = self.names()
            if name in known.values():
                raise FileExistsError(name)
            if len(known) >= MOST_USERS:
                raise DocumentError(f"There are {MOST_USERS} users already; no more are taken.")
            known[identifier] = name
            write_whole(self._root / LIST, json.dumps(known, indent=2).encode())
            (self._root / identifier).mkdir(exist_ok=True)
        return identifier

    def has_folder(self) -> bool:
        """Whether the only user's folder exists, which clients take for being moved here from the browser."""
        return (self._root / ONLY_USER).is_dir()

    def files(self, user: str) -> UserFiles:
        """A user's files."""
        return UserFiles(self._root / user)

    def settings_path(self, user: str) -> Path:
        """Where a user's settings lie."""
        return self._root / user / "comfy.settings.json"
