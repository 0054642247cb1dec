"""The folders of owners, made when an owner comes for the first time."""

from collections.abc import Callable
from pathlib import Path

from limner.graph.errors import StorageError
from limner.storage.folders import ONLY_OWNER, Folders


class OwnerFolders:
    """Knows whose folders are there. Safe for any number of threads: making one twice is making it once.

    Args:
        folders: Everybody's; owners' own are found from there.
        prepare: Puts into a person's folder what a front end looks for there; None: there is none.
    """

    def __init__(self, folders: Folders, prepare: Callable[[Path], None] | None = None) -> None:
        self._folders, self._prepare = folders, prepare
        self._made = {ONLY_OWNER}

    def has(self, owner: str) -> bool:
        """Whether an owner's folders are there."""
        return owner in self._made

    def make(self, owner: str) -> None:
        """Makes an owner's folders.

        Raises:
            StorageError: if that cannot be done.
        """
        own = self._folders.of_owner(owner)
        try:
            for folder in (own.input, own.output, own.temp, own.user):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"No folders for {owner!r} can be made ({error.strerror}).") from error
        if self._prepare is not None:
            self._prepare(own.user / ONLY_OWNER)
        self._made.add(owner)
