"""Joins the assets to the application: where they are found, when they begin and end.

Every owner has a library of their own, with an index of its own: what one does to it, no other sees.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.comfy.frames import message
from limner.engine.events import AnyEvent
from limner.jobs.records import Job
from limner.server.assets.facts import facts
from limner.server.assets.library import AssetLibrary
from limner.server.assets.seed import AssetSeed, Tell
from limner.server.caller import caller_of
from limner.server.route import HUB, SERVICE
from limner.storage.folders import ONLY_OWNER, OWNERS, Folders

INDEX = "assets.sqlite"


class OwnedAssets:
    """Libraries by owner, each begun when it is needed first. All methods may be called from any thread.

    Args:
        folders: Everybody's; owners' own are found from there.
        tell: Sends a message to sockets.
    """

    def __init__(self, folders: Folders, tell: Tell) -> None:
        self._folders, self._tell = folders, tell
        self._lock = threading.Lock()
        self._known: dict[str, tuple[AssetLibrary, AssetSeed]] = {}

    def library(self, owner: str) -> AssetLibrary:
        """The assets of an owner."""
        return self._of(owner)[0]

    def seed(self, owner: str) -> AssetSeed:
        """The search through an owner's folders."""
        return self._of(owner)[1]

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Notes the files that a node has made; a listener of the dispatcher."""
        self.library(job.submission.owner).hear(job, event)

    def close(self, seconds: float) -> None:
        """Ends all searches and lets go of the indexes."""
        with self._lock:
            known = list(self._known.values())
        for _, seed in known:
            seed.cancel()
        for library, seed in known:
            seed.wait(seconds)
            library.close()

    def _of(self, owner: str) -> tuple[AssetLibrary, AssetSeed]:
        with self._lock:
            if owner not in self._known:
                library = AssetLibrary(self._folders.of_owner(owner), facts, self._index(owner))
                library.begin()
                self._known[owner] = library, AssetSeed(library, self._tell)
            return self._known[owner]

    def _index(self, owner: str) -> Path:
        data = self._folders.data
        return data / INDEX if owner == ONLY_OWNER else data / OWNERS / owner / INDEX


LIBRARIES: web.AppKey[OwnedAssets] = web.AppKey("asset libraries", OwnedAssets)
"""Also there if files are not listed as assets: what is asked for by its content is found all the same."""

ASSETS: web.AppKey[OwnedAssets] = web.AppKey("assets", OwnedAssets)
"""The same; absent if assets are switched off."""


def assets_of(request: web.Request) -> AssetLibrary | None:
    """The caller's assets; None if assets are switched off."""
    owned = request.app.get(ASSETS)
    return None if owned is None else owned.library(caller_of(request).owner)


def library_of(request: web.Request) -> AssetLibrary:
    """The caller's assets, whether they are switched on or not."""
    return request.app[LIBRARIES].library(caller_of(request).owner)


def seed_of(request: web.Request) -> AssetSeed:
    """The search through the caller's folders."""
    return request.app[ASSETS].seed(caller_of(request).owner)


def _nothing() -> None:
    """Nobody listens."""


def add_assets(application: web.Application) -> None:
    """Adds the assets; nobody fills them if they are switched off."""
    service, hub = application[SERVICE], application[HUB]
    loops: list[asyncio.AbstractEventLoop] = []

    def tell(kind: str, data: dict[str, Any]) -> None:
        for loop in loops:
            loop.call_soon_threadsafe(hub.tell_all, message(kind, data))

    owned = application[LIBRARIES] = OwnedAssets(service.folders, tell)
    if service.settings.assets:
        application[ASSETS] = owned

    async def parts(_: web.Application) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        stop_listening = service.dispatcher.listen(owned.hear) if service.settings.assets else _nothing
        yield
        stop_listening()
        await asyncio.to_thread(owned.close, 5.0)

    application.cleanup_ctx.append(parts)
