"""What Dify's importer of custom tools accepts, as a checker: an OpenAPI document that passes imports whole.

The rules are those that its documentation and its behaviour show: see ``README.md``. Each broken one is a sentence.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")
BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
PLAIN = ("string", "integer", "number", "boolean")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LONGEST_SUMMARY = 300


def broken(document: Mapping[str, Any], server: str | None = None) -> list[str]:
    """The rules that a document breaks.

    Args:
        document: As it would be imported.
        server: Where tools are to call; None: anywhere.
    """
    return [*_of_document(document, server), *_of_operations(document)]


def _of_document(document: Mapping[str, Any], server: str | None) -> Iterator[str]:
    if not str(document.get("openapi", "")).startswith("3."):
        yield "it is no OpenAPI 3 document"
    info = document.get("info", {})
    for name in ("title", "description"):
        if not info.get(name):
            yield f"info.{name} is missing, which people see as the provider's"
    servers = document.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc or url.endswith("/"):
        yield f"servers[0].url is {url!r}: tools call it as it is"
    if server is not None and url != server:
        yield f"servers[0].url is {url!r} and not {server!r}"


def _of_operations(document: Mapping[str, Any]) -> Iterator[str]:
    names: list[str] = []
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            where = f"{method.upper()} {path}"
            if method not in METHODS:
                yield f"{where}: beside methods nothing is read"
                continue
            name = str(operation.get("operationId", ""))
            names.append(name)
            if not NAME.fullmatch(name):
                yield f"{where}: operationId {name!r} cannot be the name of a function"
            yield from (f"{where}: {told}" for told in _of_operation(operation, path, document))
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"operationId {name!r} stands twice"


def _of_operation(operation: Mapping[str, Any], path: str, document: Mapping[str, Any]) -> Iterator[str]:
    said = str(operation.get("summary") or operation.get("description") or "")
    if not said or len(said) > LONGEST_SUMMARY or "\n" in said:
        yield f"its summary should be one tight sentence; it has {len(said)} characters"
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        yield from _of_parameter(parameter)
    known = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    for name in re.findall(r"\{(\w+)\}", path):
        if name not in known:
            yield f"{name!r} of its path is no parameter"
    body = operation.get("requestBody")
    if body is not None:
        yield from _of_body(body, document, {parameter["name"] for parameter in parameters})


def _of_parameter(parameter: Mapping[str, Any]) -> Iterator[str]:
    if parameter.get("in") not in ("query", "path", "header", "cookie"):
        yield f"parameter {parameter.get('name')!r} is nowhere"
    yield from _of_property(str(parameter["name"]), {**parameter.get("schema", {}), **_described(parameter)}, "")


def _described(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": parameter["description"]} if "description" in parameter else {}


def _of_body(body: Mapping[str, Any], document: Mapping[str, Any], taken: set[str]) -> Iterator[str]:
    content = body.get("content", {})
    if len(content) != 1:
        yield f"it has {len(content)} kinds of bodies; the importer and the caller would choose different ones"
        return
    kind, media = next(iter(content.items()))
    if kind not in BODIES:
        yield f"{kind!r} is no kind of body that is sent"
    schema = media.get("schema", {})
    if "$ref" in schema:
        schema = _referred(schema["$ref"], document)
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), Mapping):
        yield "its body is no object of properties"
        return
    for name, entry in schema["properties"].items():
        yield from _of_property(name, entry, kind)
        if name in taken:
            yield f"{name!r} is a parameter and a property"
    for name in schema.get("required", []):
        if name not in schema["properties"]:
            yield f"{name!r} is required and not there"


def _referred(reference: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _of_property(name: str, schema: Mapping[str, Any], kind: str) -> Iterator[str]:
    for word in ("anyOf", "allOf", "oneOf", "not", "nullable", "$ref", "properties", "items"):
        if word in schema:
            yield f"{name!r} has {word}, which makes a text of it"
    if schema.get("type") not in PLAIN:
        yield f"{name!r} is of type {schema.get('type')!r}"
    said = str(schema.get("description", ""))
    if not said:
        yield f"{name!r} is not described, so no model knows what to send"
    if schema.get("format") == "binary" and kind != "multipart/form-data":
        yield f"{name!r} is a file, which only forms have"
    yield from _of_values(name, schema, said)


def _of_values(name: str, schema: Mapping[str, Any], said: str) -> Iterator[str]:
    choices = schema.get("enum", [])
    for choice in choices:
        if str(choice) not in said:
            yield f"{name!r} may be {choice!r}, which its description does not say"
    if choices and "default" in schema and schema["default"] not in choices:
        yield f"the default of {name!r} is none of its values"
    for word in ("minimum", "maximum"):
        if word in schema and str(schema[word]) not in said:
            yield f"the {word} of {name!r} is not in its description"
    if "default" in schema and schema["default"] is None:
        yield f"the default of {name!r} is null"
