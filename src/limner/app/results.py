"""The files that a run leaves: what its nodes saved, or, if they saved nothing, the previews that they showed."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from limner.media.files import write_new
from limner.media.series import Series
from limner.storage.folders import Folders, resolve

NUMBERED = re.compile(r"(.+)_\d+_(\.\w+)")
"""A file's name as SaveImage gives it: ``ComfyUI_00001_.png``."""


def results_of(outputs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, str]]:
    """Which files somebody who ran a workflow expects to have then.

    Args:
        outputs: What nodes told the page: lists of files by kind (``images``, ``audio`` ...) among other things.

    Returns:
        The saved files. Those of previews if nothing was saved: a workflow that only shows pictures was run for them.
    """
    files = [
        item
        for ui in outputs
        for values in ui.values()
        if isinstance(values, (list, tuple))
        for item in values
        if isinstance(item, Mapping) and "filename" in item
    ]
    return _of_type(files, "output") or _of_type(files, "temp")


def _of_type(files: Iterable[Mapping[str, str]], kind: str) -> list[Mapping[str, str]]:
    return [file for file in files if file.get("type") == kind]


def kept_here(folders: Folders, file: Mapping[str, str]) -> str:
    """Where a result lies on this machine; a preview is copied to the saved pictures first.

    Raises:
        StorageError: if it cannot be kept.
    """
    place = folders.of_type(file["type"]) / file.get("subfolder", "") / file["filename"]
    if file["type"] == "output":
        return str(place)
    return str(save_fetched(folders.output, file, place.read_bytes()))


def save_fetched(out: Path, file: Mapping[str, str], data: bytes) -> Path:
    """Saves a file under the name that it came with, or under the next number if another has that name already.

    Raises:
        StorageError: if the name would leave the folder, or the file cannot be kept.
    """
    folder = resolve(out, file["subfolder"]) if file.get("subfolder") else out
    path = resolve(folder, file["filename"])
    if write_new(path, data) or path.read_bytes() == data:
        return path
    parts = NUMBERED.fullmatch(path.name)
    stem, suffix = parts.groups() if parts else (path.stem, path.suffix)
    return path.with_name(Series(path.parent, stem).save(data, suffix))
