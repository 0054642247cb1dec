"""Saved apps: a folder for each in its owner's folder, a file for each version, written whole or not at all."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from limner.dialects.apps.records import NAME, App, Declaration
from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.user_files import DEVICES
from limner.server.whole_files import write_whole

FOLDER = "apps"
MOST_APPS = 1000
MOST_VERSIONS = 1000
LARGEST = 32 << 20
"""Bytes of an app's file."""

_VERSION = re.compile(r"([1-9]\d{0,8})\.json")


class AppStore:
    """The apps of one owner. Methods may be called from any thread; they read and write files.

    Args:
        folder: Where they lie; it need not exist.
        lock: Held while a version is given its number.
    """

    def __init__(self, folder: Path, lock: threading.Lock) -> None:
        self.folder, self._lock = folder, lock

    def save(self, name: str, workflow: dict[str, Any], declaration: Declaration) -> App:
        """Saves a new version. The same app saved again stays the version that it is.

        Raises:
            DocumentError: if the name cannot be used, or there are too many already.
            StorageError: if it cannot be written.
        """
        check_name(name)
        with self._lock:
            versions = self.versions(name)
            last = self._read(name, versions[-1]) if versions else None
            if last is not None and (last.workflow, last.declaration) == (workflow, declaration):
                return last
            self._check_room(name, versions)
            number = versions[-1] + 1 if versions else 1
            now = time.time_ns() // 1_000_000
            app = App(name=name, version=number, workflow=workflow, declaration=declaration, created=now)
            data = msgspec.json.format(msgspec.json.encode(app), indent=1)
            if len(data) > LARGEST:
                raise DocumentError(f"The app has {len(data)} bytes; at most {LARGEST} are kept.")
            try:
                write_whole(self.folder / name / f"{number}.json", data)
            except OSError as error:
                raise StorageError(f"The app {name!r} cannot be saved ({error.strerror or error}).") from error
        return app

    def load(self, name: str, version: int = 0) -> App:
        """An app.

        Args:
            name: Which one.
            version: Which version; 0: the last one.

        Raises:
            UnknownNameError: if there is none.
            StorageError: if it cannot be read.
        """
        versions = self.versions(name)
        if not versions:
            raise UnknownNameError("app", name, self.names())
        if version and version not in versions:
            raise UnknownNameError(f"version of the app {name!r}", str(version), map(str, versions))
        return self._read(name, version or versions[-1])

    def names(self) -> list[str]:
        """The names of all apps, sorted."""
        try:
            found = [entry.name for entry in self.folder.iterdir() if NAME.fullmatch(entry.name)]
        except OSError:
            return []
        return sorted(name for name in found if self.versions(name))

    def versions(self, name: str) -> list[int]:
        """The versions of an app, the last one last; none if there is no such app."""
        if not NAME.fullmatch(name):
            return []
        try:
            matches = [_VERSION.fullmatch(entry.name) for entry in (self.folder / name).iterdir()]
        except OSError:
            return []
        return sorted(int(match[1]) for match in matches if match)

    def remove(self, name: str, version: int = 0) -> list[int]:
        """Removes a version, or (0) all of them; gives those that are gone.

        Raises:
            UnknownNameError: if there is none.
            StorageError: if it cannot be removed.
        """
        known = self.versions(name)
        gone = [number for number in known if version in (0, number)]
        if not gone:
            self.load(name, version)
        try:
            for number in gone:
                (self.folder / name / f"{number}.json").unlink(missing_ok=True)
            if len(gone) == len(known):
                (self.folder / name).rmdir()
        except OSError as error:
            if self.versions(name) and len(gone) == len(known):
                raise StorageError(f"The app {name!r} cannot be removed ({error.strerror or error}).") from error
        return gone

    def all(self) -> Iterator[App]:
        """The last versions of all apps; files that cannot be read are left out."""
        for name in self.names():
            try:
                yield self.load(name)
            except (StorageError, UnknownNameError):
                continue  # Half removed, or edited by hand; asked for by name, it says what is wrong.

    def _check_room(self, name: str, versions: list[int]) -> None:
        if len(versions) >= MOST_VERSIONS:
            raise DocumentError(f"The app {name!r} has {MOST_VERSIONS} versions; remove some of them.")
        if not versions and len(self.names()) >= MOST_APPS:
            raise DocumentError(f"There are {MOST_APPS} apps; remove some of them.")

    def _read(self, name: str, version: int) -> App:
        path = self.folder / name / f"{version}.json"
        try:
            app = msgspec.json.decode(path.read_bytes(), type=App)
        except FileNotFoundError as error:
            raise UnknownNameError("app", name, self.names()) from error
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise StorageError(f"The app {name!r}, version {version}, cannot be read ({error}).") from error
        return msgspec.structs.replace(app, name=name, version=version)


def check_name(name: str) -> None:
    """Refuses a name that no app can have.

    Raises:
        DocumentError: says what a name is.
    """
    if not NAME.fullmatch(name) or name in DEVICES:
        raise DocumentError(
            f"{name!r:.80} cannot be an app's name: use 1 to 48 small letters, digits, '-' and '_', and begin with a "
            "letter or a digit."
        )
