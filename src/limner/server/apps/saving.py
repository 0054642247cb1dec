"""What is sent to be saved as an app, or to be run without being saved: a workflow and what its author says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from limner.dialects.apps.declaration import FIELDS, read_declaration
from limner.dialects.apps.placeholders import quoted
from limner.dialects.apps.records import Declaration
from limner.dialects.comfy.prompt_request import read_json
from limner.graph.document import Workflow
from limner.graph.embedded.container import container_of
from limner.graph.errors import DocumentError
from limner.server.apps.inputs import Sent
from limner.server.bodies import beside, read_bytes
from limner.server.form_parts import read_form

NAMES = ("workflow", "workflow_json", "prompt")
"""Fields that a workflow is sent in; ``prompt`` counts if it is one, since apps have texts of that name."""


@dataclass(frozen=True)
class Draft:
    """A workflow that was sent.

    Attributes:
        source: The bytes of a file, or what JSON decodes to.
        declaration: What its author says of it.
    """

    source: bytes | Mapping[str, Any]
    declaration: Declaration

    def document(self, read: Workflow) -> dict[str, Any]:
        """The document that is kept: as it came, or as it was read from a file that carries it."""
        if isinstance(self.source, Mapping):
            return dict(self.source)
        if not read.extra_pnginfo:
            return read.document
        return {"prompt": read.document, "extra_data": {"extra_pnginfo": read.extra_pnginfo}}


async def read_draft(request: web.Request) -> Draft:
    """A workflow from a body: JSON with it under ``workflow``, the workflow itself, a form, or a file that carries one.

    Raises:
        DocumentError: if there is none.
    """
    if request.content_type.startswith("multipart/"):
        form = await read_form(request)
        return await beside(lambda: draft_of(Sent(form.fields, form.files)))
    raw = await read_bytes(request)

    def read() -> Draft:
        source = parsed(raw)
        if isinstance(source, bytes):
            return Draft(source, Declaration())
        return draft_of(Sent(source))

    return await beside(read)


def draft_of(sent: Sent) -> Draft:
    """The workflow among the fields of a body.

    Raises:
        DocumentError: if there is none, or the declaration cannot be read.
    """
    source = _workflow(sent)
    if source is None and is_workflow(sent.fields):
        return Draft(sent.fields, Declaration())
    if source is None:
        raise DocumentError("There is no workflow: send it in the field 'workflow', as JSON or as a file.")
    written = sent.fields.get("declaration")
    if isinstance(written, str) and written.strip():
        written = read_json(written.encode("utf-8", "replace"))
    flat = {name: value for name, value in sent.fields.items() if name in FIELDS and isinstance(sent.fields, Mapping)}
    if written in (None, ""):
        # A run sends values under ``inputs``, an author sends a list of what they are.
        written = {name: value for name, value in flat.items() if name != "inputs" or isinstance(value, list)}
    return Draft(source, read_declaration(written))


def without_workflow(sent: Sent) -> Sent:
    """What is sent beside a workflow. A ``prompt`` that is a text is an input."""
    if is_workflow(sent.fields):
        return Sent()
    fields = {
        name: value
        for name, value in sent.fields.items()
        if name not in NAMES or (name == "prompt" and isinstance(value, str) and value.lstrip()[:1] != "{")
    }
    return Sent(fields, {name: files for name, files in sent.files.items() if name not in NAMES})


def _workflow(sent: Sent) -> bytes | Mapping[str, Any] | None:
    for name in NAMES:
        if sent.files.get(name):
            return parsed(sent.files[name][0])
        value = sent.fields.get(name)
        if isinstance(value, Mapping):
            return value
        if isinstance(value, str) and value.lstrip()[:1] == "{":
            return parsed(value.encode("utf-8", "replace"))
        if name == NAMES[0] and value not in (None, ""):
            raise DocumentError("'workflow' should be a workflow: a JSON object, or the text of one.")
    return None


def parsed(raw: bytes) -> bytes | Mapping[str, Any]:
    """A JSON object, in which placeholders may stand as bare values; or the file as it is, if it carries a workflow.

    Raises:
        DocumentError: if it is neither.
    """
    if container_of(raw) is not None:
        return raw
    try:
        found = read_json(raw)
    except DocumentError as error:
        text = raw.decode("utf-8", "replace")
        if "{{" not in text or quoted(text) == text:
            expected = "A workflow was expected: JSON, or a picture that was saved with its workflow."
            raise DocumentError(f"{expected} {error}") from error
        found = read_json(quoted(text).encode())
    if not isinstance(found, Mapping):
        raise DocumentError("A workflow was expected: a JSON object, or a picture that was saved with its workflow.")
    return found


def is_workflow(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a workflow itself, in API or UI form, and no envelope around one."""
    if isinstance(document.get("nodes"), list):
        return True
    return any(isinstance(entry, Mapping) and "class_type" in entry for entry in document.values())
