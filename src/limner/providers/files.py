"""Files that nodes of a graph tell of, wherever the graph ran."""

from collections.abc import Iterator, Mapping
from typing import Any

PARTS = ("filename", "subfolder", "type")


def files_in(ui: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The files that a node told clients of: images, films, sounds, latents."""
    for entries in ui.values():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("filename"), str):
                yield {part: str(entry.get(part) or "") for part in PARTS}


def first_file(ui: Mapping[str, Any]) -> dict[str, str] | None:
    """The first of them, if there is any."""
    return next(files_in(ui), None)


def file_key(file: Mapping[str, Any]) -> str:
    """One text for one file."""
    return "/".join(str(file.get(part) or "") for part in ("type", "subfolder", "filename"))
