"""Names of other services and their models, as pages ask for them."""

from aiohttp import web

from limner.graph.elsewhere import MODELS_ROUTE, PROVIDERS_ROUTE
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route


@route("GET", MODELS_ROUTE)
async def provider_models(request: web.Request) -> web.Response:
    """Models that other services draw with: public names, and ``provider/model``."""
    directory = request.app[SERVICE].elsewhere
    return json_reply(directory.roster().names() if directory is not None else [])


@route("GET", PROVIDERS_ROUTE)
async def graph_providers(request: web.Request) -> web.Response:
    """Services that take whole graphs, as ``extra_data.provider`` names them."""
    directory = request.app[SERVICE].elsewhere
    return json_reply(directory.roster().graph_providers() if directory is not None else [])
