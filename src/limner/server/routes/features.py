"""What the server can do: ``/features``."""

from aiohttp import web

from limner.server.replies import json_reply
from limner.server.route import SERVICE, route


@route("GET", "/features")
async def features(request: web.Request) -> web.Response:
    """The server's flags, as the WebSocket's ``feature_flags`` has them."""
    return json_reply(request.app[SERVICE].settings.features())
