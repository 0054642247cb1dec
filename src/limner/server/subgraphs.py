"""Subgraphs that everybody may use: files that node packs bring, and the blueprints in the data folder."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.server.packs.folders import pack_folders
from limner.storage.folders import Folders

LARGEST = 64 << 20


@dataclass(frozen=True)
class GlobalSubgraph:
    """A file with a workflow whose one subgraph is offered.

    Attributes:
        id: SHA-256 of where it is from.
        source: ``custom_node`` or ``templates``.
        name: The file's name without its suffix.
        pack: The pack that brings it, or ``comfyui``.
        path: The file.
    """

    id: str
    source: str
    name: str
    pack: str
    path: Path

    def entry(self) -> dict[str, Any]:
        """What a list says of it."""
        return {"source": self.source, "name": self.name, "info": {"node_pack": self.pack}}


def global_subgraphs(folders: Folders) -> dict[str, GlobalSubgraph]:
    """All of them by id; reads folders."""
    return {found.id: found for found in _all(folders)}


def read_subgraph(found: GlobalSubgraph) -> str | None:
    """The file's text; None if it cannot be read."""
    try:
        if found.path.stat().st_size > LARGEST:
            return None
        return found.path.read_text("utf-8")
    except (OSError, UnicodeError):
        return None


def _all(folders: Folders) -> Iterator[GlobalSubgraph]:
    for pack, folder in pack_folders(folders).items():
        yield from _in(folder / "subgraphs", "custom_node", f"custom_nodes.{pack}", f"{pack}/subgraphs")
    yield from _in(folders.data / "blueprints", "templates", "comfyui", "blueprints")


def _in(folder: Path, source: str, pack: str, where: str) -> Iterator[GlobalSubgraph]:
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        name = hashlib.sha256(f"{where}/{path.name}".encode("utf-8", "replace")).hexdigest()
        yield GlobalSubgraph(name, source, path.stem, pack, path)
