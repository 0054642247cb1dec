"""Looking after model files: what is large, unused or here twice; the trash. ``/limner/models/care`` and its like."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import LimnerError
from limner.hub.digests import never
from limner.hub.duplicates import find_twins
from limner.hub.holdings import Holdings
from limner.hub.trash import TRASH, empty_trash, home_of, remove, restore, trashed
from limner.server.bodies import apart, beside, read_object
from limner.server.model_listing import listed
from limner.server.model_shelf import held_of, holdings_of, shelf_of
from limner.server.model_watch import MODEL_WATCH
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route
from limner.server.routes.pulls import refused

UNUSED_DAYS = 90
SHOWN = 50


@route("GET", "/limner/models/care")
async def care(request: web.Request) -> web.Response:
    """The biggest files, those unused for 90 days, and those of equal size; ``sure`` says that digests are equal."""
    shelf = shelf_of(request)

    def look() -> dict[str, Any]:
        files = [entry for entry in listed(shelf) if not entry["builtin"]]
        since = time.time() - UNUSED_DAYS * 86_400
        unused = [entry for entry in files if max(entry["last_used"], entry["modified"]) < since]
        return {
            "biggest": _by_size(files),
            "unused": _by_size(unused),
            "twins": _twins(files),
            "size": sum(entry["size"] for entry in files),
            "count": len(files),
        }

    return json_reply(await beside(look))


@route("POST", "/limner/models/compare", access=Scope.MODELS)
async def compare(request: web.Request) -> web.Response:
    """Reads all files that have another one's size, and says which are the same. About a second a gigabyte."""
    holdings = holdings_of(request)
    found = await apart(lambda: find_twins(holdings, lambda _: never))
    return json_reply(
        {
            "twins": [
                {
                    "size": twins.size,
                    "sure": True,
                    "files": [{"kind": held.kind, "name": held.name, "own": held.is_own} for held in twins.files],
                }
                for twins in found
            ]
        }
    )


@route("POST", "/limner/models/remove", access=Scope.MODELS)
async def discard(request: web.Request) -> web.Response:
    """Puts the file ``name`` of a ``kind`` into the trash on its own disk."""
    body = await read_object(request)
    holdings = holdings_of(request)

    def work() -> web.Response:
        held = held_of(holdings, str(body.get("kind", "")), str(body.get("name", "")))
        if isinstance(held, web.Response):
            return held
        if held.path in holdings.folders.builtin.get(held.kind, {}).values():
            return error_reply(400, "invalid", "The built-in model is part of the program.")
        place = remove(holdings, held, force=False)
        return json_reply({"trash": _trash_name(holdings, place) if place else ""})

    return await _changed(request, work)


@route("GET", "/limner/models/trash", access=Scope.MODELS)
async def trash(request: web.Request) -> web.Response:
    """The files in the trash."""
    holdings = holdings_of(request)
    return await beside(lambda: json_reply({"files": list(_thrown(holdings))}))


@route("POST", "/limner/models/restore", access=Scope.MODELS)
async def bring_back(request: web.Request) -> web.Response:
    """Puts a file of the trash back: ``{"trash": its name there}``."""
    body, holdings = await read_object(request), holdings_of(request)

    def work() -> web.Response:
        named = {_trash_name(holdings, path): path for path in trashed(holdings.folders)}
        path = named.get(str(body.get("trash", "")))
        if path is None:
            return error_reply(404, "unknown", "This file is not in the trash any more.")
        return json_reply({"name": restore(holdings.folders, path).name})

    return await _changed(request, work)


@route("DELETE", "/limner/models/trash", access=Scope.ADMIN)
async def empty(request: web.Request) -> web.Response:
    """Deletes for good what is in the trash."""
    folders = request.app[SERVICE].folders
    try:
        return json_reply({"freed": await beside(lambda: empty_trash(folders))})
    except LimnerError as error:
        return refused(error)


async def _changed(request: web.Request, work: Any) -> web.Response:
    try:
        answer = await beside(work)
    except LimnerError as error:
        return refused(error)
    request.app[MODEL_WATCH].nudge()
    return answer


def _by_size(files: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(files, key=lambda entry: -entry["size"])[:SHOWN]


def _twins(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files of equal size; those whose digests are known to differ are none."""
    groups: dict[int, list[dict[str, Any]]] = {}
    for entry in files:
        groups.setdefault(entry["size"], []).append(entry)
    found = []
    for size, several in groups.items():
        digests = [entry["sha256"] for entry in several]
        if len(several) > 1 and (not all(digests) or len(set(digests)) < len(digests)):
            sure = all(digests) and len(set(digests)) == 1
            named = [{key: entry[key] for key in ("kind", "name", "own")} for entry in several]
            found.append({"size": size, "sure": sure, "files": named})
    return sorted(found, key=lambda twins: -twins["size"])[:SHOWN]


def _thrown(holdings: Holdings) -> Iterable[dict[str, Any]]:
    for path in trashed(holdings.folders):
        home = home_of(holdings.folders, path)
        yield {
            "trash": _trash_name(holdings, path),
            "name": home.name,
            "folder": home.parent.name,
            "size": path.lstat().st_size,
            "thrown": path.parent.stat().st_mtime,
        }


def _trash_name(holdings: Holdings, path: Path) -> str:
    """By which pages name a file in the trash: the number of its root, and where it lies there."""
    folders = holdings.folders
    roots = [*folders.model_roots, folders.output]
    for number, root in enumerate(roots):
        if path.is_relative_to(root / TRASH):
            return f"{number}/{path.relative_to(root / TRASH).as_posix()}"
    return ""
