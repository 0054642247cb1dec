"""Starts the worker anew, so that what was changed of node packs takes effect. No job is lost."""

from functools import partial
from typing import Any

from aiohttp import web

from limner.graph.errors import WorkerLostError
from limner.server.bodies import apart, beside
from limner.server.replies import error_reply, json_reply
from limner.server.route import CATALOG, SERVICE

LONGEST = 600.0
"""Seconds that jobs which run may take to finish, if the client names no other time; then they are queued again."""


async def restart_worker(request: web.Request, body: Any, facts: dict[str, Any] | None = None) -> web.Response:
    """Waits until the worker is up again; the answer says which node packs it loaded.

    Args:
        request: What was asked.
        body: Its document; ``seconds`` bounds the wait for jobs that run.
        facts: What the answer says beside.
    """
    seconds = body.get("seconds", LONGEST) if isinstance(body, dict) else LONGEST
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 86400:
        return error_reply(400, "invalid_body", "'seconds' should be a number from 0 to 86400: how long jobs may take.")
    dispatcher, watch = request.app[SERVICE].dispatcher, request.app[CATALOG]
    try:
        await apart(partial(dispatcher.restart, float(seconds)))
        await beside(watch.look)
    except WorkerLostError as error:
        reason = str(error).splitlines()[0]
        return error_reply(503, "worker_lost", f"The worker does not come up; it is tried again. {reason}")
    packs = watch.current.packs if watch.current is not None else ()
    return json_reply({**(facts or {}), "restarted": True, "packs": {pack.name: pack.state for pack in packs}})
