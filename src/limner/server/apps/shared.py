"""Apps that their authors share with everybody who may use this server: who shares which name.

A shared app stays in its author's folder. Beside all owners' folders a small file for each shared name says whose it
is, so that nobody's folder has to be searched; whether the app is still shared says the app itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from limner.dialects.apps.records import NAME, App
from limner.graph.errors import DocumentError, LimnerError, StorageError
from limner.server.apps.store import AppStore
from limner.server.whole_files import store_whole

FOLDER = "shared-apps"


@dataclass(frozen=True)
class SharedApps:
    """What others share with one caller. Its methods block.

    Attributes:
        folder: Where it is written down who shares which name.
        owner: The caller.
        store_of: The apps of an owner.
    """

    folder: Path
    owner: str
    store_of: Callable[[str], AppStore]

    def find(self, name: str) -> tuple[App, Path] | None:
        """The last version of an app that somebody else shares, and the folder that it is in; None: nobody does."""
        author = self._author(name)
        return None if author in ("", self.owner) else self._shared(name, author)

    def all(self) -> Iterator[tuple[App, Path]]:
        """All that others share."""
        try:
            names = sorted(entry.name for entry in self.folder.iterdir())
        except OSError:
            return
        for name in names:
            found = self.find(name)
            if found is not None:
                yield found

    def check(self, name: str) -> None:
        """Refuses a name that somebody else shares.

        Raises:
            DocumentError: if it is taken.
        """
        if self.find(name) is not None:
            raise DocumentError(f"Somebody shares an app named {name!r} already. Give yours another name to share it.")

    def tell(self, app: App) -> None:
        """Writes down whether the caller shares an app.

        Raises:
            StorageError: if it cannot be written.
        """
        if app.declaration.shared:
            store_whole(self.folder / app.name, self.owner.encode())
        else:
            self.forget(app.name)

    def forget(self, name: str) -> None:
        """Nobody finds the caller's app of this name any more.

        Raises:
            StorageError: if that cannot be written.
        """
        if self._author(name) != self.owner:
            return
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"The app {name!r} is still shared ({error.strerror or error}).") from error

    def _author(self, name: str) -> str:
        if not NAME.fullmatch(name):
            return ""
        try:
            return (self.folder / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _shared(self, name: str, author: str) -> tuple[App, Path] | None:
        try:
            store = self.store_of(author)
            app = store.load(name)
        except LimnerError:
            return None  # Removed, or its author is gone.
        return (app, store.folder) if app.declaration.shared else None
