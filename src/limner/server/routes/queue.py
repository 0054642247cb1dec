"""The queue: ``/queue``, ``/interrupt``, ``/free``."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.comfy.history import queue_item
from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import DocumentError
from limner.jobs.records import JobState
from limner.server.bodies import beside, read_document, read_object
from limner.server.caller import changed_owner, job_of, shown_owner
from limner.server.replies import empty_reply, json_reply
from limner.server.route import HUB, SERVICE, route


@route("GET", "/queue")
async def queue(request: web.Request) -> web.Response:
    """What runs and what waits."""
    journal, owner = request.app[SERVICE].dispatcher.journal, shown_owner(request)

    def read() -> web.Response:
        running, waiting = journal.running(owner), journal.waiting(owner)
        return json_reply(
            {
                "queue_running": [queue_item(job) for job in running],
                "queue_pending": [queue_item(job) for job in waiting],
            }
        )

    return await beside(read)


@route("POST", "/queue")
async def change_queue(request: web.Request) -> web.Response:
    """Takes waiting jobs out of the queue: ``clear`` all, ``delete`` some."""
    body = await read_object(request)
    service, hub = request.app[SERVICE], request.app[HUB]
    ids = None if body.get("clear") else read_ids(body, "delete")
    if ids is None or ids:
        leaving = await asyncio.to_thread(_waiting, request, ids)
        hub.quieten(leaving)
        removed = await asyncio.to_thread(service.dispatcher.remove_waiting, leaving)
        hub.unquieten(set(leaving) - {job.submission.id for job in removed})
    hub.announce()
    return empty_reply()


def _waiting(request: web.Request, ids: list[str] | None) -> list[str]:
    """Which of these jobs wait and are the caller's; None: all that do."""
    if ids is None:
        journal = request.app[SERVICE].dispatcher.journal
        return [job.submission.id for job in journal.waiting(changed_owner(request))]
    found = ((name, job_of(request, name)) for name in ids)
    return [name for name, job in found if job is not None and job.state is JobState.WAITING]


@route("POST", "/interrupt")
async def interrupt(request: web.Request) -> web.Response:
    """Stops the job that is named if it runs; without a name all of the caller's that run."""
    try:
        body = await read_document(request)
    except DocumentError:
        body = None
    job = body.get("prompt_id") if isinstance(body, Mapping) else None
    await asyncio.to_thread(_interrupt, request, str(job) if job else None)
    return empty_reply()


@route("POST", "/free", access=Scope.ADMIN)
async def free(request: web.Request) -> web.Response:
    """Gives back memory: ``unload_models``; ``free_memory`` forgets held results too."""
    body = await read_object(request)
    results = bool(body.get("free_memory"))
    models = results or bool(body.get("unload_models"))
    if models:
        dispatcher = request.app[SERVICE].dispatcher
        await beside(lambda: dispatcher.release(models=models, results=results))
    return empty_reply()


def read_ids(body: Mapping[str, Any], field: str) -> list[str]:
    """A list of job ids in a body; empty if it is absent.

    Raises:
        GraphError: if it is not a list.
    """
    ids = body.get(field)
    if ids is None:
        return []
    if not isinstance(ids, list):
        raise refusal("invalid_request", f"'{field}' must be a list of prompt ids.")
    return [str(entry) for entry in ids if isinstance(entry, str | int)]


def _interrupt(request: web.Request, job: str | None) -> None:
    dispatcher = request.app[SERVICE].dispatcher
    if job is None:
        dispatcher.cancel(None, changed_owner(request))
        return
    known = job_of(request, job)
    if known is not None and known.state is JobState.RUNNING:
        dispatcher.cancel(job)
