"""The worker: ``/limner/worker``."""

from aiohttp import web

from limner.accounts.records import Scope
from limner.server.bodies import read_document
from limner.server.restarting import restart_worker
from limner.server.route import route


@route("POST", "/limner/worker/restart", access=Scope.ADMIN)
async def restart(request: web.Request) -> web.Response:
    """Starts the worker anew: ``{"seconds": 600}``, or nothing. Jobs that run finish first; none is lost."""
    return await restart_worker(request, await read_document(request) if request.can_read_body else {})
