"""What happens when a pack asks the host modules for something that they do not have.

The error names pack, module and name, and what was asked for is remembered, so that a report can list it even where
the pack caught the error.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

ABSENT = frozenset({"comfy_api_nodes", "comfy_config", "comfyui_version", "comfy_kitchen", "comfy_angle"})
"""Top-level modules of ComfyUI that have no counterpart here."""

QUIET = frozenset({"__path__", "__wrapped__", "__file__", "__spec__", "__loader__", "__all__"})
"""Names that Python and its tools look for in every module."""


class _Asked:
    """What packs asked for in vain while they were loaded: the pack that is loaded just now, and names by pack."""

    def __init__(self) -> None:
        self.loading: str | None = None
        self.names: dict[str, dict[str, None]] = {}

    def note(self, name: str) -> str:
        pack = self.loading or _calling_pack()
        self.names.setdefault(pack, {})[name] = None
        return pack


_ASKED = _Asked()


@contextmanager
def loading(pack: str) -> Iterator[None]:
    """Marks the block as the import of a pack."""
    before, _ASKED.loading = _ASKED.loading, pack
    try:
        yield
    finally:
        _ASKED.loading = before


def missing_names(pack: str) -> tuple[str, ...]:
    """What a pack asked for in vain, ``module.name``, in order."""
    return tuple(_ASKED.names.get(pack, ()))


def absent(module: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``.

    Args:
        module: The module's name.
    """

    def look_up(name: str) -> Any:
        if name in QUIET or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        pack = _ASKED.note(f"{module}.{name}")
        raise AttributeError(
            f"Node pack {pack} asks for {module}.{name}, which Limner's host modules do not have. Only what needs it "
            "fails; please report it."
        )

    return look_up


def _calling_pack() -> str:
    """The pack whose code asks, found by its file among the callers."""
    frame = sys._getframe(2)
    while frame is not None:
        parts = Path(frame.f_code.co_filename).parts
        if "custom_nodes" in parts[:-1]:
            return parts[parts.index("custom_nodes") + 1].removesuffix(".py")
        frame = frame.f_back
    return "(unknown)"


class _Finder(importlib.abc.MetaPathFinder):
    """The last finder: explains that a host module does not exist."""

    def __init__(self, roots: frozenset[str]) -> None:
        self._roots = roots

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in self._roots or fullname.rpartition(".")[2].startswith("__"):
            return None
        pack = _ASKED.note(fullname)
        raise ModuleNotFoundError(
            f"Node pack {pack} imports {fullname}, which Limner's host modules do not have. Only this pack is "
            "concerned; please report it.",
            name=fullname,
        )


def forbid_missing(surface: Path, made: importlib.abc.MetaPathFinder) -> None:
    """Explains imports of host modules that do not exist, from now on.

    Args:
        surface: The folder of host modules.
        made: Finds those that have no file there.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.append(made)
    present = {entry.stem for entry in surface.iterdir() if entry.suffix == ".py" or entry.is_dir()}
    packages = frozenset(name for name in present if name.startswith("comfy") or name in ("app", "api_server"))
    sys.meta_path.append(_Finder(packages | ABSENT))
