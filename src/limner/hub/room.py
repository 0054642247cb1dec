"""Room on disks: what is planned before anything is fetched, and what is said when there is none."""

import errno
import os
import shutil
from pathlib import Path

from limner.hub.refusal import PullError

RESERVE = 256 << 20
"""Bytes that stay free, for everything else that runs."""


def free_bytes(folder: Path) -> int:
    """Bytes that are free where a folder is or will be."""
    return shutil.disk_usage(existing(folder)).free


def disk_of(folder: Path) -> int:
    """Number of the file system that a folder is or will be on."""
    return existing(folder).stat().st_dev


def existing(folder: Path) -> Path:
    """The nearest folder above that exists."""
    return next((above for above in (folder, *folder.parents) if above.is_dir()), folder)


def check_room(folder: Path, wanted: int, what: str) -> None:
    """Refuses what would fill a disk.

    Raises:
        PullError: says how much is needed and how much there is.
    """
    free = free_bytes(folder)
    if wanted + RESERVE > free:
        raise PullError(
            "no_space",
            f"{what} needs {in_words(wanted)} in {folder}, and only {in_words(free)} are free there, of which "
            f"{in_words(RESERVE)} stay free. Make room, or name a model folder on another disk with --models DIR.",
        )


def in_words(count: int) -> str:
    """A count of bytes for people, in decimal units."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit in ("bytes", "kB") or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{count}"


def unwritable(path: Path, error: OSError) -> PullError:
    """What to say when a file cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PullError(
            "no_space", f"There is no room left for {path}. What has arrived is kept: make room, pull again."
        )
    return PullError("invalid", f"{path} cannot be written ({os.strerror(error.errno or 0)}). Look at its permissions.")
