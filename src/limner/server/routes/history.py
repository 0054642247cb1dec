"""What has been done: ``/history``."""

from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.comfy.history import history_entry
from limner.dialects.comfy.prompt_request import refusal
from limner.jobs.records import FINAL
from limner.server.bodies import beside, read_object
from limner.server.caller import caller_of, changed_owner, job_of, shown_owner
from limner.server.replies import empty_reply, json_reply
from limner.server.route import HISTORY, SERVICE, route
from limner.server.routes.queue import read_ids


@route("GET", "/history")
async def history(request: web.Request) -> web.Response:
    """Finished jobs, the oldest first; ``max_items`` and ``offset`` choose a window, ``prompt_id`` one job."""
    query, owner = request.query, shown_owner(request)
    if "prompt_id" in query:
        return await beside(lambda: json_reply(_one(request, query["prompt_id"])))
    most, offset = _integer(query.get("max_items"), "max_items"), _integer(query.get("offset"), "offset")

    window = most, -1 if offset is None else offset
    body = await beside(lambda: request.app[HISTORY].body(window, owner))
    return web.Response(body=body, content_type="application/json", charset="utf-8")


@route("GET", "/history/{job}")
async def one_job(request: web.Request) -> web.Response:
    """One finished job; nothing while it is not finished."""
    job = request.match_info["job"]
    return await beside(lambda: json_reply(_one(request, job)))


@route("POST", "/history")
async def change_history(request: web.Request) -> web.Response:
    """Forgets finished jobs: ``clear`` all, ``delete`` some."""
    body = await read_object(request)
    journal, own = request.app[SERVICE].dispatcher.journal, changed_owner(request)
    ids = read_ids(body, "delete")
    if body.get("clear"):
        await beside(lambda: journal.delete_history(None, own))
    elif ids:
        owner = None if caller_of(request).may(Scope.ADMIN) else own
        await beside(lambda: journal.delete_history(ids, owner))
    return empty_reply()


def _one(request: web.Request, name: str) -> dict[str, Any]:
    job = job_of(request, name)
    return {name: history_entry(job)} if job is not None and job.state in FINAL else {}


def _integer(text: str | None, name: str) -> int | None:
    if text is None or not text.strip():
        return None
    try:
        return max(-1, min(int(text), 1 << 31))
    except ValueError as error:
        raise refusal("invalid_request", f"'{name}' must be a whole number.", f"{text:.60}") from error
