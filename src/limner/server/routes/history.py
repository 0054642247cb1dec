"""What has been done: ``/history``."""

from typing import Any

from aiohttp import web

from limner.dialects.comfy.history import history_entry
from limner.dialects.comfy.prompt_request import refusal
from limner.jobs.records import FINAL
from limner.server.bodies import beside, read_object
from limner.server.replies import empty_reply, json_reply
from limner.server.route import HISTORY, SERVICE, route
from limner.server.routes.queue import read_ids
from limner.server.service import Service


@route("GET", "/history")
async def history(request: web.Request) -> web.Response:
    """Finished jobs, the oldest first; ``max_items`` and ``offset`` choose a window, ``prompt_id`` one job."""
    service, query = request.app[SERVICE], request.query
    if "prompt_id" in query:
        return await beside(lambda: json_reply(_one(service, query["prompt_id"])))
    most, offset = _integer(query.get("max_items"), "max_items"), _integer(query.get("offset"), "offset")

    window = most, -1 if offset is None else offset
    body = await beside(lambda: request.app[HISTORY].body(window))
    return web.Response(body=body, content_type="application/json", charset="utf-8")


@route("GET", "/history/{job}")
async def one_job(request: web.Request) -> web.Response:
    """One finished job; nothing while it is not finished."""
    service, job = request.app[SERVICE], request.match_info["job"]
    return await beside(lambda: json_reply(_one(service, job)))


@route("POST", "/history")
async def change_history(request: web.Request) -> web.Response:
    """Forgets finished jobs: ``clear`` all, ``delete`` some."""
    body = await read_object(request)
    journal = request.app[SERVICE].dispatcher.journal
    ids = read_ids(body, "delete")
    if body.get("clear"):
        await beside(lambda: journal.delete_history(None))
    elif ids:
        await beside(lambda: journal.delete_history(ids))
    return empty_reply()


def _one(service: Service, name: str) -> dict[str, Any]:
    job = service.dispatcher.journal.get(name)
    return {name: history_entry(job)} if job is not None and job.state in FINAL else {}


def _integer(text: str | None, name: str) -> int | None:
    if text is None or not text.strip():
        return None
    try:
        return max(-1, min(int(text), 1 << 31))
    except ValueError as error:
        raise refusal("invalid_request", f"'{name}' must be a whole number.", f"{text:.60}") from error
