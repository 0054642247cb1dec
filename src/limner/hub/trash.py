"""Removed models wait in a folder ``.trash`` beside the model folders, on the same disk, until somebody empties it."""

import shutil
import time
from pathlib import Path

from limner.hub.holdings import Holding, Holdings
from limner.hub.refusal import PullError
from limner.hub.room import unwritable
from limner.storage.folders import Folders

TRASH = ".trash"


def remove(holdings: Holdings, held: Holding, *, force: bool) -> Path | None:
    """Removes a file: into the trash, or for good; gives its new place, or None.

    Raises:
        PullError: if it is another program's and that was not forced, or it cannot be done.
    """
    if not held.is_own and not force:
        raise PullError(
            "invalid",
            f"{held.path} is in another program's folder, which is used by reference. Remove it there, or add --force "
            "to delete it for good.",
        )
    root = _root(holdings.folders, held.path)
    try:
        if force or root is None:
            held.path.unlink()
            place = None
        else:
            place = root / TRASH / time.strftime("%Y%m%d-%H%M%S") / held.path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            held.path.rename(place)
    except OSError as error:
        raise unwritable(held.path, error) from error
    holdings.records.forget(held.path)
    return place


def trashed(folders: Folders) -> list[Path]:
    """The files in the trash of all model roots."""
    bins = [root / TRASH for root in _roots(folders)]
    return sorted(path for place in bins if place.is_dir() for path in place.rglob("*") if path.is_file())


def empty_trash(folders: Folders) -> int:
    """Deletes what is in the trash; gives how many bytes that were.

    Raises:
        PullError: if it cannot be done.
    """
    freed = sum(path.lstat().st_size for path in trashed(folders))
    for root in _roots(folders):
        if (root / TRASH).is_dir():
            try:
                shutil.rmtree(root / TRASH)
            except OSError as error:
                raise unwritable(root / TRASH, error) from error
    return freed


def _roots(folders: Folders) -> tuple[Path, ...]:
    return (*folders.model_roots, folders.output)


def _root(folders: Folders, path: Path) -> Path | None:
    return next((root for root in _roots(folders) if path.is_relative_to(root)), None)
