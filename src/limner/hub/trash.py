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


def restore(folders: Folders, place: Path) -> Path:
    """Puts a file from the trash back to where it was; gives that place.

    Raises:
        PullError: if it is not in the trash, something has its name by now, or it cannot be done.
    """
    if place not in trashed(folders):
        raise PullError("unknown", f"{place.name} is not in the trash any more.")
    target = home_of(folders, place)
    if target.exists():
        raise PullError("exists", f"{target} is there again. Rename or remove that file first.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place.rename(target)
    except OSError as error:
        raise unwritable(target, error) from error
    return target


def home_of(folders: Folders, place: Path) -> Path:
    """Where a file in the trash was before."""
    root = next(root for root in _roots(folders) if place.is_relative_to(root / TRASH))
    return root.joinpath(*place.relative_to(root / TRASH).parts[1:])


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
