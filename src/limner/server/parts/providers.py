"""Other services are asked for their models and nodes while the server runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from limner.server.part import Part
from limner.server.route import SERVICE


def add_providers(application: web.Application) -> None:
    """Has them asked, if there are any."""
    directory = application[SERVICE].elsewhere
    if directory is None or not directory.roster().file.providers:
        return

    async def watching(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(directory.watch())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    application.cleanup_ctx.append(watching)


PART = Part("providers", add_providers)
