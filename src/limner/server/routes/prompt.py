"""Asking for pictures: ``/prompt``."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from limner.dialects.comfy.problems import error_body, node_errors
from limner.dialects.comfy.prompt_request import PromptRequest, read_json, read_prompt_request, refusal
from limner.dialects.comfy.replacements import read_table, replace_nodes
from limner.graph.api_document import from_document, to_document
from limner.graph.catalog import Catalog
from limner.graph.check import Checked, check
from limner.graph.document import read_workflow
from limner.graph.errors import DocumentError, GraphError, StorageError
from limner.graph.graph import Graph
from limner.graph.ui.document import is_ui_workflow
from limner.graph.ui.page_nodes import without_page_nodes
from limner.jobs.records import FINAL, Submission
from limner.server.bodies import LARGE, read_bytes
from limner.server.packs import Packs
from limner.server.replies import error_reply, json_reply
from limner.server.route import CATALOG, HUB, PACKS, SERVICE, route
from limner.server.service import Service

USAGE_SOURCE = "Comfy-Usage-Source"
"""Says which program asks; it becomes a part of ``extra_data``."""


@route("GET", "/prompt")
async def queue_length(request: web.Request) -> web.Response:
    """How many jobs wait or run."""
    counts = request.app[SERVICE].dispatcher.counts()
    return json_reply({"exec_info": {"queue_remaining": counts.remaining}})


@route("POST", "/prompt")
async def submit(request: web.Request) -> web.StreamResponse:
    """Accepts a workflow. Its first event is told only after this answer is out."""
    raw = await read_bytes(request)
    body = await asyncio.to_thread(read_json, raw) if len(raw) > LARGE else read_json(raw)
    if isinstance(body, dict):
        body = await request.app[PACKS].on_prompt(body)
    asked = read_prompt_request(body, request.headers.get(USAGE_SOURCE))
    service, hub = request.app[SERVICE], request.app[HUB]
    catalog = await request.app[CATALOG].wait(service.settings.catalog_wait)
    if catalog is None:
        reason = f"No worker is up yet. {request.app[CATALOG].reason} Ask again in a few seconds."
        return error_reply(503, "worker_starting", reason, **{hdrs.RETRY_AFTER: "3"})
    previews = asked.previews
    if previews is None:
        previews = service.settings.previews or hub.wants_previews(asked.client)
    name = asked.id or str(uuid.uuid4())
    admission = _Admission(service, request.app[PACKS], catalog, asked, name, previews)
    hub.hold(name)
    try:
        status, reply = await asyncio.to_thread(admission.decide)
        answer = json_reply(reply, status)
        await answer.prepare(request)
        await answer.write_eof()
        return answer
    finally:
        hub.release(name)


@dataclass(frozen=True)
class _Admission:
    """A prompt on its way into the queue."""

    service: Service
    packs: Packs
    catalog: Catalog
    asked: PromptRequest
    name: str
    previews: bool

    def decide(self) -> tuple[int, dict[str, Any]]:
        """Checks and submits; gives the answer's status and body. Blocks until the job is on disk."""
        try:
            return self._decide()
        except GraphError:
            self._take_number()
            raise

    def _decide(self) -> tuple[int, dict[str, Any]]:
        service, extra = self.service, {**self.asked.extra, "create_time": time.time_ns() // 1_000_000}
        graph = _read_graph(service, self.catalog, self.asked, extra)
        notes: tuple[str, ...] = ()
        if service.prepare is not None:
            graph, told = service.prepare(graph, self.catalog)
            notes = tuple(told)
            if notes:
                _embed(extra, "limner", {"substituted": list(notes)})
        checked = self._check(graph)
        errors = node_errors(checked)
        if checked.problem is not None:
            self._take_number()
            return 400, error_body(checked.problem, errors)
        number = _submit(service, self._submission(checked, extra))
        reply: dict[str, Any] = {"prompt_id": self.name, "number": number, "node_errors": errors}
        return 200, reply | ({"limner_notes": list(notes)} if notes else {})

    def _check(self, graph: Graph) -> Checked:
        """Checks a graph against what there is now, with the help of the node packs that it uses."""
        packs, service = self.packs, self.service
        if packs.gateway is None:
            return check(graph, self.catalog, service.lists, self.asked.targets, exists=service.folders.has)
        catalog = packs.refreshed(self.catalog, {node.type for node in graph.nodes.values()})
        exists, validate = service.folders.has, packs.validate
        return check(graph, catalog, service.lists, self.asked.targets, exists=exists, validate=validate)

    def _submission(self, checked: Checked, extra: dict[str, Any]) -> Submission:
        settings, asked = self.service.settings, self.asked
        return Submission(
            id=self.name,
            number=asked.number,
            front=asked.front,
            document=to_document(checked.graph),
            targets=checked.targets,
            extra=extra,
            secrets=asked.secrets,
            client=asked.client,
            preview_size=settings.preview_size if self.previews else 0,
            substitute=settings.substitute,
        )

    def _take_number(self) -> None:
        """A prompt that is refused takes a number all the same."""
        if self.asked.number is None:
            self.service.dispatcher.journal.next_number()


def _read_graph(service: Service, catalog: Catalog, asked: PromptRequest, extra: dict[str, Any]) -> Graph:
    """The graph of an API or UI workflow; a UI workflow joins what is embedded in pictures.

    Raises:
        GraphError: if it is neither.
    """
    try:
        if not is_ui_workflow(asked.workflow):
            document, _ = replace_nodes(asked.workflow, read_table(catalog.replacements), catalog.nodes)
            return without_page_nodes(from_document(document), catalog.nodes)
        workflow = read_workflow(asked.workflow, catalog, service.lists)
    except DocumentError as error:
        raise refusal("invalid_prompt", "The prompt is not a workflow that can run.", str(error)) from error
    for key, value in workflow.extra_pnginfo.items():
        _embed(extra, key, value)
    return workflow.graph


def _embed(extra: dict[str, Any], key: str, value: Any) -> None:
    """Adds to what is written into pictures; what the client sent stays."""
    known = extra.get("extra_pnginfo")
    extra["extra_pnginfo"] = {key: value} | (dict(known) if isinstance(known, dict) else {})


def _submit(service: Service, submission: Submission) -> int | float:
    """Puts a job into the queue and gives its number.

    Raises:
        GraphError: if its id belongs to another job that is not done.
        StorageError: if it cannot be written down.
    """
    try:
        return service.dispatcher.submit(submission).submission.number or 0
    except StorageError as error:
        known = service.dispatcher.journal.get(submission.id)
        if known is not None and known.state not in FINAL:
            details = f"{submission.id} waits or runs already. Send another id, or none."
            raise refusal("invalid_prompt_id", "This prompt_id is taken.", details) from error
        raise
