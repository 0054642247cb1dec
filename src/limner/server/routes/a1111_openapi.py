"""The OpenAPI document of A1111's door."""

from aiohttp import web

from limner.dialects.a1111.openapi import openapi_document
from limner.server.a1111.door import a1111_route
from limner.server.public_address import address_of
from limner.server.replies import json_reply


@a1111_route("GET", "/openapi.json")
async def openapi(request: web.Request) -> web.Response:
    """All routes of this door."""
    return json_reply(openapi_document(address_of(request)))
