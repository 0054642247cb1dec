"""The trash: a folder below the output folder, out of which files come back to where they lay.

A file and what is known of it cannot be moved in one step. So the index says first that a file goes to the trash, and
last that it is back: whenever the server dies in between, a file that should lie in the trash lies where it was, and
``mend_trash`` finds it there.
"""

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from limner.graph.errors import StorageError
from limner.server.gallery.library import OUTPUT, Gallery
from limner.server.whole_files import make_folder, put_in_place
from limner.storage.asset_scan import locate
from limner.storage.folders import resolve
from limner.storage.gallery_records import TRASH, TRASH_DAYS, Entry, Search, State

DAY = 86_400_000

LIKELY = 20
"""Names beside its own among which a file is looked for that was on its way back."""

LOG = logging.getLogger(__name__)


def throw_away(gallery: Gallery, keys: Sequence[str]) -> list[str]:
    """Moves files to the trash; gives the ids of those that lie there now. Blocks.

    Raises:
        StorageError: if one cannot be moved; those before it were.
    """
    thrown = []
    for entry in entries_of(gallery, keys):
        if entry.state != State.HERE:
            continue
        source = gallery.path(entry)
        if source is None:
            gallery.index.settle_one(entry.number, State.GONE)
            continue
        name = f"{TRASH}/{secrets.token_hex(6)}-{entry.name}"
        gallery.index.trashed(entry.number, name, entry.path)
        try:
            _move(source, resolve(gallery.folders.output, name))
        except StorageError:
            gallery.index.restored(entry.number, entry.path)
            raise
        thrown.append(entry.key)
    return thrown


def restore(gallery: Gallery, keys: Sequence[str]) -> list[str]:
    """Brings files back to where they lay, or under a free name beside what lies there now; gives their ids. Blocks.

    Raises:
        StorageError: if one cannot be moved; those before it were.
    """
    back = []
    for entry in entries_of(gallery, keys):
        source = gallery.path(entry) if entry.state == State.TRASHED else None
        if source is None:
            continue
        gallery.index.restored(entry.number, _put_back(gallery.folders.output, source, entry.home or entry.name))
        back.append(entry.key)
    return back


def mend_trash(gallery: Gallery) -> None:
    """Ends what the server's death left half done; before the folder is looked through. Blocks."""
    for entry in entries_of(gallery, gallery.index.keys(Search(trash=True), -1)):
        thrown = gallery.path(entry)
        home = next((name for name in _homes(entry) if _is_same(gallery, name, entry)), None)
        if home is None:
            continue
        if thrown is None:
            gallery.index.restored(entry.number, home)
        elif (twin := locate(gallery.folders, OUTPUT, home)) is not None and twin.samefile(thrown):
            twin.unlink(missing_ok=True)  # a file with both names: it was on its way


def _homes(entry: Entry) -> Iterator[str]:
    """Where a file may lie that is on its way to the trash, or out of it."""
    path = PurePosixPath(entry.home or entry.name)
    yield str(path)
    yield from (str(path.with_name(f"{path.stem} ({number}){path.suffix}")) for number in range(1, LIKELY))


def _is_same(gallery: Gallery, name: str, entry: Entry) -> bool:
    path = locate(gallery.folders, OUTPUT, name)
    if path is None:
        return False
    found = path.stat()
    return (found.st_size, found.st_mtime_ns) == (entry.size, entry.modified)


def empty_trash(gallery: Gallery, keys: Sequence[str] | None = None) -> int:
    """Removes what lies in the trash for ever, all of it or these; gives how many files. Blocks."""
    chosen = entries_of(gallery, gallery.index.keys(Search(trash=True), -1) if keys is None else keys)
    return _remove(gallery, [entry for entry in chosen if entry.state == State.TRASHED])


def remove_old(gallery: Gallery) -> int:
    """Removes what went to the trash long ago; gives how many files. Blocks."""
    return _remove(gallery, gallery.index.old_trash(time.time_ns() // 1_000_000 - TRASH_DAYS * DAY))


def entries_of(gallery: Gallery, keys: Sequence[str]) -> Iterator[Entry]:
    """Files by their ids; those that are not there are left out."""
    for key in keys:
        entry = gallery.index.get(key)
        if entry is not None:
            yield entry


def _remove(gallery: Gallery, entries: Sequence[Entry]) -> int:
    gone = []
    for entry in entries:
        path = gallery.path(entry)
        try:
            if path is not None:
                path.unlink(missing_ok=True)
        except OSError as error:
            LOG.warning("%s stays in the trash: %s", entry.name, error)
            continue
        gone.append(entry.number)
    gallery.index.remove(gone)
    return len(gone)


def _move(source: Path, target: Path) -> None:
    try:
        make_folder(target.parent)
        put_in_place(source, target, overwrite=False)
    except OSError as error:
        raise StorageError(f"{source.name!r:.100} cannot be moved ({error.strerror or error}).") from error


def _put_back(output: Path, source: Path, home: str) -> str:
    """Moves a file to its old name, or the next free one; gives that."""
    path = PurePosixPath(home)
    for number in range(10_000):
        name = home if number == 0 else str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        try:
            target = resolve(output, name)
            make_folder(target.parent)
            put_in_place(source, target, overwrite=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise StorageError(f"{path.name!r:.100} cannot be brought back ({error.strerror or error}).") from error
        return name
    raise StorageError(f"No free name like {path.name!r:.100} is left in its folder.")
