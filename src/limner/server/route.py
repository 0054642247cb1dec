"""What a route is. A module in ``routes`` defines functions marked ``@route(...)``; they are found by themselves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.server.a1111.state import Drawings
from limner.server.awaited import Awaited
from limner.server.catalog_watch import CatalogWatch
from limner.server.history_pages import HistoryPages
from limner.server.hub import Hub
from limner.server.packs.packs import Packs
from limner.server.pictures import Pictures
from limner.server.service import Service
from limner.server.users import Users

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
HISTORY: web.AppKey[HistoryPages] = web.AppKey("history", HistoryPages)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
CATALOG: web.AppKey[CatalogWatch] = web.AppKey("catalog", CatalogWatch)
PACKS: web.AppKey[Packs] = web.AppKey("packs", Packs)
PICTURES: web.AppKey[Pictures] = web.AppKey("pictures", Pictures)
USERS: web.AppKey[Users] = web.AppKey("users", Users)
AWAITED: web.AppKey[Awaited] = web.AppKey("awaited", Awaited)
DRAWINGS: web.AppKey[Drawings] = web.AppKey("drawings", Drawings)

ACCESS: web.AppKey[dict[Handler, Any]] = web.AppKey("access", dict)
"""What routes take that say so themselves, by their handlers."""

MIRROR = "/api"
"""Every route is served at its path and below this one."""


class Access(Enum):
    """What a route takes of who comes, if that is no scope."""

    OPEN = auto()
    """Nothing: everybody may come, also where accounts are on."""


@dataclass(frozen=True)
class Route:
    """A method, the paths it is served at, and the function that answers.

    Attributes:
        method: Of requests.
        paths: Where it is served.
        handler: Answers.
        mirrored: It is served below MIRROR too.
        access: What it takes where accounts are on; None: reading what is one's own, or submitting, by its method.
    """

    method: str
    paths: tuple[str, ...]
    handler: Handler
    mirrored: bool = True
    access: Scope | Access | None = None

    @property
    def name(self) -> str:
        """Identifies the route."""
        return f"{self.method} {self.paths[0]}"


def route(
    method: str, *paths: str, mirrored: bool = True, access: Scope | Access | None = None
) -> Callable[[Handler], Route]:
    """Marks a function as the answer to a method at some paths. Args: see Route."""

    def define(handler: Handler) -> Route:
        return Route(method, paths, handler, mirrored, access)

    return define
