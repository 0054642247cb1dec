"""Lists that change while the server runs: model files by kind, pictures in the input folder.

A list is read again only when a folder under its roots has another modification time. A change within the file
system's clock tick would not show in it, so folders that changed within ``TRUSTED`` seconds are always read again.
"""

import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from limner.storage.folders import Folders, pictures

INPUT_PICTURES = "input pictures"
"""Name of the list of pictures in the input folder."""

INPUT_LATENTS = "input latents"
"""Name of the list of saved latents in the input folder."""

TRUSTED = 2.0


@dataclass(frozen=True)
class _Held:
    names: tuple[str, ...]
    folders: tuple[tuple[str, int], ...]
    read: float
    roots: tuple[Path, ...] = ()


class FolderLists:
    """Looks lists up in folders. May be called from any thread. Cost: one stat a folder when nothing changed."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str) -> Sequence[str]:
        """The entries of a list now.

        Raises:
            UnknownNameError: for a name that is neither ``input pictures``, ``input latents`` nor a model kind.
        """
        with self._lock:
            held = self._held.get(name)
            if held is None or not self._is_current(name, held):
                held = self._read(name)
                self._held[name] = held
            return held.names

    def _is_current(self, name: str, held: _Held) -> bool:
        """Whether nothing changed; folders may have been added or taken away meanwhile, too."""
        same = not held.roots or held.roots == tuple(self._folders.roots(name))
        return same and _is_current(held)

    def _read(self, name: str) -> _Held:
        began = time.time()
        if name == INPUT_PICTURES:
            watched = _stamps([self._folders.input])
            return _Held(tuple(pictures(self._folders.input)), watched, began)
        if name == INPUT_LATENTS:
            watched = _stamps([self._folders.input])
            return _Held(tuple(sorted(path.name for path in self._folders.input.glob("*.latent"))), watched, began)
        roots = self._folders.roots(name)
        watched = _stamps(folder for root in roots for folder in _walk(root))
        return _Held(tuple(self._folders.list(name)), watched, began, tuple(roots))


def _is_current(held: _Held) -> bool:
    newest = max((stamp for _, stamp in held.folders), default=0)
    if held.read - newest / 1e9 < TRUSTED:
        return False
    return all(_stamp(folder) == stamp for folder, stamp in held.folders)


def _walk(root: Path) -> list[Path]:
    """A root and the folders below it."""
    return [root, *(Path(folder) for folder, _, _ in os.walk(root, followlinks=True) if folder != str(root))]


def _stamps(folders: Iterable[Path]) -> tuple[tuple[str, int], ...]:
    return tuple((str(folder), _stamp(str(folder))) for folder in folders)


def _stamp(folder: str) -> int:
    """Modification time in nanoseconds; 0 for a folder that does not exist."""
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0
