"""What workers hold in memory, and why: ``/limner/memory``."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.server.bodies import beside
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route
from limner.storage.host_memory import host_memory


@route("GET", "/limner/memory", access=Scope.READ_ALL)
async def memory(request: web.Request) -> web.Response:
    """Each worker's devices and what lies on them; sizes in bytes, times in seconds."""
    workers: list[Mapping[str, Any]] = await beside(request.app[SERVICE].dispatcher.status)
    host = host_memory()
    return json_reply({"ram": {"total": host.total, "free": host.available}, "workers": [dict(w) for w in workers]})
