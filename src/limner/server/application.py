"""Puts the server together: routes, checks, hub."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from limner.graph.discovery import discover
from limner.server import routes
from limner.server.caching import cache_headers
from limner.server.catalog_watch import CatalogWatch
from limner.server.faults import faults
from limner.server.guard import Guard
from limner.server.hub import Hub
from limner.server.listing import Listings
from limner.server.pictures import Pictures
from limner.server.route import CATALOG, HUB, LISTINGS, MIRROR, PICTURES, SERVICE, Route
from limner.server.service import Service


def create_application(service: Service) -> web.Application:
    """The web application. It needs no worker to start and answers ``/system_stats`` at once."""
    guard = Guard(service.settings.host, service.settings.allowed_origins)
    application = web.Application(
        client_max_size=service.settings.max_upload,
        middlewares=[guard.middleware, faults],
    )
    application[SERVICE] = service
    application[HUB] = Hub(lambda: service.dispatcher.counts().remaining)
    application[CATALOG] = CatalogWatch(service.dispatcher.catalog)
    application[LISTINGS] = Listings(service.lists)
    application[PICTURES] = Pictures()
    application.on_response_prepare.append(guard.decorate)
    application.on_response_prepare.append(cache_headers)
    for found in discover(routes, Route, lambda route: route.name).values():
        _add(application, found)
    application.on_startup.append(_begin(service))
    application.on_shutdown.append(_shut_down)
    application.on_cleanup.append(_clean_up)
    return application


def _add(application: web.Application, route: Route) -> None:
    prefixes = ("", MIRROR) if route.mirrored else ("",)
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
        application[CATALOG].start()

    return begin


async def _shut_down(application: web.Application) -> None:
    application[CATALOG].stop()
    await application[HUB].close()


async def _clean_up(application: web.Application) -> None:
    application[HUB].stop_listening()
    application[PICTURES].close()
