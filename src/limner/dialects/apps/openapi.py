"""OpenAPI documents of apps, as programs import them that make tools of them: plain enough for the strictest one.

Bodies are flat and have one kind each; types are plain; what a schema says is said in words too, since models read
those. The rules are Dify's importer's. Source: the OpenAPI Specification 3.0.3.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from limner.dialects.apps.openapi_fields import body_schema
from limner.dialects.apps.records import App, AppInput

VERSION = "3.0.3"
JSON, FORM = "application/json", "multipart/form-data"
LONGEST_SUMMARY = 280
LONG_WAIT = 50
"""Seconds that an answer takes at most; importers give up after sixty."""


class Listed(NamedTuple):
    """An app with what it asks for, and what people call it."""

    app: App
    inputs: Sequence[AppInput]
    title: str


def openapi_document(apps: Sequence[Listed], server: str, *, locked: bool = False) -> dict[str, Any]:
    """The document of some apps and of the tools that ask for their runs.

    Args:
        apps: Each becomes a tool that waits, one that does not, and, with pictures, one that takes files.
        server: Where clients reach the server.
        locked: Requests need a key.
    """
    only = apps[0] if len(apps) == 1 else None
    paths: dict[str, Any] = {}
    for listed in apps:
        paths |= _app_paths(listed)
    paths |= _run_paths()
    document: dict[str, Any] = {
        "openapi": VERSION,
        "info": {
            "title": only.title if only else "Limner",
            "description": _sentence(only) if only else "Makes pictures by workflows that were saved as apps.",
            "version": str(only.app.version) if only and only.app.version else "1",
        },
        "servers": [{"url": server}],
        "paths": paths,
    }
    if locked:
        document["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
        document["security"] = [{"key": []}]
    return document


def _app_paths(listed: Listed) -> dict[str, Any]:
    name, said = listed.app.name, _sentence(listed)
    at_once = f"{said} Returns the run's id at once; get_run then returns the result."
    waits = f"{said} Returns the addresses of its files; if it is not done in {LONG_WAIT} seconds, the id for get_run."
    paths = {
        f"/apps/{name}/run": {"post": _operation(f"run_{name}", waits, JSON, body_schema(listed.inputs), "200")},
        f"/apps/{name}/start": {"post": _operation(f"start_{name}", at_once, JSON, body_schema(listed.inputs), "202")},
    }
    if any(entry.kind == "image" for entry in listed.inputs):
        form = body_schema(listed.inputs, files=True)
        paths[f"/apps/{name}/upload"] = {
            "post": _operation(f"upload_{name}", f"{waits} Takes files.", FORM, form, "200")
        }
    return paths


def _operation(name: str, said: str, kind: str, schema: Mapping[str, Any], status: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": said[:LONGEST_SUMMARY],
        "description": said,
        "requestBody": {"required": True, "content": {kind: {"schema": schema}}},
        "responses": _responses(status),
    }


def _run_paths() -> dict[str, Any]:
    run = {
        "name": "run",
        "in": "path",
        "required": True,
        "description": "The run's id.",
        "schema": {"type": "string"},
    }
    wait = {
        "name": "wait",
        "in": "query",
        "required": False,
        "description": f"Seconds to wait for its end, 0 to {LONG_WAIT}.",
        "schema": {"type": "integer", "default": LONG_WAIT, "minimum": 0, "maximum": LONG_WAIT},
    }
    asked = "Returns a run's status (queued, running, succeeded, failed or canceled) and the addresses of its files."
    return {
        "/runs/{run}": {"get": _run_operation("get_run", asked, [run, wait])},
        "/runs/{run}/cancel": {"post": _run_operation("cancel_run", "Stops a run and returns its status.", [run])},
    }


def _run_operation(name: str, said: str, parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": said,
        "description": said,
        "parameters": list(parameters),
        "responses": _responses("200"),
    }


def _sentence(listed: Listed) -> str:
    """What an app does, in one sentence."""
    said = " ".join((listed.app.declaration.description or f"Runs the app {listed.title}").split())[:200].rstrip()
    return said if said.endswith((".", "!", "?", "。")) else f"{said}."


def _responses(status: str) -> dict[str, Any]:
    run = {"content": {JSON: {"schema": _RUN}}}
    responses = {status: {"description": "The run.", **run}}
    if status == "200":
        responses["202"] = {"description": "The run goes on; ask for it again.", **run}
    refused = {"description": "Why it cannot be done.", "content": {JSON: {"schema": _REFUSAL}}}
    return responses | {"400": refused, "404": refused, "422": refused}


_TEXT: Mapping[str, Any] = {"type": "string"}
_FILE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "url": _TEXT,
        "filename": _TEXT,
        "type": _TEXT,
        "media_type": _TEXT,
        "width": {"type": "integer"},
        "height": {"type": "integer"},
    },
}
_RUN: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "status": {"type": "string", "enum": ["queued", "running", "succeeded", "failed", "canceled"]},
        "outputs": {"type": "array", "items": _FILE},
        "markdown": {"type": "string", "description": "The pictures, to be shown in a chat."},
        "inputs": {"type": "object"},
    },
}
_REFUSAL: Mapping[str, Any] = {"type": "object", "properties": {"detail": _TEXT}}
