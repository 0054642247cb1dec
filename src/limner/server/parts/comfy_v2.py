"""Comfy API v2: how far running jobs are, and its envelope."""

from collections.abc import AsyncIterator

from aiohttp import web

from limner.server.comfy_v2.door import enveloped, mark
from limner.server.comfy_v2.live import LIVE, Live
from limner.server.part import Part
from limner.server.route import SERVICE


def add_comfy_v2(application: web.Application) -> None:
    """Adds what the routes of Comfy API v2 need."""
    service = application[SERVICE]
    live = application[LIVE] = Live()
    application.middlewares.insert(0, enveloped)
    application.on_response_prepare.append(mark)

    async def following(_: web.Application) -> AsyncIterator[None]:
        stop_listening = service.dispatcher.listen(live.hear)
        yield
        stop_listening()

    application.cleanup_ctx.append(following)


PART = Part("comfy v2", add_comfy_v2)
