"""The OpenAPI document of A1111's door, made from the tables by which requests are read."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.a1111.drawing_keys import COMMON, FROM_PICTURE, FROM_TEXT, LIMITS, Field
from limner.dialects.a1111.openapi_keys import (
    FAILING,
    OBJECT,
    PICTURES,
    ROUTES,
    TEXT,
    Described,
    Schema,
    loose,
    named,
    record,
)

VERSION = "3.1.0"
TYPES = {
    "text": "string",
    "whole": "integer",
    "number": "number",
    "truth": "boolean",
    "list": "array",
    "object": "object",
}
REFUSED = "What is wrong: places of fields (422), or a text (all else)."


def openapi_document(address: str) -> dict[str, Any]:
    """The document. Args: address: Where clients reach the server."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": VERSION,
        "info": {"title": "Limner: A1111's API", "version": "1"},
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _operation(route: Described) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{route.method}{_words(route.path)}",
        "summary": route.summary,
        "responses": {
            "200": {"description": route.summary, "content": _json(route.answer)},
            "default": {"description": REFUSED, "content": _json(named("Refusal"))},
        },
    }
    if route.path in FAILING:
        told["responses"]["500"] = {"description": FAILING[route.path], "content": _json(named("Refusal"))}
    if route.body is not None:
        told["requestBody"] = {"required": True, "content": _json(route.body)}
    if route.query:
        told["parameters"] = [{"name": name, "in": "query", "schema": kind} for name, kind in route.query.items()]
    return told


def _words(path: str) -> str:
    return "".join(word.capitalize() for part in path.split("/") for word in part.replace("_", "-").split("-"))


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _schemas() -> dict[str, Schema]:
    place = record(loc={"type": "array"}, msg=TEXT, type=TEXT)
    return {
        "FromText": _fields(COMMON | FROM_TEXT),
        "FromPicture": _fields(COMMON | FROM_PICTURE),
        "Drawn": record(images=PICTURES, parameters=OBJECT, info=TEXT),
        "Refusal": record(detail={"anyOf": [TEXT, {"type": "array", "items": place}]}),
    }


def _fields(table: Mapping[str, Field]) -> Schema:
    return loose(**{name: _field(name, kind, default) for name, (kind, default) in table.items()})


def _field(name: str, kind: str, default: Any) -> Schema:
    schema: Schema = {"type": [TYPES[kind], "null"]} if kind in TYPES else {}
    if name in LIMITS:
        schema |= dict(zip(("minimum", "maximum"), LIMITS[name], strict=True))
    if name in ("styles", "init_images"):
        schema["items"] = TEXT
    return schema if default is None else {**schema, "default": default}
