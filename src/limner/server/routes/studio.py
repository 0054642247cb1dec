"""The web studio: ``/studio/``. Its files are for everybody; what they show needs a key where accounts are on."""

from aiohttp import web

from limner.server.frontend_pages import CLASSIC
from limner.server.replies import json_reply
from limner.server.route import SERVICE, Access, route
from limner.server.studio import STUDIO


@route("GET", "/studio", "/studio/{file:.*}", mirrored=False, access=Access.OPEN)
async def studio(request: web.Request) -> web.StreamResponse:
    """A file of the studio, or its page."""
    return await request.app[STUDIO].file(request, request.match_info.get("file", ""))


@route("GET", "/limner/studio", mirrored=False)
async def around(request: web.Request) -> web.Response:
    """What there is beside the studio: ComfyUI's page and its templates, as addresses; empty if it is not installed."""
    classic = request.app[SERVICE].classic
    there = f"{CLASSIC}/" if classic is not None else ""
    templates = f"{CLASSIC}/templates/" if classic is not None and classic.templates else ""
    return json_reply({"classic": there, "templates": templates})
