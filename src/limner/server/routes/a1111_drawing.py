"""A1111's ``/txt2img`` and ``/img2img``: pictures by prompts, and pictures painted over."""

from aiohttp import web

from limner.dialects.a1111.request import read_drawing
from limner.server.a1111.door import a1111_route
from limner.server.a1111.drawing import draw
from limner.server.bodies import read_object


@a1111_route("POST", "/txt2img")
async def txt2img(request: web.Request) -> web.StreamResponse:
    """Pictures by a prompt."""
    return await draw(request, read_drawing(await read_object(request), from_picture=False))


@a1111_route("POST", "/img2img")
async def img2img(request: web.Request) -> web.StreamResponse:
    """Pictures from pictures: all of them painted over, or what is masked."""
    return await draw(request, read_drawing(await read_object(request), from_picture=True))
