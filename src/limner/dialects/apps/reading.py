"""Reads the workflow of an app from whatever it came in. Placeholders survive what the page does with braces."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from limner.dialects.apps.declaration import output_nodes
from limner.dialects.apps.inputs import find_inputs
from limner.dialects.apps.placeholders import PLACEHOLDER, quoted
from limner.dialects.apps.records import AppInput, Declaration
from limner.dialects.apps.sockets import Sockets
from limner.dialects.apps.titles import titled_outputs
from limner.graph.catalog import Catalog, Lists
from limner.graph.document import Workflow, read_workflow
from limner.graph.embedded.container import container_of
from limner.graph.foreign_json import decode_foreign
from limner.graph.graph import Graph, Node
from limner.graph.ui.document import is_ui_workflow

_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
"""Stand for the braces of placeholders in UI documents, whose texts may hold choices in braces; nobody types them."""


@dataclass(frozen=True)
class ReadApp:
    """A workflow with the inputs that it asks for.

    Attributes:
        workflow: As it was read.
        inputs: What it asks for.
        targets: The output nodes that count; None: all of them.
    """

    workflow: Workflow
    inputs: tuple[AppInput, ...]
    targets: tuple[str, ...] | None = None


def read_app(
    source: bytes | str | object,
    declaration: Declaration,
    catalog: Catalog,
    lists: Lists,
    exists: Callable[[str], bool],
) -> ReadApp:
    """Reads a workflow and finds its inputs.

    Args:
        source: A file's bytes, JSON text, or what JSON decodes to.
        declaration: What its author says of it.
        catalog: What the worker can do.
        lists: Named lists of choices.
        exists: Says whether a file of the user exists.

    Raises:
        DocumentError: if it is no workflow.
        UnknownNameError: if the declaration names what is not there.
        GraphError: if a name of the declaration fits several nodes.
    """
    return as_app(read_source(source, catalog, lists), declaration, catalog, lists, exists)


def read_source(source: bytes | str | object, catalog: Catalog, lists: Lists) -> Workflow:
    """Reads the workflow of an app, placeholders and all.

    Raises:
        DocumentError: if it is no workflow.
    """
    return _read(_document(source), catalog, lists)


def as_app(
    workflow: Workflow, declaration: Declaration, catalog: Catalog, lists: Lists, exists: Callable[[str], bool]
) -> ReadApp:
    """A workflow that was read, with its inputs; raises what ``read_app`` does."""
    sockets = Sockets(workflow.graph, catalog, lists, exists)
    inputs = find_inputs(sockets, declaration, workflow.extra_pnginfo.get("workflow"))
    targets = output_nodes(declaration, workflow.graph) or titled_outputs(workflow.graph)
    return ReadApp(workflow, inputs, targets or None)


def _document(source: bytes | str | object) -> object:
    """What is to be read: JSON with bare placeholders becomes JSON."""
    text = source
    if isinstance(source, bytes):
        try:
            text = "" if container_of(source) is not None else source.decode("utf-8-sig")
        except UnicodeDecodeError:
            return source
    if not isinstance(text, str) or "{{" not in text:
        return source
    try:
        return decode_foreign(text)
    except (ValueError, RecursionError):
        return quoted(text)


def _read(source: bytes | str | object, catalog: Catalog, lists: Lists) -> Workflow:
    document = _guarded_document(source)
    if document is None:
        return read_workflow(source, catalog, lists)
    read = read_workflow(_swapped(document, "guard"), catalog, lists)
    graph = Graph({name: _restored(node) for name, node in read.graph.nodes.items()})
    extra = {**read.extra_pnginfo, "workflow": document}
    return replace(read, graph=graph, extra_pnginfo=extra)


def _guarded_document(source: bytes | str | object) -> Mapping[str, Any] | None:
    """The UI document that has placeholders in it, or None."""
    if isinstance(source, str):
        try:
            source = json.loads(source)
        except (ValueError, RecursionError):
            return None
    if not isinstance(source, Mapping) or not is_ui_workflow(source):
        return None
    return source if "{{" in json.dumps(source, ensure_ascii=False) else None


def _swapped(value: Any, way: str) -> Any:
    """A value whose texts have other braces around placeholders; documents are never nested deeply here."""
    if isinstance(value, str):
        if way == "guard":
            return PLACEHOLDER.sub(lambda match: f"{_OPEN}{match[0][2:-2]}{_CLOSE}", value)
        return value.replace(_OPEN, "{{").replace(_CLOSE, "}}")
    if isinstance(value, Mapping):
        return {key: _swapped(entry, way) for key, entry in value.items()}
    return [_swapped(entry, way) for entry in value] if isinstance(value, list) else value


def _restored(node: Node) -> Node:
    inputs = {key: _swapped(value, "restore") for key, value in node.inputs.items()}
    title = _swapped(node.title, "restore")
    return Node(type=node.type, inputs=inputs, title=title, display=node.display)
