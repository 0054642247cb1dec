"""Saved apps: ``/apps``. What an app asks for is found anew whenever it is shown, since models come and go."""

from typing import Any

from aiohttp import web

from limner.dialects.apps.answer import app_entry
from limner.dialects.apps.declaration import FIELDS
from limner.graph.errors import DocumentError
from limner.server.admission import admission_of
from limner.server.apps.door import app_route, shared_apps, store_of
from limner.server.apps.reading import Opened, opened_app, shelf_of
from limner.server.apps.saving import read_draft
from limner.server.bodies import beside
from limner.server.limits import check_storage
from limner.server.public_address import address_of
from limner.server.replies import json_reply


@app_route("GET", "/apps")
async def apps(request: web.Request) -> web.Response:
    """All apps, with what they ask for."""
    shelf = shelf_of(request, await admission_of(request))
    opened = await beside(shelf.all)
    return json_reply({"apps": [_entry(request, one) for one in opened]})


@app_route("GET", "/apps/{name}")
async def app(request: web.Request) -> web.Response:
    """One app with its workflow."""
    return json_reply(_whole(request, await opened_app(request, version_of(request))))


@app_route("PUT", "/apps/{name}")
async def save(request: web.Request) -> web.Response:
    """Saves a workflow as an app, or as the next version of one."""
    await check_storage(request)
    draft = await read_draft(request)
    shelf, name = shelf_of(request, await admission_of(request)), request.match_info["name"]

    def kept() -> tuple[Opened, bool]:
        read = shelf.read(draft.source, draft.declaration)
        if draft.declaration.shared:
            shelf.shared.check(name)
        known = shelf.store.versions(name)
        saved = shelf.store.save(name, draft.document(read.workflow), draft.declaration)
        shelf.shared.tell(saved)
        return Opened(saved, read), saved.version not in known

    opened, is_new = await beside(kept)
    return json_reply(_whole(request, opened), 201 if is_new else 200)


@app_route("DELETE", "/apps/{name}")
async def remove(request: web.Request) -> web.Response:
    """Removes an app, or one version of it."""
    store, shared = store_of(request), shared_apps(request)
    name, version = request.match_info["name"], version_of(request)

    def removed() -> list[int]:
        gone = store.remove(name, version)
        left = store.versions(name)
        if not left or not store.load(name).declaration.shared:
            shared.forget(name)
        return gone

    return json_reply({"name": name, "removed": await beside(removed)})


@app_route("GET", "/apps/{name}/versions")
async def versions(request: web.Request) -> web.Response:
    """The versions of a saved app, the last one first."""
    store, name = store_of(request), request.match_info["name"]

    def read() -> list[dict[str, Any]]:
        known = [store.load(name, number) for number in store.versions(name)] or [store.load(name)]
        shown = [(saved.version, saved.created, saved.declaration.title) for saved in reversed(known)]
        return [{"version": number, "created": created, "title": title or name} for number, created, title in shown]

    return json_reply({"name": name, "versions": await beside(read)})


def version_of(request: web.Request) -> int:
    """The version that the query asks for; 0: the last one.

    Raises:
        DocumentError: if it is no number.
    """
    text = request.query.get("version", "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise DocumentError(f"'version' is {text!r:.40}; send a whole number.")
    return int(text or 0)


def _entry(request: web.Request, opened: Opened) -> dict[str, Any]:
    here = f"{address_of(request)}/apps/{opened.app.name}"
    urls = {"self": here, **{name: f"{here}/{name}" for name in ("run", "start", "upload", "check")}}
    return {
        **app_entry(opened.app, opened.read.inputs, opened.title),
        "mine": opened.mine,
        "urls": urls | {"openapi": f"{here}/openapi.json"},
    }


def _whole(request: web.Request, opened: Opened) -> dict[str, Any]:
    declared = opened.app.declaration
    return {
        **_entry(request, opened),
        "outputs": list(opened.read.targets or ()),
        "declaration": {name: getattr(declared, name) for name in sorted(FIELDS)},
        "workflow": opened.app.workflow,
        "notes": list(opened.read.workflow.notes),
        "unknown_nodes": sorted(opened.read.workflow.unknown),
    }
