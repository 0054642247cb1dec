"""Reads a workflow from whatever it came in: API format, UI format, a posted body, or a file that carries one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from limner.graph.api_document import from_document, to_document
from limner.graph.catalog import Catalog, Lists
from limner.graph.embedded.container import Container, carried_texts, container_of
from limner.graph.errors import DocumentError
from limner.graph.foreign_json import decode_foreign
from limner.graph.graph import Graph
from limner.graph.ui.document import convert_ui_document, is_ui_workflow
from limner.graph.ui.page_nodes import without_page_nodes

EXPECTED = (
    "Expected a workflow: JSON in the API format (nodes by id, each with a class_type), JSON in the UI format (with a "
    "list of nodes), or a picture, sound, video, latent or model that was saved with its workflow."
)

_SIGNATURES = (
    (b"GIF8", "a GIF picture, which carries no workflow"),
    (b"RIFF", "a RIFF file (a WAV sound or an AVI video), which carries no workflow"),
    (b"PK\x03\x04", "a ZIP archive (or a .ckpt model)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x80\x02", "a pickle"),
)


@dataclass(frozen=True)
class Workflow:
    """A workflow that was read.

    Attributes:
        graph: What it says.
        document: The API document, to be embedded in pictures.
        extra_pnginfo: What else belongs into pictures: ``{"workflow": the UI document}`` where there is one.
        title: What its author called it, or None.
        source_format: ``api``, ``ui``, or the same with a container: ``body/api``, ``png/api``, ``webp/ui``.
        unknown: Ids of the nodes of every type that the catalog lacks, by type.
        notes: What could not be read of it, as sentences for people.
    """

    graph: Graph
    document: dict[str, Any]
    extra_pnginfo: dict[str, Any] = field(default_factory=dict)
    title: str | None = None
    source_format: str = "api"
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_workflow(source: bytes | str | object, catalog: Catalog, lists: Lists) -> Workflow:
    """Reads a workflow.

    Args:
        source: A file's bytes, JSON text, or what JSON decodes to.
        catalog: Says what the widgets of node types are (the UI format needs it).
        lists: Named lists of choices.

    Raises:
        DocumentError: if there is no workflow in it; says what it is and what was expected.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
        container = container_of(data)
        if container is not None:
            return _from_container(container, data, catalog, lists)
        source = _text(data)
    document = _json(source, "It") if isinstance(source, str) else source
    return _from_json(document, catalog, lists)


def _text(data: bytes) -> str:
    kind = next((name for signature, name in _SIGNATURES if data.startswith(signature)), None)
    if kind is not None:
        raise DocumentError(f"This is {kind}. {EXPECTED}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"This is neither text in UTF-8 nor a file that carries texts. {EXPECTED}") from error


def _json(text: str, what: str) -> Any:
    if not text.strip():
        raise DocumentError(f"{what} is empty. {EXPECTED}")
    try:
        return decode_foreign(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DocumentError(f"{what} is no JSON: {error.msg} at {where}. {EXPECTED}") from error
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, brackets 10,000 deep
        raise DocumentError(f"{what} is JSON that cannot be read: {error}. {EXPECTED}") from error


def _from_json(document: Any, catalog: Catalog, lists: Lists) -> Workflow:
    if not isinstance(document, Mapping):
        raise DocumentError(f"This is a JSON {_json_kind(document)}, no object. {EXPECTED}")
    if is_ui_workflow(document):
        return _from_ui(document, catalog, lists)
    inner = document.get("prompt")
    if isinstance(inner, Mapping) and "class_type" not in inner:
        return _from_body(document, inner, catalog, lists)
    if any(isinstance(entry, Mapping) and "class_type" in entry for entry in document.values()):
        return _from_api(document, catalog)
    if not document:
        raise DocumentError(f"This is an empty JSON object. {EXPECTED}")
    names = ", ".join(f"{name!s:.40}" for name in list(document)[:8])
    raise DocumentError(f"This is a JSON object without nodes; its keys are {names}. {EXPECTED}")


def _json_kind(value: Any) -> str:
    kinds = {list: "list", str: "text", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return kinds.get(type(value), type(value).__name__)


def _from_api(document: Mapping[str, Any], catalog: Catalog) -> Workflow:
    written = from_document(document)
    graph = without_page_nodes(written, catalog.nodes)
    found: dict[str, list[str]] = {}
    for name, node in graph.nodes.items():
        if node.type and node.type not in catalog.nodes:
            found.setdefault(node.type, []).append(name)
    unknown = {kind: tuple(names) for kind, names in found.items()}
    return Workflow(graph, dict(document) if graph is written else to_document(graph), unknown=unknown)


def _from_ui(document: Mapping[str, Any], catalog: Catalog, lists: Lists) -> Workflow:
    converted = convert_ui_document(document, catalog, lists)
    titles = [document.get(key) for key in ("title", "name")]
    return Workflow(
        converted.graph,
        to_document(converted.graph),
        {"workflow": dict(document)},
        next((title for title in titles if isinstance(title, str)), None),
        "ui",
        converted.unknown,
        converted.notes,
    )


def _from_body(body: Mapping[str, Any], inner: Mapping[str, Any], catalog: Catalog, lists: Lists) -> Workflow:
    """A body as it is posted to a server: the workflow under ``prompt``, what belongs to it under ``extra_data``."""
    read = _from_ui(inner, catalog, lists) if is_ui_workflow(inner) else _from_api(inner, catalog)
    extra_data = body.get("extra_data")
    extra = extra_data.get("extra_pnginfo") if isinstance(extra_data, Mapping) else None
    given = {str(key): value for key, value in extra.items()} if isinstance(extra, Mapping) else {}
    return replace(read, extra_pnginfo=read.extra_pnginfo | given, source_format=f"body/{read.source_format}")


def _from_container(container: Container, data: bytes, catalog: Catalog, lists: Lists) -> Workflow:
    """The workflow that a file carries: what was run (``prompt``) before what was drawn (``workflow``)."""
    texts = carried_texts(container, data)
    failure: DocumentError | None = None
    for keyword in ("prompt", "workflow"):
        if keyword not in texts:
            continue
        try:
            read = _from_json(_json(texts[keyword], f"The text {keyword!r} of this {container.called}"), catalog, lists)
        except DocumentError as error:
            failure = failure or error
            continue
        name = f"{container.name}/{read.source_format}"
        return replace(read, extra_pnginfo=_beside(texts) | read.extra_pnginfo, source_format=name)
    if failure is not None:
        raise failure
    if "parameters" in texts:
        raise DocumentError(
            f"This {container.called} carries generation parameters (the text of Stable Diffusion web UIs), but no "
            f"workflow. {EXPECTED}"
        )
    names = ", ".join(f"{name:.40}" for name in list(texts)[:12]) or "none"
    raise DocumentError(f"This {container.called} carries no workflow; its texts: {names}. {EXPECTED}")


def _beside(texts: Mapping[str, str]) -> dict[str, Any]:
    """The other JSON texts of a file, so that a picture made from it carries them on."""
    found: dict[str, Any] = {}
    for keyword, text in texts.items():
        if keyword != "prompt":
            try:
                found[keyword] = _json(text, keyword)
            except DocumentError:
                continue  # some other text: a comment, an author
    return found
