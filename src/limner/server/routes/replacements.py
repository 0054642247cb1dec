"""Node types that took the place of others: ``/node_replacements``."""

from aiohttp import web

from limner.dialects.comfy.replacements import read_table, replacements_body
from limner.server.replies import json_reply
from limner.server.route import CATALOG, route


@route("GET", "/node_replacements")
async def node_replacements(request: web.Request) -> web.Response:
    """Replacements by old type; none until the worker is up."""
    catalog = request.app[CATALOG].current
    return json_reply(replacements_body(read_table(catalog.replacements if catalog else ())))
