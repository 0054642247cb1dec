"""The widgets of a node in the order in which the page makes them: the places that its array of values fills.

Types of version 3 bring places that depend on values: a DynamicCombo has the places of the option that was chosen, an
Autogrow those that the file lists. Their inputs have flat names, ``image.width``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from limner.graph.node_type import VALUE_TYPES, Input, NodeType
from limner.graph.ui.nodes import UiNode, socket_type

AUTOGROW = "COMFY_AUTOGROW_V3"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
DYNAMIC = frozenset({AUTOGROW, DYNAMIC_COMBO, "COMFY_DYNAMICSLOT_V3", "COMFY_DYNAMICGROUP_V3"})

CUSTOM_WIDGETS = frozenset(
    {
        *("LOAD_3D", "LOAD_3D_ANIMATION", "WEBCAM", "AUDIO_RECORD", "IMAGEUPLOAD", "AUDIOUPLOAD"),
        *("COLOR", "COLORS", "BOUNDING_BOX", "CURVE", "RANGE", "PAINTER", "MARKDOWN", "TEXTAREA"),
    }
)
"""Types beside the plain ones that the page makes a widget for."""

_DEEPEST = 8


@dataclass(frozen=True)
class Place:
    """Room for one value.

    Attributes:
        name: The input, or None for a value that belongs to none.
        type: Its type.
        options: As declared.
        choices: The allowed values of a fixed choice.
        options_of: For a DynamicCombo: the places behind it, by the value chosen.
    """

    name: str | None
    type: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Any, ...] | None = None
    options_of: Mapping[Any, tuple["Place", ...]] = field(default_factory=dict)


def places_of(kind: NodeType, node: UiNode, *, forced: bool = False) -> list[Place]:
    """The places of a node of a known type, required inputs first.

    Args:
        kind: The type.
        node: The node; its sockets say what else is a widget, and how far an Autogrow has grown.
        forced: With a dummy for every input that is a socket by force, as version 1.16 of the page and older had.
    """
    shown = {entry["name"] for entry in node.widget_inputs()}
    places: list[Place] = []
    for entry in sorted(own_inputs(kind), key=lambda entry: not entry.required):
        if entry.type == AUTOGROW:
            places += grown_places(entry, node)
        elif entry.options.get("forceInput"):
            places += [Place(None)] if forced and entry.type in VALUE_TYPES else []
        elif is_widget(entry.type, entry.options) or entry.name in shown:
            places.append(place_of(entry))
    return places


def own_inputs(kind: NodeType) -> list[Input]:
    """The inputs of a type without the flat ones that a dynamic input brings: it says itself what they are."""
    dynamic = {entry.name for entry in kind.inputs if entry.type in DYNAMIC}
    return [entry for entry in kind.inputs if entry.name in dynamic or entry.name.partition(".")[0] not in dynamic]


def is_widget(kind: str, options: Mapping[str, Any]) -> bool:
    """Whether the page makes a widget for an input."""
    known = kind in VALUE_TYPES or kind in CUSTOM_WIDGETS or kind == DYNAMIC_COMBO
    return (known or bool(options.get("widgetType"))) and not options.get("forceInput")


def place_of(entry: Input) -> Place:
    """The place of a declared input."""
    behind = _behind(entry.name, entry.options, 0) if entry.type == DYNAMIC_COMBO else {}
    return Place(entry.name, entry.type, entry.options, entry.choices, behind)


def grown_places(entry: Input, node: UiNode) -> list[Place]:
    """The widgets that an Autogrow has on a node."""
    prefix = f"{entry.name}."
    return [
        Place(found["name"], socket_type(found.get("type")))
        for found in node.widget_inputs()
        if found["name"].startswith(prefix)
    ]


def _behind(name: str, options: Mapping[str, Any], depth: int) -> dict[Any, tuple[Place, ...]]:
    """The places behind every option of a DynamicCombo."""
    found: dict[Any, tuple[Place, ...]] = {}
    written = options.get("options")
    for option in written if isinstance(written, list | tuple) else ():
        if isinstance(option, Mapping) and isinstance(option.get("key"), str | int | bool) and depth < _DEEPEST:
            found[option["key"]] = tuple(_declared(name, option.get("inputs"), depth))
    return found


def _declared(outer: str, inputs: Any, depth: int) -> Iterator[Place]:
    """Places of inputs as ``/object_info`` declares them: ``{"required": {name: [type, options]}}``."""
    for group in ("required", "optional"):
        declared = inputs.get(group) if isinstance(inputs, Mapping) else None
        for name, written in declared.items() if isinstance(declared, Mapping) else ():
            kind, options = _typed(written)
            if is_widget(kind, options):
                flat = f"{outer}.{name}"
                behind = _behind(flat, options, depth + 1) if kind == DYNAMIC_COMBO else {}
                yield Place(flat, kind, options, options_of=behind)


def _typed(written: Any) -> tuple[str, Mapping[str, Any]]:
    """Type and options of an input as it is declared: ``[type, options]``; a list of choices is the type COMBO."""
    parts = list(written) if isinstance(written, list | tuple) else []
    if not parts:
        return "", {}
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    return socket_type(list(parts[0]) if isinstance(parts[0], tuple) else parts[0]), options
