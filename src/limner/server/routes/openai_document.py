"""The OpenAPI document of OpenAI's door: ``/v1/openapi.json``."""

from aiohttp import web

from limner.dialects.openai.openapi import openapi_document
from limner.server.bodies import beside
from limner.server.openai.door import openai_route
from limner.server.public_address import address_of
from limner.server.replies import json_reply


@openai_route("GET", "/openapi.json")
async def document(request: web.Request) -> web.Response:
    """What can be asked here, for programs."""
    address = address_of(request)
    return json_reply(await beside(lambda: openapi_document(address)))
