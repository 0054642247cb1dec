"""Puts the server together: routes, checks, hub."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from limner.graph.discovery import discover
from limner.server import parts, routes
from limner.server.a1111.state import Drawings
from limner.server.awaited import Awaited
from limner.server.caching import cache_headers
from limner.server.catalog_watch import CatalogWatch
from limner.server.compression import compress
from limner.server.connections import CONNECTIONS, Connections
from limner.server.door import all_doors
from limner.server.faults import faults
from limner.server.frontend_pages import CLASSIC, add_frontend
from limner.server.guard import GUARD, Guard
from limner.server.history_pages import HistoryPages
from limner.server.hub import Hub
from limner.server.lock import add_lock
from limner.server.log_feed import LOG_FEED, LogFeed
from limner.server.owned import OWNED, Owned
from limner.server.packs.packs import Packs
from limner.server.part import Part
from limner.server.pictures import Pictures
from limner.server.route import (
    ACCESS,
    AWAITED,
    CATALOG,
    DRAWINGS,
    HISTORY,
    HUB,
    MIRROR,
    PACKS,
    PICTURES,
    SERVICE,
    USERS,
    Route,
)
from limner.server.service import Service
from limner.server.users import Users


def create_application(service: Service) -> web.Application:
    """The web application. It needs no worker to start and answers ``/system_stats`` at once."""
    settings, connections = service.settings, Connections()
    guard = Guard(settings.host, settings.allowed_origins, all_doors(), settings.cors)
    application = web.Application(
        client_max_size=settings.max_upload,
        middlewares=[connections.middleware, compress, guard.middleware, faults],
    )
    application[SERVICE] = service
    parted = service.accounts is not None
    application[HUB] = Hub(
        lambda owner: service.dispatcher.counts(owner).remaining, previews=settings.previews, parted=parted
    )
    application[CATALOG] = CatalogWatch(service.dispatcher.catalog)
    application[PACKS] = packs = Packs(lambda: application[CATALOG].current, application[HUB], service.folders, MIRROR)
    application.middlewares.append(packs.middleware)  # the last one: only what no route of ours answers
    application[HISTORY] = HistoryPages(service.dispatcher.journal)
    application[OWNED] = Owned(service.folders, service.lists)
    application[ACCESS] = {}
    application[PICTURES] = Pictures()
    application[USERS] = Users(service.folders.user, multi_user=settings.multi_user)
    application[AWAITED] = Awaited()
    application[DRAWINGS] = Drawings()
    application[LOG_FEED] = LogFeed(service.logs, application[HUB])
    application[CONNECTIONS] = connections
    application[GUARD] = guard
    if service.accounts is not None:
        add_lock(application, service.accounts, application.middlewares.index(faults))
    application.on_response_prepare.append(guard.decorate)
    application.on_response_prepare.append(cache_headers)
    for part in discover(parts, Part, lambda part: part.name).values():
        part.join(application)
    for found in discover(routes, Route, lambda route: route.name).values():
        _add(application, found)
        if service.classic is not None:
            _add(application, found, CLASSIC)
    if service.classic is not None:
        add_frontend(application, service.classic, CLASSIC)
    if service.frontend is not None:
        add_frontend(application, service.frontend)
    application.on_startup.append(_begin(service))
    application.on_shutdown.append(_shut_down)
    application.on_cleanup.append(_clean_up)
    return application


def _add(application: web.Application, route: Route, below: str = "") -> None:
    """Adds a route: at its own paths, or all of ComfyUI's API once more below a path, where a page asks for it."""
    if below and not route.mirrored and not route.paths[0].startswith(f"{MIRROR}/"):
        return
    prefixes = (below, below + MIRROR) if route.mirrored else (below,)
    if route.access is not None:
        application[ACCESS][route.handler] = route.access
    for prefix in prefixes:
        for path in route.paths:
            if route.method == "GET":
                application.router.add_get(prefix + path, route.handler)
            else:
                application.router.add_route(route.method, prefix + path, route.handler)


def _begin(service: Service) -> Callable[[web.Application], Awaitable[None]]:
    async def begin(application: web.Application) -> None:
        hub = application[HUB]
        hub.start()
        hub.stop_listening = service.dispatcher.listen(hub.hear)
        awaited = application[AWAITED]
        awaited.start()
        service.dispatcher.listen(awaited.hear)
        application[CATALOG].start()
        application[PACKS].start()
        application[LOG_FEED].start()

    return begin


async def _shut_down(application: web.Application) -> None:
    application[CATALOG].stop()
    application[AWAITED].close()
    await application[PACKS].close()
    application[LOG_FEED].stop()
    await application[HUB].close()


async def _clean_up(application: web.Application) -> None:
    application[HUB].stop_listening()
    application[PICTURES].close()
