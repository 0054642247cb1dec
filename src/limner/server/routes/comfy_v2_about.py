"""Comfy API v2: whether the server is there, and what it serves."""

from importlib.resources import files
from typing import Any

from aiohttp import web

from limner.server.bodies import beside
from limner.server.comfy_v2.door import base_of, v2_route
from limner.server.public_address import address_of
from limner.server.replies import json_reply
from limner.server.route import Access

DOCUMENT = "comfy_v2/openapi.yaml"


@v2_route("GET", "/health", access=Access.OPEN)
async def health(request: web.Request) -> web.StreamResponse:
    """That the server is there; the engine behind this API is the server itself."""
    return json_reply({"status": "healthy", "upstream": address_of(request)})


@v2_route("GET", "/openapi.json", access=Access.OPEN)
async def document(request: web.Request) -> web.StreamResponse:
    """The API in OpenAPI's form."""
    return json_reply({**await beside(_described), "servers": [{"url": base_of(request)}]})


def _described() -> dict[str, Any]:
    import yaml

    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Ten times as quick, where it was built.
    return yaml.load(files("limner.server").joinpath(DOCUMENT).read_text("utf-8"), quick)
