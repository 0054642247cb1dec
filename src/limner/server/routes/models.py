"""Model files that are here, and well-known ones that could be: ``/limner/models``."""

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.document import read_workflow
from limner.graph.errors import LimnerError, StorageError, UnknownNameError
from limner.hub.catalogue import read_catalogue
from limner.hub.examination import describe, verify
from limner.hub.holdings import Holding, Holdings
from limner.hub.missing import find_missing
from limner.server.bodies import apart, beside, read_object
from limner.server.caller import lists_of
from limner.server.model_listing import listed
from limner.server.model_shelf import holdings_of, shelf_of
from limner.server.model_substitutes import told_missing
from limner.server.replies import error_reply, json_reply
from limner.server.route import CATALOG, SERVICE, route


@route("GET", "/limner/models")
async def everything(request: web.Request) -> web.Response:
    """All model files: kind, name, size, what headers say, where they came from, how much they are used."""
    shelf = shelf_of(request)
    return await beside(lambda: json_reply({"models": list(listed(shelf))}))


@route("GET", "/limner/models/info")
async def info(request: web.Request) -> web.Response:
    """What the file ``name`` says of itself, and its digest if it is known."""
    holdings, name = holdings_of(request), request.query.get("name", "")
    return await beside(lambda: _described(holdings, name))


@route("POST", "/limner/models/verify", access=Scope.MODELS)
async def check(request: web.Request) -> web.Response:
    """Reads the file ``name`` whole and compares it with what is recorded; about a second a gigabyte."""
    holdings, name = holdings_of(request), str((await read_object(request)).get("name", ""))
    return await apart(lambda: _verified(holdings, name))


@route("GET", "/limner/models/catalogue")
async def catalogue(request: web.Request) -> web.Response:
    """Well-known models that can be pulled by name; sizes in gigabytes are approximate."""
    entries = await beside(read_catalogue)
    shown = [
        {
            **{key: getattr(entry, key) for key in ("name", "title", "licence", "restricted", "gb", "page")},
            "files": [{"name": file.name, "kind": file.kind, "gb": file.gb} for file in entry.files],
        }
        for entry in entries
    ]
    return json_reply({"models": shown})


@route("POST", "/limner/models/missing", access=Scope.READ_OWN)
async def missing(request: web.Request) -> web.Response:
    """Which model files a workflow misses, and where they can be had: ``{"workflow": API or UI format}``."""
    lists, shelf = lists_of(request), shelf_of(request)
    catalog = await request.app[CATALOG].wait(request.app[SERVICE].settings.catalog_wait)
    document = (await read_object(request)).get("workflow")
    if catalog is None:
        return error_reply(
            503, "not_ready", "The worker has not said yet which nodes there are.", **{"Retry-After": "2"}
        )

    def look() -> web.Response:
        workflow = read_workflow(document, catalog, lists)
        found = find_missing(workflow.graph, catalog, lists, [workflow.extra_pnginfo])
        return json_reply({"missing": [told_missing(entry, shelf.holdings) for entry in found]})

    try:
        return await beside(look)
    except LimnerError as error:
        return error_reply(400, "invalid_body", str(error))


def _described(holdings: Holdings, name: str) -> web.Response:
    held = _found(holdings, name)
    if isinstance(held, web.Response):
        return held
    try:
        return json_reply(describe(holdings, held))
    except (LimnerError, OSError) as error:
        return error_reply(400, "invalid_model", str(error))


def _verified(holdings: Holdings, name: str) -> web.Response:
    held = _found(holdings, name)
    if isinstance(held, web.Response):
        return held
    verdict = verify(holdings, held)
    facts = {"kind": held.kind, "name": held.name, "state": verdict.state, "sha256": verdict.sha256}
    return json_reply(facts | {"message": verdict.message})


def _found(holdings: Holdings, name: str) -> Holding | web.Response:
    try:
        return holdings.find(name)
    except (UnknownNameError, StorageError) as error:
        return error_reply(404, "unknown_model", str(error))
