"""Reads what a file says of how it was made: its workflow, what was run, and the settings by role.

``recall`` takes the bytes of any file and never fails: what cannot be read says nothing. Pure, for doors and for the
gallery's index alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from limner.dialects.recall import programs
from limner.dialects.recall.graph_settings import graph_settings
from limner.dialects.recall.infotext_settings import infotext_settings
from limner.dialects.recall.program import Program, Settings, json_object
from limner.dialects.recall.programs.a1111 import infotext_of
from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.discovery import discover
from limner.graph.document import read_workflow
from limner.graph.embedded.container import carried_texts, container_of
from limner.graph.errors import LimnerError
from limner.graph.foreign_json import decode_foreign
from limner.graph.ui.document import is_ui_workflow

LARGEST = 256 << 20
"""Bytes of a file that are read; texts stand at the beginning of most files that are larger."""

NO_CATALOG = Catalog()


@dataclass(frozen=True)
class Recalled:
    """What a file says.

    Attributes:
        kind: ``workflow`` (that of a page), ``prompt`` (what was run), ``settings``, or ``nothing``.
        source: What it was in and who wrote it: ``png/comfyui``, ``jpeg/a1111``, ``json``, ``text``; ``png``.
        workflow: The UI document.
        prompt: The API document.
        settings: Values by role.
        infotext: The text of web UIs, if it carries one.
        note: Why something in it could not be read; empty if all could.
    """

    kind: str = "nothing"
    source: str = ""
    workflow: Mapping[str, Any] | None = None
    prompt: Mapping[str, Any] | None = None
    settings: Settings = field(default_factory=dict)
    infotext: str = ""
    note: str = ""


def recall_file(path: Path, catalog: Catalog = NO_CATALOG) -> Recalled:
    """What a file says; one that is gone says nothing."""
    try:
        with path.open("rb") as file:
            return recall(file.read(LARGEST), catalog)
    except OSError as error:
        return Recalled(note=str(error))


def recall(data: bytes, catalog: Catalog = NO_CATALOG) -> Recalled:
    """What the bytes of a file say.

    Args:
        data: All of it.
        catalog: What the worker can do; with it, settings are found in workflows that were only drawn, too.
    """
    container = container_of(data)
    if container is None:
        return _of_text(data, catalog)
    try:
        written = carried_texts(container, data)
    except (LimnerError, ValueError, IndexError, OverflowError, RecursionError) as error:
        return Recalled(source=container.name, note=str(error))
    texts = {name.lower(): _unquoted(text) for name, text in written.items()}
    return _of_texts(texts, container.name, catalog)


def _of_texts(texts: Mapping[str, str], container: str, catalog: Catalog) -> Recalled:
    workflow, prompt = _document(texts.get("workflow")), _document(texts.get("prompt"))
    if prompt is not None and is_ui_workflow(prompt):
        workflow, prompt = workflow or prompt, None
    if workflow is not None and not is_ui_workflow(workflow):
        workflow, prompt = None, prompt or (workflow if _is_api(workflow) else None)
    if prompt is not None and not _is_api(prompt):
        prompt = None
    name, said = _by_program(texts)
    traced, note = _traced(prompt or workflow, catalog)
    drawn = workflow is not None or prompt is not None
    return _told(
        source=f"{container}/comfyui" if drawn else f"{container}/{name}" if name else container,
        workflow=workflow,
        prompt=prompt,
        settings={**said, **traced},
        infotext=infotext_of(texts),
        note=note,
    )


def _of_text(data: bytes, catalog: Catalog) -> Recalled:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Recalled()
    document = _document(text)
    if document is None:
        settings = infotext_settings(text)
        return _told(source="text", settings=settings, infotext=text if settings else "")
    inner = document.get("prompt")
    if isinstance(inner, Mapping) and (is_ui_workflow(inner) or _is_api(inner)):
        return _of_body(document, inner, catalog)
    if is_ui_workflow(document):
        traced, note = _traced(document, catalog)
        return _told(source="json", workflow=document, settings=traced, note=note)
    if _is_api(document):
        traced, note = _traced(document, catalog)
        return _told(source="json", prompt=document, settings=traced, note=note)
    name, said = _by_program({"parameters": text, "comment": text, "invokeai_metadata": ""})
    return _told(source=f"json/{name}" if name else "json", settings=said)


def _of_body(body: Mapping[str, Any], inner: Mapping[str, Any], catalog: Catalog) -> Recalled:
    """A body as it is posted: what is run, and the workflow beside it."""
    extra = body.get("extra_data")
    beside = extra.get("extra_pnginfo") if isinstance(extra, Mapping) else None
    workflow = beside.get("workflow") if isinstance(beside, Mapping) else None
    drawn = workflow if isinstance(workflow, Mapping) and is_ui_workflow(workflow) else None
    traced, note = _traced(inner, catalog)
    if is_ui_workflow(inner):
        return _told(source="json", workflow=inner, settings=traced, note=note)
    return _told(source="json", workflow=drawn, prompt=inner, settings=traced, note=note)


def _told(**found: Any) -> Recalled:
    kinds = ("workflow", "prompt", "settings")
    return Recalled(kind=next((kind for kind in kinds if found.get(kind)), "nothing"), **found)


def _by_program(texts: Mapping[str, str]) -> tuple[str, Settings]:
    """Who wrote settings into texts, and these."""
    for program in _programs():
        settings = program.read(texts)
        if settings:
            return program.name, settings
    return "", {}


@cache
def _programs() -> tuple[Program, ...]:
    """All programs, in the order in which they are asked; a gallery reads thousands of files."""
    known = discover(programs, Program, lambda program: program.name).values()
    return tuple(sorted(known, key=lambda program: program.order))


def _traced(document: Mapping[str, Any] | None, catalog: Catalog) -> tuple[Settings, str]:
    """Settings of a document, and why there are none."""
    if document is None:
        return {}, ""
    try:
        if is_ui_workflow(document):
            graph = read_workflow(dict(document), catalog, lambda _: ()).graph if catalog.nodes else None
        else:
            graph = from_document(document)
    except (LimnerError, RecursionError) as error:
        return {}, str(error)
    return ({}, "") if graph is None else (graph_settings(graph, catalog), "")


def _document(text: str | None) -> Mapping[str, Any] | None:
    if not text or not text.lstrip().startswith("{"):
        return None
    try:
        value = decode_foreign(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) and value else None


def _is_api(document: Mapping[str, Any]) -> bool:
    return any(isinstance(entry, Mapping) and "class_type" in entry for entry in document.values())


def _unquoted(text: str) -> str:
    """Nodes that save write all texts as JSON."""
    if not text.startswith('"'):
        return text
    inner = json_object(f'{{"text": {text}}}').get("text")
    return inner if isinstance(inner, str) else text
