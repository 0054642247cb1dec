"""Boards of the gallery: ``/limner/boards``."""

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.server.bodies import beside, read_object
from limner.server.gallery.answers import read_board
from limner.server.gallery.library import Gallery
from limner.server.gallery.parts import gallery_of
from limner.server.replies import json_reply
from limner.server.route import route


@route("GET", "/limner/boards", mirrored=False)
async def boards(request: web.Request) -> web.Response:
    """Boards by name, each with how many files are on it itself."""
    return await _told(gallery_of(request))


@route("POST", "/limner/boards", mirrored=False)
async def make(request: web.Request) -> web.Response:
    """Makes a board; ``animals/foxes`` is one in ``animals``."""
    gallery, name = gallery_of(request), read_board((await read_object(request)).get("name"))
    await beside(lambda: gallery.index.add_board(name))
    gallery.tell()
    return await _told(gallery)


@route("PATCH", "/limner/boards", mirrored=False)
async def rename(request: web.Request) -> web.Response:
    """Gives the board ``name``, and those in it, the name ``to``."""
    gallery, body = gallery_of(request), await read_object(request)
    name, to = read_board(body.get("name")), read_board(body.get("to"))
    if to.startswith(f"{name}/"):
        raise refusal("invalid_body", "A board cannot lie in itself.")
    if to != name:
        await beside(lambda: gallery.index.rename_board(name, to))
        gallery.tell()
    return await _told(gallery)


@route("DELETE", "/limner/boards", mirrored=False)
async def remove(request: web.Request) -> web.Response:
    """Removes the board ``name`` and those in it; files stay."""
    gallery, name = gallery_of(request), read_board((await read_object(request)).get("name"))
    await beside(lambda: gallery.index.remove_board(name))
    gallery.tell()
    return await _told(gallery)


async def _told(gallery: Gallery) -> web.Response:
    found = await beside(gallery.index.boards)
    return json_reply({"boards": [{"name": name, "count": count} for name, count in found]})
