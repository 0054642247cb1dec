"""What a route is. A module in ``routes`` defines functions marked ``@route(...)``; they are found by themselves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from limner.server.a1111_state import Drawings
from limner.server.awaited import Awaited
from limner.server.catalog_watch import CatalogWatch
from limner.server.history_pages import HistoryPages
from limner.server.hub import Hub
from limner.server.listing import Listings
from limner.server.packs import Packs
from limner.server.pictures import Pictures
from limner.server.service import Service
from limner.server.users import Users

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
HISTORY: web.AppKey[HistoryPages] = web.AppKey("history", HistoryPages)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
CATALOG: web.AppKey[CatalogWatch] = web.AppKey("catalog", CatalogWatch)
LISTINGS: web.AppKey[Listings] = web.AppKey("listings", Listings)
PACKS: web.AppKey[Packs] = web.AppKey("packs", Packs)
PICTURES: web.AppKey[Pictures] = web.AppKey("pictures", Pictures)
USERS: web.AppKey[Users] = web.AppKey("users", Users)
AWAITED: web.AppKey[Awaited] = web.AppKey("awaited", Awaited)
DRAWINGS: web.AppKey[Drawings] = web.AppKey("drawings", Drawings)

MIRROR = "/api"
"""Every route is served at its path and below this one."""


@dataclass(frozen=True)
class Route:
    """A method, the paths it is served at, and the function that answers."""

    method: str
    paths: tuple[str, ...]
    handler: Handler
    mirrored: bool = True

    @property
    def name(self) -> str:
        """Identifies the route."""
        return f"{self.method} {self.paths[0]}"


def route(method: str, *paths: str, mirrored: bool = True) -> Callable[[Handler], Route]:
    """Marks a function as the answer to a method at some paths."""

    def define(handler: Handler) -> Route:
        return Route(method, paths, handler, mirrored)

    return define
