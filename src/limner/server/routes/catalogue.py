"""What there is: ``/object_info``, ``/models``, ``/embeddings``."""

from pathlib import PurePosixPath

from aiohttp import hdrs, web

from limner.dialects.comfy.object_info import node_info
from limner.graph.errors import UnknownNameError
from limner.server.bodies import beside
from limner.server.caller import listings_of, lists_of
from limner.server.replies import empty_reply, json_reply
from limner.server.route import PACKS, SERVICE, route
from limner.server.starting import known_catalog, starting_reply


@route("GET", "/object_info", "/object_info/")
async def all_nodes(request: web.Request) -> web.Response:
    """All node types, with a tag so that clients need not fetch them twice."""
    catalog = await known_catalog(request)
    if catalog is None:
        return starting_reply(request)
    listings = listings_of(request)
    live = await request.app[PACKS].object_info()
    listing = await beside(lambda: listings.current(catalog, live))
    headers = {hdrs.ETAG: listing.tag, hdrs.VARY: hdrs.ACCEPT_ENCODING, hdrs.CACHE_CONTROL: "no-cache"}
    if request.headers.get(hdrs.IF_NONE_MATCH) == listing.tag:
        return web.Response(status=304, headers=headers)
    body = listing.body
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
        body, headers[hdrs.CONTENT_ENCODING] = listing.compressed, "gzip"
    return web.Response(body=body, headers=headers, content_type="application/json", charset="utf-8")


@route("GET", "/object_info/{name}")
async def one_node(request: web.Request) -> web.Response:
    """One node type; nothing for an unknown one."""
    catalog = await known_catalog(request)
    if catalog is None:
        return starting_reply(request)
    described = catalog.nodes.get(request.match_info["name"])
    if described is None:
        return json_reply({})
    if described.pack:
        live = await request.app[PACKS].object_info([described.name])
        if live is not None:
            return json_reply(live)
    lists = listings_of(request).look_up
    return await beside(lambda: json_reply({described.name: node_info(described, catalog, lists)}))


@route("GET", "/models", "/models/")
async def model_folders(request: web.Request) -> web.Response:
    """The kinds of models."""
    return json_reply(request.app[SERVICE].folders.kinds())


@route("GET", "/models/{folder}")
async def models(request: web.Request) -> web.Response:
    """The model files of a kind."""
    lists, folder = lists_of(request), request.match_info["folder"]
    if folder not in request.app[SERVICE].folders.kinds():
        return empty_reply(404)
    try:
        return await beside(lambda: json_reply(list(lists(folder))))
    except UnknownNameError:
        return empty_reply(404)


@route("GET", "/embeddings")
async def embeddings(request: web.Request) -> web.Response:
    """The embeddings, without the suffixes of their files."""
    lists = request.app[SERVICE].lists
    names = await beside(lambda: lists("embeddings"))
    return json_reply([str(PurePosixPath(name).with_suffix("")) for name in names])
