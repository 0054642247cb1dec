"""Which hosts outside of this machine were asked for something: ``/limner/hosts``."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from limner.accounts.records import Scope
from limner.server.bodies import beside
from limner.server.replies import json_reply
from limner.server.route import SERVICE, route
from limner.storage.contacted_hosts import PROVIDERS


@route("GET", "/limner/hosts", access=Scope.READ_ALL)
async def contacted(request: web.Request) -> web.Response:
    """Hosts with reason and moments; services that the settings name are asked as long as the server runs."""
    service = request.app[SERVICE]
    known: list[Any] = [msgspec.to_builtins(entry) for entry in await beside(service.hosts.all)]
    named = service.elsewhere.roster().file.providers if service.elsewhere is not None else {}
    known += [
        {"host": urlsplit(settings.base_url).hostname or "", "why": PROVIDERS, "name": name}
        for name, settings in named.items()
    ]
    return json_reply({"hosts": known})


@route("DELETE", "/limner/hosts", access=Scope.ADMIN)
async def forget(request: web.Request) -> web.Response:
    """Forgets them."""
    await beside(request.app[SERVICE].hosts.clear)
    return json_reply({"hosts": []})
