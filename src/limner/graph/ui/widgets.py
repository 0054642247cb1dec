"""Which widget value of a UI workflow belongs to which input.

A UI workflow keeps the values of a node in one array, in the order in which the page made its widgets, with entries
that are no inputs in between: what to do with a seed after a run, upload buttons, leftovers of older versions. What
each entry is follows from the node type and, where versions differ, from the entry itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError
from limner.graph.node_type import VALUE_TYPES, NodeType
from limner.graph.ui.nodes import UiNode, read_constant, socket_type
from limner.graph.ui.places import DYNAMIC, Place, own_inputs, places_of

_AFTER_GENERATE = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
_SEEDS = frozenset({"seed", "noise_seed"})
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "animated_image_upload", "file_upload", "upload")
_BUTTONS = frozenset({"image", "video", "audio", "file", "upload"})
_NO_INPUTS = frozenset({"control_after_generate", "upload", "videopreview", "audioUI"})


@dataclass(frozen=True)
class Reading:
    """One way to read an array of values.

    Attributes:
        names: For each entry of the array the input that it belongs to, or None.
        left: How many entries had no place.
        misfits: How many are not of their input's type.
    """

    names: tuple[str | None, ...]
    left: int = 0
    misfits: int = 0


def widget_values(node: UiNode, kind: NodeType | None, catalog: Catalog, lists: Lists) -> dict[str, Any]:
    """Values of a node's widgets by input name. What the file lacks gets the default that a new node would have.

    Of a node whose type is unknown come the values that its file names.
    """
    if kind is None:
        return _unknown_values(node)
    values = {name: read_constant(value) for name, value in _written(node, kind).items() if _belongs(name, kind)}
    values |= {name: read_constant(value) for name, value in node.given.items() if _belongs(name, kind)}
    for entry in own_inputs(kind):
        absent = values.get(entry.name) is None and (entry.type != "COMBO" or entry.name not in values)
        if absent and entry.type in VALUE_TYPES and not entry.options.get("forceInput"):
            default = _default(entry.name, kind, catalog, lists)
            if default is not None:
                values[entry.name] = default
    return values


def read_array(node: UiNode, kind: NodeType | None) -> Reading:
    """Says what each entry of a node's array is, as far as that can be told."""
    if kind is None:
        places = [Place(entry["name"], socket_type(entry.get("type"))) for entry in node.widget_inputs()]
        reading = share(node.values, places)
        return reading if places and not reading.left else Reading((None,) * len(node.values), len(node.values))
    readings = [
        share(node.values, places_of(kind, node)),
        share(node.values, places_of(kind, node, forced=True)),
        _without_nulls(node.values, places_of(kind, node)),
    ]
    return min(readings, key=lambda reading: (reading.left > 0, reading.misfits))


def share(written: Sequence[Any], places: Sequence[Place]) -> Reading:
    """Gives each place its entry. Entries that are no inputs (see the module) are passed over."""
    names: list[str | None] = []
    rest = list(reversed(places))
    misfits = 0
    uploads = False
    while rest and len(names) < len(written):
        place = rest.pop()
        value = written[len(names)]
        names.append(place.name)
        misfits += not _suits(value, place)
        uploads = uploads or _uploads(place)
        if place.options_of and isinstance(value, str | int | bool):
            rest += reversed(place.options_of.get(value, ()))
        names += [None] * _companions(place, written[len(names) :], len(rest))
    left = len(written) - len(names)
    if left and uploads and _is_button(written[-1]):
        left -= 1  # the button stands at the end where other widgets follow the file name
    return Reading((*names, *[None] * (len(written) - len(names))), left, misfits)


def _without_nulls(written: Sequence[Any], places: Sequence[Place]) -> Reading:
    """The reading of what is not null: buttons of packs leave nulls."""
    reading = share([value for value in written if value is not None], places)
    names = iter(reading.names)
    return Reading(tuple(None if value is None else next(names) for value in written), reading.left, reading.misfits)


def by_name(node: UiNode) -> Mapping[str, Any] | None:
    """The values of a node's array under the names that newer files have beside it, if there are as many of both.

    The array is what the page reads: people who edit files leave the names as they were.
    """
    if not node.values:
        return node.named or None
    if len(node.named) != len(node.values):
        return None
    return dict(zip(map(str, node.named), node.values, strict=True))


def _written(node: UiNode, kind: NodeType) -> Mapping[str, Any]:
    """The values that a node's file has, by name."""
    found = by_name(node)
    if found is not None:
        return found
    reading = read_array(node, kind)
    if node.named and (reading.left or reading.misfits):
        return node.named
    return {name: value for name, value in zip(reading.names, node.values, strict=True) if name is not None}


def _belongs(name: str, kind: NodeType) -> bool:
    """Whether a type has such an input, perhaps inside a dynamic one."""
    outer, dot, _ = name.partition(".")
    entry = kind.input(outer) if dot else None
    return kind.input(name) is not None or name in kind.hidden or (entry is not None and entry.type in DYNAMIC)


def _unknown_values(node: UiNode) -> dict[str, Any]:
    written = by_name(node)
    if written is None:
        names = read_array(node, None).names
        arranged = {name: value for name, value in zip(names, node.values, strict=True) if name}
        written = {**node.named, **arranged}
    values = {**written, **node.given}
    return {str(name): read_constant(value) for name, value in values.items() if name not in _NO_INPUTS}


def _companions(place: Place, rest: Sequence[Any], needed: int) -> int:
    """How many entries the page keeps right behind an input. ``needed``: entries that belong to other places."""
    seed = place.type == "INT" and place.name in _SEEDS
    count = 0
    surplus = len(rest) - needed
    if rest and isinstance(rest[0], str) and rest[0] in _AFTER_GENERATE:
        declared = seed or bool(place.options.get("control_after_generate"))
        if declared or (not place.options and surplus > 0 and place.type in ("INT", "FLOAT", "COMBO")):
            count = 1
            if place.type == "COMBO" and surplus > 1 and isinstance(rest[1], str):
                count = 2  # which of the choices may be drawn
    if _uploads(place) and surplus > count and _is_button(rest[count]):
        count += 1
    return count


def _uploads(place: Place) -> bool:
    return any(place.options.get(option) for option in _UPLOADS)


def _is_button(value: Any) -> bool:
    """Whether a value is what an upload button may have left: its kind, or nothing."""
    return value is None or (isinstance(value, str) and value in _BUTTONS)


def _suits(value: Any, place: Place) -> bool:
    """Whether a value may be meant for a place."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match place.type:
        case "INT":
            return is_number and (isinstance(value, int) or value.is_integer())
        case "FLOAT":
            return is_number
        case "BOOLEAN":
            return isinstance(value, bool)
        case "STRING":
            return isinstance(value, str)
        case "COMBO" if place.choices:
            return isinstance(value, list) or value in place.choices
        case _:
            return True


def _default(name: str, kind: NodeType, catalog: Catalog, lists: Lists) -> Any:
    entry = kind.input(name)
    if entry is None or "default" in entry.options or entry.type != "COMBO":
        return entry.options.get("default") if entry else None
    try:
        return next(iter(catalog.choices(entry, lists)), None)
    except (LimnerError, LookupError):  # a list that is not here: the check will say so
        return None
