"""OpenAPI documents of apps, for programs that make tools of them: of all, and of one."""

from collections.abc import Iterable

from aiohttp import web

from limner.dialects.apps.openapi import Listed, openapi_document
from limner.server.admission import admission_of
from limner.server.apps.door import app_route
from limner.server.apps.reading import Opened, opened_app, shelf_of
from limner.server.bodies import beside
from limner.server.caller import CALLER
from limner.server.public_address import address_of
from limner.server.replies import json_reply


@app_route("GET", "/openapi.json", mirrored=False)
async def document_of_all(request: web.Request) -> web.Response:
    """All apps as tools."""
    shelf = shelf_of(request, await admission_of(request))
    return _document(request, await beside(shelf.all))


@app_route("GET", "/apps/{name}/openapi.json")
async def document_of_app(request: web.Request) -> web.Response:
    """One app as a tool."""
    return _document(request, [await opened_app(request)])


def _document(request: web.Request, opened: Iterable[Opened]) -> web.Response:
    listed = [Listed(one.app, one.read.inputs, one.title) for one in opened]
    return json_reply(openapi_document(listed, address_of(request), locked=CALLER in request))
