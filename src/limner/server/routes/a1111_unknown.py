"""What A1111's clients ask for that is not here: they try paths and read the refusal."""

from aiohttp import web

from limner.dialects.a1111.errors import not_found, refusal
from limner.server.a1111.door import a1111_route
from limner.server.replies import json_reply


@a1111_route("POST", "/{trained:(?:train|create)/(?:embedding|hypernetwork)}")
async def training(request: web.Request) -> web.Response:
    """Training has no place behind this door."""
    raise refusal("Embeddings and hypernetworks are not made here; put files of them into the model folders.", 501)


@a1111_route("*", "/{unknown:.*}")
async def unknown(request: web.Request) -> web.Response:
    """No such path."""
    return json_reply(not_found(), 404)
