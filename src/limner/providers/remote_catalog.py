"""What another ComfyUI's ``/object_info`` says, as a Catalog: graphs for it are checked before they are sent. Pure.

Anything in it that cannot be understood is left out of the check, never a reason to refuse: the service itself has the
last word.
"""

from collections.abc import Mapping
from typing import Any

from limner.graph.catalog import Catalog
from limner.graph.node_type import Input, NodeType, Output

UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload", "animated_image_upload")
"""Options of inputs whose files are sent along; the service's own list of them says nothing."""


def catalog_of(said: Mapping[str, Any]) -> Catalog:
    """The node types that a service has."""
    found = {name: _node_type(name, facts) for name, facts in said.items() if isinstance(facts, dict)}
    return Catalog(nodes=found)


def _node_type(name: str, facts: Mapping[str, Any]) -> NodeType:
    declared = facts.get("input") if isinstance(facts.get("input"), dict) else {}
    inputs = [
        entry
        for group in ("required", "optional")
        for key, told in _pairs(declared.get(group) if isinstance(declared, dict) else None)
        if (entry := _input(key, told, required=group == "required")) is not None
    ]
    return NodeType(
        name=name,
        title=str(facts.get("display_name") or name),
        category=str(facts.get("category") or ""),
        doc="",
        inputs=tuple(inputs),
        outputs=_outputs(facts),
        is_output=facts.get("output_node") is True,
        takes_any=True,
    )


def _pairs(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _input(name: str, told: Any, *, required: bool) -> Input | None:
    if not isinstance(told, list) or not told:
        return None
    kind = told[0]
    options = dict(told[1]) if len(told) > 1 and isinstance(told[1], dict) else {}
    listed = kind if isinstance(kind, list) else options.get("options") if kind == "COMBO" else None
    if isinstance(listed, list):
        sent_along = any(options.get(option) for option in UPLOADS)
        choices = None if sent_along or "remote" in options else tuple(listed)
        return Input(name=name, type="COMBO", required=required, options=_limits(options), choices=choices)
    if not isinstance(kind, str):
        return None
    # What grows or changes with other inputs has flat names that only the service knows.
    required = required and not kind.startswith("COMFY_")
    return Input(name=name, type=kind, required=required, options=_limits(options))


def _limits(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: options[key] for key in ("default", "min", "max", "step") if key in options}


def _outputs(facts: Mapping[str, Any]) -> tuple[Output, ...]:
    kinds = facts.get("output")
    lists = facts.get("output_is_list")
    found = []
    for index, kind in enumerate(kinds if isinstance(kinds, list) else ()):
        is_list = isinstance(lists, list) and index < len(lists) and lists[index] is True
        found.append(Output(name=str(kind), type=kind if isinstance(kind, str) else "COMBO", is_list=is_list))
    return tuple(found)
