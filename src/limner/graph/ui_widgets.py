"""Which widget value of a UI workflow belongs to which input.

A UI workflow keeps the values of a node in one array, in the order in which the page made its widgets, with entries
that are no inputs in between: what to do with a seed after a run, upload buttons, leftovers of older versions. What
each entry is follows from the node type and, where versions differ, from the entry itself.
"""

from collections.abc import Sequence
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.node_type import VALUE_TYPES, Input, NodeType
from limner.graph.ui_links import UiNode, read_constant

_AFTER_GENERATE = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
_SEEDS = frozenset({"seed", "noise_seed"})
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "animated_image_upload", "file_upload", "upload")
_BUTTONS = frozenset({"image", "video", "audio", "file", "upload"})


def widget_values(node: UiNode, kind: NodeType, catalog: Catalog, lists: Lists) -> dict[str, Any]:
    """Values of a node's widgets by input name. What the file lacks gets the default that a new node would have."""
    values = _named(node, kind) if node.named else _arranged(node.values, kind)
    for entry in _widgets(kind):
        if entry.name not in values:
            default = _default(entry, catalog, lists)
            if default is not None:
                values[entry.name] = default
    return values


def _named(node: UiNode, kind: NodeType) -> dict[str, Any]:
    known = [entry.name for entry in kind.inputs] + list(kind.hidden)
    return {name: read_constant(node.named[name]) for name in known if name in node.named}


def _ordered(kind: NodeType) -> list[Input]:
    """Inputs in the page's order: required ones first."""
    return sorted(kind.inputs, key=lambda entry: not entry.required)


def _is_forced(entry: Input) -> bool:
    return bool(entry.options.get("forceInput"))


def _widgets(kind: NodeType) -> list[Input]:
    return [entry for entry in _ordered(kind) if entry.type in VALUE_TYPES and not _is_forced(entry)]


def _arranged(written: Sequence[Any], kind: NodeType) -> dict[str, Any]:
    """Shares an array of values out.

    More values than places mean one of two things: the file is older than version 1.16 of the page, which kept a dummy
    for every socket that could have been a widget; or a pack's buttons left nulls. What fits without a rest is right.
    """
    places = _widgets(kind)
    every = [entry for entry in _ordered(kind) if entry.type in VALUE_TYPES]
    readings: list[tuple[Sequence[Any], list[Input | None]]] = [
        (written, [*places]),
        (written, [None if _is_forced(entry) else entry for entry in every]),
        ([value for value in written if value is not None], [*places]),
    ]
    shared = [_share(values, arranged) for values, arranged in readings]
    return next((values for values, left in shared if not left), shared[0][0])


def _share(written: Sequence[Any], places: Sequence[Input | None]) -> tuple[dict[str, Any], int]:
    """Gives each place its value, dropping entries that are no inputs; None is the place of a dummy.

    Returns:
        Values by input name, and how many entries were left over.
    """
    values: dict[str, Any] = {}
    rest = list(reversed(written))
    for number, entry in enumerate(places):
        if not rest:
            break
        value = rest.pop()
        if entry is None:
            continue
        values[entry.name] = read_constant(value)
        _drop_companions(entry, rest, len(places) - number - 1)
    if rest and any(_uploads(entry) for entry in places if entry) and _is_button(rest[0]):
        del rest[0]  # the button stands at the end where other widgets follow the file name
    return values, len(rest)


def _drop_companions(entry: Input, rest: list[Any], needed: int) -> None:
    """Drops what the page keeps right behind an input. ``rest`` is reversed; ``needed`` entries belong to others."""
    controlled = (entry.type == "INT" and entry.name in _SEEDS) or bool(entry.options.get("control_after_generate"))
    if controlled and rest and isinstance(rest[-1], str) and rest[-1] in _AFTER_GENERATE:
        rest.pop()
        if entry.type == "COMBO" and len(rest) > needed and isinstance(rest[-1], str):
            rest.pop()  # which of the choices may be drawn
    if _uploads(entry) and len(rest) > needed and _is_button(rest[-1]):
        rest.pop()


def _uploads(entry: Input) -> bool:
    return any(entry.options.get(option) for option in _UPLOADS)


def _is_button(value: Any) -> bool:
    """Whether a value is what an upload button may have left: its kind, or nothing."""
    return value is None or (isinstance(value, str) and value in _BUTTONS)


def _default(entry: Input, catalog: Catalog, lists: Lists) -> Any:
    if "default" in entry.options or entry.type != "COMBO":
        return entry.options.get("default")
    try:
        return next(iter(catalog.choices(entry, lists)), None)
    except (LimnerError, LookupError):  # a list that is not here: the check will say so
        return None
