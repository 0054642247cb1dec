"""The web studio: ``/studio/``. Its files are for everybody; what they show needs a key where accounts are on."""

from aiohttp import web

from limner.server.route import Access, route
from limner.server.studio import STUDIO


@route("GET", "/studio", "/studio/{file:.*}", mirrored=False, access=Access.OPEN)
async def studio(request: web.Request) -> web.StreamResponse:
    """A file of the studio, or its page."""
    return await request.app[STUDIO].file(request, request.match_info.get("file", ""))
