"""Joins the assets to the application: where they are found, when they begin and end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.server.asset_facts import facts
from limner.server.asset_library import AssetLibrary
from limner.server.asset_seed import AssetSeed
from limner.server.route import HUB, SERVICE

ASSETS: web.AppKey[AssetLibrary] = web.AppKey("assets", AssetLibrary)
"""Absent if assets are switched off."""

SEED: web.AppKey[AssetSeed] = web.AppKey("asset seed", AssetSeed)


def add_assets(application: web.Application) -> None:
    """Adds the assets, if they are switched on."""
    service = application[SERVICE]
    if not service.settings.assets:
        return
    library = application[ASSETS] = AssetLibrary(service.folders, facts)
    hub = application[HUB]
    loops: list[asyncio.AbstractEventLoop] = []

    def tell(kind: str, data: dict[str, Any]) -> None:
        for loop in loops:
            loop.call_soon_threadsafe(hub.tell_all, message(kind, data))

    seed = application[SEED] = AssetSeed(library, tell)

    async def parts(_: web.Application) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        await asyncio.to_thread(library.start)
        stop_listening = service.dispatcher.listen(library.hear)
        yield
        stop_listening()
        seed.cancel()
        await asyncio.to_thread(seed.wait, 5.0)
        await asyncio.to_thread(library.close)

    application.cleanup_ctx.append(parts)
