"""Inputs of apps as flat schemas of plain types, with limits and choices told in words as well."""

from collections.abc import Sequence
from typing import Any

from limner.dialects.apps.records import AppInput

EXACT = 1 << 53
"""Whole numbers up to here are read exactly by everybody."""

MOST_CHOICES = 100

_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}

_OUTPUT = {
    "type": "string",
    "enum": ["url", "file"],
    "default": "url",
    "description": "How the result is answered: url (addresses as JSON) or file (the file itself).",
}
_FORMAT = {
    "type": "string",
    "enum": ["original", "png", "jpeg", "webp"],
    "default": "original",
    "description": "The form of the pictures: original, png, jpeg or webp.",
}


def body_schema(inputs: Sequence[AppInput], *, files: bool = False) -> dict[str, Any]:
    """The schema of a body: a property for each input, and the options that a tool may want.

    Args:
        inputs: What the app asks for.
        files: Pictures come as files and not as texts.
    """
    properties = {entry.name: _property(entry, files=files) for entry in inputs}
    for name, schema in (("output", _OUTPUT), ("format", _FORMAT)):
        properties.setdefault(name, dict(schema))
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [entry.name for entry in inputs if entry.required]
    return schema | ({"required": required} if required else {})


def _property(entry: AppInput, *, files: bool) -> dict[str, Any]:
    if entry.kind == "image":
        return _picture(entry, files=files)
    schema: dict[str, Any] = {"type": _type(entry)}
    if entry.kind in ("integer", "number"):
        schema |= {} if not _is_exact(entry.least) else {"minimum": entry.least}
        schema |= {} if not _is_exact(entry.most) else {"maximum": entry.most}
    if entry.kind == "choice" and 0 < len(entry.choices) <= MOST_CHOICES:
        schema["enum"] = list(entry.choices)
    if entry.default is not None and entry.default in schema.get("enum", (entry.default,)):
        schema["default"] = entry.default
    return schema | {"description": _description(entry)}


def _picture(entry: AppInput, *, files: bool) -> dict[str, Any]:
    said = (entry.description or "A picture").rstrip(".")
    if files:
        return {"type": "string", "format": "binary", "description": f"{said}: a file."}
    return {"type": "string", "description": f"{said}: its address (https://...) or a data URI."}


def _type(entry: AppInput) -> str:
    """The type of an input; that of its choices if it has any."""
    if entry.kind != "choice":
        return _TYPES.get(entry.kind, "string")
    kinds = {type(choice) for choice in entry.choices}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"


def _is_exact(limit: int | float | None) -> bool:
    return limit is not None and abs(limit) <= EXACT


def _description(entry: AppInput) -> str:
    """What an input is, in words, with its limits and choices."""
    parts = [" ".join(entry.description.split()) or entry.name.replace("_", " ").capitalize()]
    if entry.kind == "choice" and entry.choices:
        more = ", ..." if len(entry.choices) > MOST_CHOICES else ""
        parts.append(f"One of: {', '.join(map(str, entry.choices[:MOST_CHOICES]))}{more}")
    elif _is_exact(entry.least) and _is_exact(entry.most):
        parts.append(f"From {entry.least} to {entry.most}")
    elif _is_exact(entry.least):
        parts.append(f"At least {entry.least}")
    elif _is_exact(entry.most):
        parts.append(f"At most {entry.most}")
    return " ".join(part if part.endswith((".", "。")) else f"{part}." for part in parts)
