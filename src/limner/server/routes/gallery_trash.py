"""The gallery's trash: ``/limner/gallery/trash``."""

from aiohttp import web

from limner.server.bodies import apart, read_object
from limner.server.gallery.answers import read_keys
from limner.server.gallery.parts import gallery_of
from limner.server.gallery.trash import empty_trash, restore, throw_away
from limner.server.replies import json_reply
from limner.server.route import route


@route("POST", "/limner/gallery/trash", mirrored=False)
async def trash(request: web.Request) -> web.Response:
    """Moves files to the trash, where they stay for thirty days."""
    gallery, chosen = gallery_of(request), read_keys(await read_object(request))
    thrown = await apart(lambda: throw_away(gallery, chosen))
    gallery.tell()
    return json_reply({"trashed": thrown})


@route("POST", "/limner/gallery/restore", mirrored=False)
async def bring_back(request: web.Request) -> web.Response:
    """Brings files back from the trash."""
    gallery, chosen = gallery_of(request), read_keys(await read_object(request))
    back = await apart(lambda: restore(gallery, chosen))
    gallery.tell()
    return json_reply({"restored": back})


@route("DELETE", "/limner/gallery/trash", mirrored=False)
async def empty(request: web.Request) -> web.Response:
    """Removes files in the trash for ever: these ``ids``, or ``all`` of them."""
    gallery, body = gallery_of(request), await read_object(request)
    chosen = None if body.get("all") is True else read_keys(body)
    removed = await apart(lambda: empty_trash(gallery, chosen))
    gallery.tell()
    return json_reply({"removed": removed})
