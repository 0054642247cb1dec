"""Subgraphs that everybody may use: ``/global_subgraphs``."""

from aiohttp import web

from limner.server.bodies import beside
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route
from limner.server.subgraphs import global_subgraphs, read_subgraph


@route("GET", "/global_subgraphs")
async def all_subgraphs(request: web.Request) -> web.Response:
    """What there is, by id, without its content."""
    folders = request.app[SERVICE].folders
    return await beside(lambda: json_reply({name: found.entry() for name, found in global_subgraphs(folders).items()}))


@route("GET", "/global_subgraphs/{subgraph}")
async def one_subgraph(request: web.Request) -> web.Response:
    """One of them with its content as text; null for an unknown one."""
    folders, name = request.app[SERVICE].folders, request.match_info["subgraph"]

    def read() -> web.Response:
        found = global_subgraphs(folders).get(name)
        data = read_subgraph(found) if found else None
        return json_reply(found.entry() | {"data": data} if found and data is not None else None)

    return await beside(read)
