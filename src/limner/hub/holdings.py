"""The model files that there are: found by name, by kind, and by what is in them."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from limner.graph.errors import LimnerError, UnknownNameError
from limner.hub.digests import Digests, Stopped, digests_of, never
from limner.hub.kinds import UNFETCHED
from limner.hub.records import Records
from limner.storage.folders import Folders

Asked = Callable[[Path], Stopped | None]
"""Is told that a file is read now, which may take a while; may give what says whether to stop."""


def unasked(path: Path) -> None:
    """Tells nobody, and does not stop."""


@dataclass(frozen=True)
class Holding:
    """A model file: its kind, its name in workflows, where it lies, and whether its folder is one of our own."""

    kind: str
    name: str
    path: Path
    is_own: bool


class Holdings:
    """The model files in all folders.

    Args:
        folders: Where they are.
        records: What is known of them.
    """

    def __init__(self, folders: Folders, records: Records) -> None:
        self.folders, self.records = folders, records

    def __iter__(self) -> Iterator[Holding]:
        """All of them, those in several folders of a kind once, without built-in ones."""
        for kind in self.folders.kinds():
            if kind in UNFETCHED:
                continue
            for name in self.folders.list(kind):
                found = self._holding(kind, name)
                if found is not None:
                    yield found

    def find(self, name: str) -> Holding:
        """The file of a name as workflows write it, ``kind/name``, or at a path.

        Raises:
            UnknownNameError: if there is none, or several kinds have one.
        """
        everything = list(self)
        matching = [held for held in everything if name in (held.name, f"{held.kind}/{held.name}", str(held.path))]
        paths = {held.path for held in matching}
        if len(paths) == 1:
            return matching[0]
        if not matching:
            known = [held.name for held in everything]
            raise UnknownNameError("model file", name, known, "`limner models list` shows what there is.")
        several = ", ".join(f"{held.kind}/{held.name}" for held in matching)
        raise UnknownNameError("single model file", name, [], f"Say which: {several}.")

    def digests(self, path: Path, asked: Asked = unasked) -> Digests:
        """The digests of a file; read if they are not known.

        Raises:
            OSError: if it cannot be read.
            InterruptedRun: if it was stopped.
        """
        known = self.records.digests_of(path)
        if known is not None:
            return known
        found = digests_of(path, asked(path) or never)
        self.records.note(path, found)
        return found

    def with_content(self, sha256: str, size: int | None, asked: Asked = unasked) -> Path | None:
        """A file with this digest in any model folder; None if there is none.

        Cost: one stat a file; files of this very size whose digests are not known are read.
        """
        places = {held.path for held in self}
        for record in self.records.with_sha256(sha256):
            if record.path in places:
                return record.path
        for path in places if size is not None else ():
            with contextlib.suppress(OSError):
                if path.stat().st_size == size and self.digests(path, asked).sha256 == sha256:
                    return path
        return None

    def _holding(self, kind: str, name: str) -> Holding | None:
        """None for built-in files and for links to nothing."""
        with contextlib.suppress(LimnerError, OSError):
            path = self.folders.find(kind, name)
            if path not in self.folders.builtin.get(kind, {}).values():
                own = any(path.is_relative_to(root) for root in (*self.folders.model_roots, self.folders.output))
                return Holding(kind, name, path, own)
        return None
