"""Jobs in any state: ``/api/jobs``. These paths are never without the prefix."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from limner.dialects.comfy.job_list import job_details, job_page, read_job_ids, read_selection
from limner.graph.errors import DocumentError
from limner.jobs.records import FINAL
from limner.server.bodies import beside, read_document
from limner.server.caller import job_of, shown_owner
from limner.server.replies import json_reply
from limner.server.route import HUB, SERVICE, route


@route("GET", "/api/jobs")
async def jobs(request: web.Request) -> web.Response:
    """A page of jobs, the newest first if nothing else is asked for."""
    journal = request.app[SERVICE].dispatcher.journal
    try:
        wanted = msgspec.structs.replace(read_selection(request.query), owner=shown_owner(request))
    except DocumentError as error:
        return _refused(str(error))
    return await beside(lambda: json_reply(job_page(journal.select(wanted), wanted)))


@route("GET", "/api/jobs/{job}")
async def one_job(request: web.Request) -> web.Response:
    """One job with its outputs and its workflow."""
    name = request.match_info["job"]

    def read() -> web.Response:
        job = job_of(request, name)
        return json_reply(job_details(job)) if job is not None else json_reply({"error": "Job not found"}, 404)

    return await beside(read)


@route("POST", "/api/jobs/{job}/cancel")
async def cancel_one(request: web.Request) -> web.Response:
    """Takes a job out of the queue or stops it."""
    return json_reply({"cancelled": await _cancel(request, [request.match_info["job"]])})


@route("POST", "/api/jobs/cancel")
async def cancel_many(request: web.Request) -> web.Response:
    """Takes several jobs out of the queue or stops them."""
    try:
        body = await read_document(request)
    except DocumentError:
        return _refused("Request body must be valid JSON")
    try:
        ids, invalid = read_job_ids(body)
    except DocumentError as error:
        return _refused(str(error))
    if invalid:
        return _refused("job_ids contains invalid id(s)", invalid_ids=invalid)
    return json_reply({"cancelled": await _cancel(request, ids)})


async def _cancel(request: web.Request, ids: list[str]) -> bool:
    """Whether there was anything to stop. Waiting jobs leave no trace, as those deleted from ``/queue``."""
    dispatcher, hub = request.app[SERVICE].dispatcher, request.app[HUB]

    def alive() -> list[str]:
        known = ((name, job_of(request, name)) for name in dict.fromkeys(ids))
        return [name for name, job in known if job is not None and job.state not in FINAL]

    living = await asyncio.to_thread(alive)
    hub.quieten(living)
    removed = {job.submission.id for job in await asyncio.to_thread(dispatcher.remove_waiting, living)}
    running = [name for name in living if name not in removed]
    hub.unquieten(running)  # A job that began in between is interrupted, and its client is told.
    stopped = [await asyncio.to_thread(dispatcher.cancel, name) for name in running]
    hub.announce()
    return bool(removed) or any(stopped)


def _refused(reason: str, **more: Any) -> web.Response:
    return json_reply({"error": reason, **more}, 400)
