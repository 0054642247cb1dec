"""App mode of a UI workflow: which widgets and which outputs people see who only use it.

The page keeps it in the document under ``extra.linearMode`` and ``extra.linearData``; such files end in ``.app.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN, _DATA = "linearMode", "linearData"


@dataclass(frozen=True)
class AppInput:
    """A widget that people see: of which node (``12:3`` inside a subgraph), its name, and its height in pixels."""

    node: str
    widget: str
    height: float | None = None


@dataclass(frozen=True)
class AppMode:
    """What people see of a workflow. ``is_open``: whether the page shows it as an app when it opens the file."""

    inputs: tuple[AppInput, ...] = ()
    outputs: tuple[str, ...] = ()
    is_open: bool = False


def read_app_mode(document: Mapping[str, Any]) -> AppMode | None:
    """The app mode of a UI workflow, or None if it has none. Entries that cannot be read are left out."""
    extra = document.get("extra")
    data = extra.get(_DATA) if isinstance(extra, Mapping) else None
    if not isinstance(extra, Mapping) or (not isinstance(data, Mapping) and _SHOWN not in extra):
        return None
    written = data if isinstance(data, Mapping) else {}
    inputs = [_input(entry) for entry in _list(written.get("inputs"))]
    outputs = [str(entry) for entry in _list(written.get("outputs")) if isinstance(entry, int | str)]
    return AppMode(tuple(entry for entry in inputs if entry), tuple(outputs), extra.get(_SHOWN) is True)


def with_app_mode(document: Mapping[str, Any], mode: AppMode) -> dict[str, Any]:
    """The document with another app mode; everything else in it stays."""
    extra = document.get("extra")
    data = {"inputs": [_entry(entry) for entry in mode.inputs], "outputs": [_id(name) for name in mode.outputs]}
    kept = dict(extra) if isinstance(extra, Mapping) else {}
    return {**document, "extra": {**kept, _SHOWN: mode.is_open, _DATA: data}}


def _input(entry: Any) -> AppInput | None:
    parts = _list(entry)
    if len(parts) < 2 or not isinstance(parts[0], int | str) or not isinstance(parts[1], str):
        return None
    height = parts[2].get("height") if len(parts) > 2 and isinstance(parts[2], Mapping) else None
    return AppInput(str(parts[0]), parts[1], height if isinstance(height, int | float) else None)


def _entry(entry: AppInput) -> list[Any]:
    return [_id(entry.node), entry.widget, *([] if entry.height is None else [{"height": entry.height}])]


def _id(name: str) -> int | str:
    """A node's id as the page writes it: a number where it is one."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 16 else name


def _list(written: Any) -> list[Any]:
    return written if isinstance(written, list) else []
