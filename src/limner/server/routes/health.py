"""``/healthz`` and ``/readyz``: for whatever starts servers anew and shares requests out. Nobody needs a key."""

from aiohttp import hdrs, web

from limner import __version__
from limner.server.readiness import readiness_of
from limner.server.replies import json_reply
from limner.server.route import Access, route


@route("GET", "/healthz", mirrored=False, access=Access.OPEN)
async def healthy(_: web.Request) -> web.Response:
    """The server answers; one that does not should be started anew."""
    return json_reply({"status": "ok", "version": __version__})


@route("GET", "/readyz", mirrored=False, access=Access.OPEN)
async def ready(request: web.Request) -> web.Response:
    """200 if jobs can be taken and carried out, else 503 with the reasons; requests should go elsewhere meanwhile."""
    report = await readiness_of(request)
    body = {
        "status": "ready" if report.ready else "not ready",
        "reasons": list(report.reasons),
        "waiting": report.waiting,
        "running": report.running,
    }
    headers = {} if report.ready else {hdrs.RETRY_AFTER: "3"}
    return json_reply(body, 200 if report.ready else 503, **headers)
