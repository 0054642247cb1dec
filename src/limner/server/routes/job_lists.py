"""Jobs and the queue as the studio shows them: ``/limner/jobs``, ``/limner/queue``, ``/limner/estimate``."""

import msgspec
from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.dialects.studio.job_requests import read_selection
from limner.graph.api_document import to_document
from limner.graph.errors import DocumentError
from limner.jobs.pace import estimate, loads_of
from limner.server.admission import admission_of
from limner.server.bodies import beside, read_object
from limner.server.caller import job_of, shown_owner
from limner.server.job_lists import journal_of, page_of, view_of
from limner.server.replies import error_reply, json_reply
from limner.server.route import route
from limner.server.routes.prompt import read_graph
from limner.server.starting import known_catalog, starting_reply


@route("GET", "/limner/jobs")
async def jobs(request: web.Request) -> web.Response:
    """A page of jobs: the newest first; waiting ones, asked for alone, in the order in which they will run."""
    try:
        wanted = msgspec.structs.replace(read_selection(request.query), owner=shown_owner(request))
    except DocumentError as error:
        return error_reply(400, "invalid_query", str(error))
    journal = journal_of(request)
    return await beside(lambda: json_reply(page_of(journal, wanted)))


@route("GET", "/limner/jobs/{job}")
async def one_job(request: web.Request) -> web.Response:
    """One job with its workflow, what its nodes did and what was logged meanwhile."""
    name = request.match_info["job"]

    def read() -> web.Response:
        job = job_of(request, name)
        if job is None:
            return error_reply(404, "unknown_job", "There is no job of that id. It may have been cleared.")
        return json_reply(view_of(request, job))

    return await beside(read)


@route("GET", "/limner/queue")
async def queue(request: web.Request) -> web.Response:
    """Whether the queue is paused, and how many jobs stand where."""
    journal = journal_of(request)
    counts = journal.counts(shown_owner(request))
    return json_reply(
        {
            "paused": journal.turns.paused,
            "waiting": counts.waiting - counts.held,
            "held": counts.held,
            "running": counts.running,
            "finished": counts.finished,
        }
    )


@route("POST", "/limner/estimate")
async def expected(request: web.Request) -> web.StreamResponse:
    """How long a workflow is going to take, by what its nodes took here before. Nothing runs."""
    body = await read_object(request)
    asked = body.get("prompt", body.get("workflow"))
    if not isinstance(asked, dict):
        return error_reply(400, "invalid_body", 'Send {"prompt": ...}: a workflow, in either form.')
    if await known_catalog(request) is None:
        return starting_reply(request)
    admission, journal = await admission_of(request), journal_of(request)

    def read() -> web.Response:
        try:
            document = to_document(read_graph(admission, asked, {}))
        except DocumentError as error:
            raise refusal("invalid_prompt", "The prompt is not a workflow that can run.", str(error)) from error
        loads = loads_of(document)
        return json_reply(estimate(loads, journal.paces.of(load.type for load in loads.values())))

    return await beside(read)
