"""Writes new files whole or not at all, and never over an existing one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from limner.graph.errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)


def write_new(path: Path, data: bytes, *, durable: bool = True) -> bool:
    """Puts bytes into a file that does not exist yet.

    A reader sees the whole file or none: the bytes are written beside it under another name and then linked.

    Args:
        path: The file; missing folders are made.
        data: Its content.
        durable: Whether to wait until the bytes are on the disk.

    Returns:
        False, with nothing changed, if the name is taken.

    Raises:
        StorageError: if the bytes cannot be kept (disk full, folder not writable); nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = _write_beside(path.parent, data, durable)
        try:
            return _take_name(beside, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()
    except OSError as error:
        raise StorageError(_explain(path, len(data), error)) from error


def write_new_through(path: Path, write: Callable[[Path], None]) -> bool:
    """The same for content that is too large to be held as bytes.

    Args:
        path: The file; missing folders are made.
        write: Writes the content into a file that it is given.

    Returns:
        False, with nothing changed, if the name is taken.

    Raises:
        StorageError: if it cannot be kept; nothing is left behind.
    """
    if path.exists():
        return False
    beside = path.parent / f".limner-{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        return _take_name(beside, path)
    except OSError as error:
        raise StorageError(_explain(path, _size(beside), error)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _write_beside(folder: Path, data: bytes, durable: bool) -> Path:
    beside = folder / f".limner-{secrets.token_hex(8)}.part"
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return beside


def _take_name(beside: Path, path: Path) -> bool:
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return _claim_and_replace(beside, path)
    return True


def _claim_and_replace(beside: Path, path: Path) -> bool:
    """For file systems without hard links: an empty file claims the name, then is replaced."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    try:
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return True


def _explain(path: Path, size: int, error: OSError) -> str:
    what = f"{path} ({size:,} bytes) could not be saved"
    if error.errno in FULL:
        return f"{what}: the disk is full. Free some space, or choose an output folder on another disk; then run again."
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return f"{what}: the folder is not writable ({error.strerror}). Change its rights or choose another folder."
    return f"{what}: {error.strerror or error}."
