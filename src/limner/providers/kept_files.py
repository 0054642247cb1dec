"""Files that came from other services, put into the folders of this one."""

import contextlib
import os
import secrets
from pathlib import Path

from limner.graph.errors import StorageError
from limner.storage.folders import Folders, resolve

MOST_NAMES = 10_000


def keep_file(folders: Folders, key: str, content: bytes) -> dict[str, str]:
    """Puts a file beside those that were made here, under its own name or one like it; nothing is overwritten.

    Args:
        folders: Of the job's owner.
        key: Type, subfolder and name as the service says them; see ``file_key``.
        content: The file.

    Returns:
        What clients are told: ``filename``, ``subfolder``, ``type``.

    Raises:
        StorageError: if it cannot be kept, or its name leaves the folder.
    """
    kind, _, rest = key.partition("/")
    kind = "temp" if kind == "temp" else "output"
    subfolder, _, name = rest.strip("/").rpartition("/")
    root = folders.of_type(kind)
    folder = resolve(root, subfolder) if subfolder else root
    wanted = resolve(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = _put(folder, wanted, content)
    except OSError as error:
        raise StorageError(f"{wanted} cannot be written ({error.strerror or error}). Is the disk full?") from error
    return {"filename": taken.name, "subfolder": subfolder, "type": kind}


def _put(folder: Path, wanted: Path, content: bytes) -> Path:
    """Writes a file whole, then gives it the first name that is free."""
    beside = folder / f".limner-{secrets.token_hex(8)}.part"
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        for number in range(MOST_NAMES):
            path = wanted.with_stem(f"{wanted.stem}-{number + 1}") if number else wanted
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)
                return path
    finally:
        beside.unlink(missing_ok=True)
    raise StorageError(f"{wanted} and {MOST_NAMES} names like it are taken. Empty {folder}.")
