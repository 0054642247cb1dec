"""Where node packs lie, and which of them are to be loaded. Loads no tensor library: prestartup scripts come first."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner.storage.folders import Folders

FOLDER = "custom_nodes"
OFF_SUFFIX = ".disabled"
PRESTARTUP = "prestartup_script.py"


@dataclass(frozen=True)
class Pack:
    """A folder, or a single file, with nodes.

    Attributes:
        name: Of the folder, or of the file without its suffix.
        path: Of the folder or file.
    """

    name: str
    path: Path

    @property
    def entry(self) -> Path:
        """The file that is imported."""
        return self.path / "__init__.py" if self.path.is_dir() else self.path

    @property
    def module(self) -> str:
        """The name that it is imported under: its path, made such that no dot parts it."""
        text = str(self.path)
        return text.replace(".", "_x_") if self.path.is_dir() else text.removesuffix(".py")

    @property
    def shown_module(self) -> str:
        """The module as clients are told."""
        return f"{FOLDER}.{self.name}"

    def stamp(self) -> str:
        """Changes when the pack's own files do."""
        files = [self.path, self.entry, self.path / PRESTARTUP, self.path / "pyproject.toml"]
        return ":".join(str(_changed(file)) for file in files)


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def pack_roots(folders: Folders) -> list[Path]:
    """The folders that are searched for packs: ``custom_nodes`` of the data folder, then those of extra paths."""
    return list(dict.fromkeys([folders.data / FOLDER, *folders.extra.get(FOLDER, ())]))


def find_packs(roots: Sequence[Path], *, switched_off: bool = False) -> list[Pack]:
    """Packs in the order in which the system lists them, root by root; a name that comes twice counts once.

    Args:
        roots: Folders to search.
        switched_off: Those whose name ends in ``.disabled`` instead.
    """
    found: dict[str, Pack] = {}
    for root in roots:
        for path in root.iterdir() if root.is_dir() else ():
            entry = path.name
            if entry.startswith(".") or entry == "__pycache__" or entry.endswith(OFF_SUFFIX) != switched_off:
                continue
            bare = entry.removesuffix(OFF_SUFFIX)
            if path.is_dir() or bare.endswith(".py"):
                name = bare if path.is_dir() else bare.removesuffix(".py")
                found.setdefault(name, Pack(name, path))
    return list(found.values())


class PackRecord:
    """What is remembered of packs from one start to the next: which are switched off, which was being imported.

    A pack that ends the process while it is imported cannot say so; the note that it was being imported does.

    Args:
        folder: Where the notes lie.
    """

    def __init__(self, folder: Path) -> None:
        self._off_file, self._importing_file = folder / "off.json", folder / "importing.json"

    def switched_off(self) -> dict[str, str]:
        """Reasons by the name of the pack."""
        return {name: str(entry.get("reason", "")) for name, entry in self._read(self._off_file).items()}

    def reason(self, pack: Pack) -> str | None:
        """Why a pack is switched off, or None; one whose files changed since is given another chance."""
        entry = self._read(self._off_file).get(pack.name)
        if entry is None or entry.get("stamp") != pack.stamp():
            return None
        return str(entry.get("reason", "switched off"))

    def switch_off(self, pack: Pack, reason: str) -> None:
        """Keeps a pack from being loaded until its files change or ``switch_on``."""
        entries = self._read(self._off_file)
        entries[pack.name] = {"reason": reason, "stamp": pack.stamp(), "time": int(time.time())}
        self._write(self._off_file, entries)

    def switch_on(self, name: str) -> bool:
        """Loads a pack again at the next start; whether it was switched off."""
        entries = self._read(self._off_file)
        known = entries.pop(name, None) is not None
        if known:
            self._write(self._off_file, entries)
        return known

    def begin(self, pack: Pack) -> None:
        """Notes that a pack is being imported."""
        self._write(self._importing_file, {"name": pack.name, "path": str(pack.path), "process": os.getpid()})

    def end(self) -> None:
        """Notes that none is."""
        self._importing_file.unlink(missing_ok=True)

    def blame(self, packs: Collection[Pack]) -> Pack | None:
        """The pack that the last process was importing when it ended; it is switched off from now on."""
        note = self._read(self._importing_file)
        self.end()
        guilty = next((pack for pack in packs if str(pack.path) == note.get("path")), None)
        if guilty is not None:
            reason = "Its import ended the whole process: a crash in native code, or an exit. Mend it, then enable it."
            self.switch_off(guilty, reason)
        return guilty

    def _read(self, file: Path) -> dict[str, Any]:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, file: Path, content: Mapping[str, Any]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        fresh.replace(file)


def record_of(folders: Folders) -> PackRecord:
    """The record that belongs to a data folder."""
    return PackRecord(folders.data / "packs")
