"""Node packs over HTTP: ``/limner/nodes``."""

from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import UnknownNameError
from limner.server.bodies import apart, beside, read_document
from limner.server.packs.shelf import Shelf
from limner.server.replies import error_reply, json_reply
from limner.server.restarting import restart_worker
from limner.server.route import CATALOG, SERVICE, route

NEEDS_START = {"effect": "when the worker starts again: POST /limner/worker/restart"}


@route("GET", "/limner/nodes")
async def all_packs(request: web.Request) -> web.Response:
    """Which packs there are, and how those that the worker loaded did."""
    shelf, catalog = request.app[SERVICE].shelf, request.app[CATALOG].current
    listed = await beside(shelf.listed) if shelf is not None else []
    reports = {report.name: msgspec.to_builtins(report) for report in catalog.packs} if catalog is not None else {}
    packs = [{**entry, "loaded": reports.get(entry["name"])} for entry in listed]
    return json_reply({"packs": packs, "may_install": shelf is not None and shelf.may_install})


@route("POST", "/limner/nodes/enable", access=Scope.ADMIN)
async def enable(request: web.Request) -> web.Response:
    """Switches packs on: ``{"names": [...]}``; with ``"restart": true`` at once."""
    return await _switch(request, on=True)


@route("POST", "/limner/nodes/disable", access=Scope.ADMIN)
async def disable(request: web.Request) -> web.Response:
    """Switches packs off: ``{"names": [...]}``; with ``"restart": true`` at once."""
    return await _switch(request, on=False)


@route("POST", "/limner/nodes/install", access=Scope.ADMIN)
async def install(request: web.Request) -> web.Response:
    """Brings packs: ``{"sources": [...]}``, folders or URLs. Refused unless the server was started to allow it."""
    shelf = request.app[SERVICE].shelf
    if shelf is None or not shelf.may_install:
        reason = "Installing node packs over HTTP is not allowed here. Use `limner nodes install`, or start the server "
        return error_reply(403, "install_refused", reason + "with --allow-node-install.")
    body = await read_document(request)
    sources = _texts(body, "sources")
    if sources is None:
        return error_reply(400, "invalid_body", 'Send {"sources": ["URL or folder", ...]}.')
    bring = shelf.bring
    brought = [await apart(partial(bring, source)) for source in sources]
    return await _effect(request, body, {"installed": brought})


async def _switch(request: web.Request, *, on: bool) -> web.Response:
    shelf = request.app[SERVICE].shelf
    body = await read_document(request)
    names = _texts(body, "names")
    if shelf is None or names is None:
        return error_reply(400, "invalid_body", 'Send {"names": ["pack", ...]}.')
    try:
        changed = await beside(lambda: _switched(shelf, names, on=on))
    except UnknownNameError as error:
        return error_reply(404, "unknown_pack", str(error))
    return await _effect(request, body, {"changed": changed})


async def _effect(request: web.Request, body: Any, facts: dict[str, Any]) -> web.Response:
    """The answer to a change, which takes effect at once if ``restart`` is true."""
    if isinstance(body, dict) and body.get("restart") is True:
        return await restart_worker(request, body, facts)
    return json_reply(facts | NEEDS_START)


def _switched(shelf: Shelf, names: list[str], *, on: bool) -> list[str]:
    return [name for name in names if shelf.switch(name, on=on)]


def _texts(body: Any, key: str) -> list[str] | None:
    found = body.get(key) if isinstance(body, dict) else None
    return found if isinstance(found, list) and found and all(isinstance(item, str) for item in found) else None
