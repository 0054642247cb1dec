"""Comfy API v2: jobs, ``/api/v2/jobs``."""

import asyncio
import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web

from limner.dialects.comfy_v2.job_list import job_page, read_query
from limner.dialects.comfy_v2.refusals import refusal, refused_graph
from limner.dialects.comfy_v2.submission import EXTRA, JobRequest, read_job_request, read_key
from limner.engine.events import TERMINAL, Stopping
from limner.graph.api_document import from_document
from limner.graph.errors import DocumentError, GraphError
from limner.graph.graph import Graph
from limner.jobs.journal import KEY_TAKEN
from limner.jobs.records import FINAL, Job
from limner.server.admission import Admission, Admitted, Wish, admission_of
from limner.server.awaited import Watch
from limner.server.bodies import beside, read_document
from limner.server.caller import caller_of, job_of, shown_owner
from limner.server.comfy_v2.assets import with_files
from limner.server.comfy_v2.door import v2_route
from limner.server.comfy_v2.stream import HEADERS, Stream
from limner.server.comfy_v2.view import viewer_of
from limner.server.replies import empty_reply, json_reply
from limner.server.route import AWAITED, SERVICE

KEY = "Idempotency-Key"
SPACE = "jobs"
ASKING = 5.0
"""Seconds for which a request to cancel waits until it is written down that a running job is to stop."""


@v2_route("POST", "/jobs")
async def submit(request: web.Request) -> web.StreamResponse:
    """Accepts a workflow; it is on disk when this answers."""
    asked = read_job_request(await read_document(request))
    workflow = await beside(lambda: with_files(request, asked.workflow))
    key = read_key(request.headers.get(KEY))
    if key:
        await beside(lambda: _refuse_used(request, key))
    admission = await admission_of(request)
    wish = _wish(asked, workflow, key)
    admitted = await asyncio.to_thread(_admitted, admission, wish)
    if admitted.checked.problem is not None:
        raise refused_graph(admitted.checked)
    return await beside(lambda: json_reply(viewer_of(request).accepted(_known(request, wish.id)), 201))


@v2_route("GET", "/jobs")
async def jobs(request: web.Request) -> web.StreamResponse:
    """A page of the caller's jobs, the newest first, whichever API they came through."""
    wanted, statuses = read_query(request.query.items(), shown_owner(request))
    viewer = viewer_of(request)

    def read() -> web.Response:
        selected = viewer.journal.select(wanted).jobs if wanted.states else []
        found, cursor = job_page(selected, wanted, statuses)
        listed = [viewer.listed(job) for job in found]
        return json_reply({"jobs": listed, "next_cursor": cursor, "truncated": False})

    return await beside(read)


@v2_route("GET", "/jobs/{job}")
async def one_job(request: web.Request) -> web.StreamResponse:
    """One job."""
    return await _answer(request, request.match_info["job"])


@v2_route("GET", "/jobs/{job}/workflow")
async def workflow(request: web.Request) -> web.StreamResponse:
    """The graph as it was run, with names of files where assets were referred to."""
    job = await _found(request)
    return json_reply({"workflow": job.submission.document, "format": "api"})


@v2_route("GET", "/jobs/{job}/logs")
async def logs(request: web.Request) -> web.StreamResponse:
    """What a job wrote: nothing is captured for single jobs."""
    await _found(request)
    return empty_reply(204)


@v2_route("POST", "/jobs/{job}/cancel")
async def cancel(request: web.Request) -> web.StreamResponse:
    """Takes a job out of the queue, or asks it to stop; one that has ended stays as it is."""
    job = await _found(request)
    name = job.submission.id
    if job.state not in FINAL and not job.stopping:
        await _stop(request, name)
    return await _answer(request, name)


@v2_route("GET", "/jobs/{job}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """What happens to a job, as it happens."""
    name = request.match_info["job"]
    with request.app[AWAITED].watching(name) as watch:
        job = await _found(request)
        if request.method == hdrs.METH_HEAD:
            return web.Response(headers=HEADERS)
        reply = web.StreamResponse(headers=HEADERS)
        await reply.prepare(request)
        try:
            await Stream(reply, viewer_of(request), watch).tell(job)
        except ConnectionError:
            return reply  # Nobody listens any more, or the server stops; whoever comes back begins anew.
        await reply.write_eof()
        return reply


async def _found(request: web.Request) -> Job:
    """The job that a path names.

    Raises:
        GraphError: if there is none, or it is not the caller's.
    """
    name = request.match_info["job"]
    return await beside(lambda: _known(request, name))


async def _answer(request: web.Request, name: str) -> web.Response:
    viewer = viewer_of(request)

    return await beside(lambda: json_reply(viewer.job(_known(request, name))))


def _known(request: web.Request, name: str) -> Job:
    job = job_of(request, name)
    if job is None:
        raise refusal("not_found", f"There is no job {name!r:.60}.")
    return job


def _admitted(admission: Admission, wish: Wish) -> Admitted:
    """What became of a wish; whoever has too many jobs is told so in a way that has clients ask again."""
    try:
        return admission.decide(wish)
    except GraphError as error:
        if any(problem.code == "quota_exceeded" for problem in error.problems):
            raise refusal("queue_full", str(error)) from error
        raise


def _wish(asked: JobRequest, workflow: Mapping[str, Any], key: str) -> Wish:
    return Wish(
        id=str(uuid.uuid4()),
        graph=_graph(workflow),
        dialect="comfy_v2",
        number=asked.number,
        extra={EXTRA: asked.told} if asked.told else {},
        secrets=asked.secrets,
        previews=True,
        key=key,
        labels=asked.labels,
    )


def _graph(workflow: Mapping[str, Any]) -> Graph:
    try:
        return from_document(workflow)
    except DocumentError as error:
        raise refusal("invalid_workflow", str(error)) from error


def _refuse_used(request: web.Request, key: str) -> None:
    """Refuses a key that was used before its job is looked at; the journal decides when it writes the job."""
    if request.app[SERVICE].dispatcher.journal.keys.is_taken(caller_of(request).owner, SPACE, key):
        raise refusal(KEY_TAKEN, "This Idempotency-Key was used before; each request needs one of its own.")


async def _stop(request: web.Request, name: str) -> None:
    """Has a job stop, and waits a moment until that is written down."""
    dispatcher = request.app[SERVICE].dispatcher
    with request.app[AWAITED].watching(name) as watch, contextlib.suppress(TimeoutError):
        if await asyncio.to_thread(dispatcher.cancel, name):
            await asyncio.wait_for(_stopping(watch), ASKING)


async def _stopping(watch: Watch) -> None:
    """Waits until a job has ended or is known to have to."""
    while (told := await watch.told.get()) is not None and not isinstance(told[1], (Stopping, *TERMINAL)):
        continue
