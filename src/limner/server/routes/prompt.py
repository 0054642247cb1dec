"""Asking for pictures: ``/prompt``."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from limner.dialects.comfy.expansion import asks_expansion, expanded
from limner.dialects.comfy.problems import error_body, node_errors
from limner.dialects.comfy.prompt_request import PromptRequest, read_json, read_prompt_request, refusal
from limner.dialects.comfy.replacements import read_table, replace_nodes
from limner.graph.api_document import from_document
from limner.graph.document import read_workflow
from limner.graph.errors import DocumentError, GraphError
from limner.graph.graph import Graph
from limner.graph.prompt_choices import drawn
from limner.graph.ui.document import is_ui_workflow
from limner.graph.ui.page_nodes import without_page_nodes
from limner.jobs.records import Errand
from limner.server.admission import Admission, Wish, admission_of, embed
from limner.server.bodies import LARGE, read_bytes
from limner.server.caller import caller_of, folders_of, shown_owner
from limner.server.deliveries import errands_for
from limner.server.replies import json_reply
from limner.server.route import HUB, PACKS, SERVICE, route
from limner.server.starting import known_catalog, starting_reply
from limner.storage.folders import Folders
from limner.storage.wildcard_files import WildcardFiles

USAGE_SOURCE = "Comfy-Usage-Source"
"""Says which program asks; it becomes a part of ``extra_data``."""


@route("GET", "/prompt")
async def queue_length(request: web.Request) -> web.Response:
    """How many jobs wait or run."""
    counts = request.app[SERVICE].dispatcher.counts(shown_owner(request))
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
    if await known_catalog(request) is None:
        return starting_reply(request)
    previews = asked.previews
    if previews is None:
        previews = service.settings.previews or hub.wants_previews(asked.client, caller_of(request).owner)
    name = asked.id or str(uuid.uuid4())
    errands = errands_for(request, store=asked.store, webhook=asked.webhook)
    prompt = _Prompt(await admission_of(request), asked, name, previews, errands, folders_of(request))
    hub.hold(name)
    try:
        status, reply = await asyncio.to_thread(prompt.decide)
        answer = json_reply(reply, status)
        await answer.prepare(request)
        await answer.write_eof()
        return answer
    finally:
        hub.release(name)


@dataclass(frozen=True)
class _Prompt:
    """A prompt on its way into the queue."""

    admission: Admission
    asked: PromptRequest
    name: str
    previews: bool
    errands: tuple[Errand, ...]
    folders: Folders

    def decide(self) -> tuple[int, dict[str, Any]]:
        """The answer's status and body. Blocks until the job is on disk."""
        try:
            return self._decide()
        except GraphError:
            self._take_number()
            raise

    def _decide(self) -> tuple[int, dict[str, Any]]:
        admitted = self.admission.decide(self._wish())
        errors = node_errors(admitted.checked)
        if admitted.checked.problem is not None:
            self._take_number()
            return 400, error_body(admitted.checked.problem, errors)
        reply: dict[str, Any] = {"prompt_id": self.name, "number": admitted.number, "node_errors": errors}
        return 200, reply | ({"limner_notes": list(admitted.notes)} if admitted.notes else {})

    def _wish(self) -> Wish:
        asked, extra = self.asked, {**self.asked.extra, "create_time": time.time_ns() // 1_000_000}
        return Wish(
            id=self.name,
            graph=self._graph(extra),
            dialect="comfy",
            client=asked.client,
            number=asked.number,
            front=asked.front,
            targets=asked.targets,
            extra=extra,
            secrets=asked.secrets,
            previews=self.previews,
            errands=self.errands,
        )

    def _graph(self, extra: dict[str, Any]) -> Graph:
        graph = read_graph(self.admission, self.asked.workflow, extra)
        if not asks_expansion(extra):
            return graph
        options = WildcardFiles(self.folders).options
        return expanded(graph, self.admission.catalog, lambda text, seed: drawn(text, seed, options))

    def _take_number(self) -> None:
        """A prompt that is refused takes a number all the same."""
        if self.asked.number is None:
            self.admission.service.dispatcher.journal.next_number()


def read_graph(admission: Admission, asked: dict[str, Any], extra: dict[str, Any]) -> Graph:
    """The graph of an API or UI workflow; a UI workflow joins what is embedded in pictures.

    Raises:
        GraphError: if it is neither.
    """
    catalog = admission.catalog
    try:
        if not is_ui_workflow(asked):
            document, _ = replace_nodes(asked, read_table(catalog.replacements), catalog.nodes)
            return without_page_nodes(from_document(document), catalog.nodes)
        workflow = read_workflow(asked, catalog, admission.lists or admission.service.lists)
    except DocumentError as error:
        raise refusal("invalid_prompt", "The prompt is not a workflow that can run.", str(error)) from error
    for key, value in workflow.extra_pnginfo.items():
        embed(extra, key, value)
    return workflow.graph
