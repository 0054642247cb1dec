"""``/metrics``: the server's figures, in the format of Prometheus."""

from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.server.bodies import beside
from limner.server.metrics import METRICS, exposition
from limner.server.route import route


@route("GET", "/metrics", mirrored=False, access=Scope.READ_ALL)
async def metrics(request: web.Request) -> web.Response:
    """All figures as they are now."""
    registry, accepts = request.app[METRICS], request.headers.get(hdrs.ACCEPT, "")
    text, content_type = await beside(lambda: exposition(registry, accepts))
    return web.Response(body=text, headers={hdrs.CONTENT_TYPE: content_type, hdrs.CACHE_CONTROL: "no-store"})
