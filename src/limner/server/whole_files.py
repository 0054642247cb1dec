"""Writes files whole or not at all: beside their place first, then put there at once."""

import errno
import os
import secrets
import shutil
from pathlib import Path

from limner.graph.errors import StorageError

UNFINISHED = ".saving-"
"""How names of files begin that are not in their place yet."""


def write_whole(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """Writes a file and the folders above it; what was there before stays as it was if anything goes wrong.

    Raises:
        FileExistsError: if something has the name and must not be overwritten.
        OSError: if it cannot be written.
    """
    make_folder(path.parent)
    beside = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(beside, path, overwrite=overwrite)
    finally:
        beside.unlink(missing_ok=True)


def store_whole(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """The same, for those who ask for it by a request.

    Raises:
        FileExistsError: if something has the name and must not be overwritten.
        StorageError: if it cannot be written.
    """
    try:
        write_whole(path, data, overwrite=overwrite)
    except FileExistsError:
        raise
    except OSError as error:
        told = error.strerror or error
        raise StorageError(f"{path.name!r:.100} cannot be stored ({told}); nothing of it was kept.") from error


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, if they are not there.

    Raises:
        NotADirectoryError: if a file is in the way.
        OSError: if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, "a file has the folder's name", str(folder)) from error


def put_in_place(file: Path, target: Path, *, overwrite: bool) -> None:
    """Gives a file another name, so that nobody sees half of it. Others may try the same name at the same time.

    Raises:
        FileExistsError: if something has the name and must not be overwritten.
        OSError: if it cannot be done.
    """
    if overwrite:
        _replace(file, target)
        return
    try:
        os.link(file, target)
    except FileExistsError:
        raise
    except OSError:  # Another file system, or one without links.
        if target.exists():
            raise FileExistsError(str(target)) from None
        _replace(file, target)
    else:
        file.unlink(missing_ok=True)


def _replace(file: Path, target: Path) -> None:
    try:
        file.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
        try:
            shutil.copyfile(file, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
