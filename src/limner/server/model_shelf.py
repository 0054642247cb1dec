"""What a request sees of model files: they are everybody's, the workflows that use them the caller's own."""

from aiohttp import web

from limner.graph.errors import LimnerError
from limner.hub.holdings import Holding, Holdings
from limner.hub.records import Records
from limner.server.caller import folders_of, shown_owner
from limner.server.model_cards import MODEL_CARDS
from limner.server.model_facts import MODEL_FACTS
from limner.server.model_listing import Shelf, builtin
from limner.server.model_use import MODEL_USE
from limner.server.replies import error_reply
from limner.server.route import SERVICE
from limner.server.users import ONLY_USER
from limner.storage.folders import resolve


def holdings_of(request: web.Request) -> Holdings:
    """The model files that there are."""
    folders = request.app[SERVICE].folders
    return Holdings(folders, Records(folders.data))


def shelf_of(request: web.Request) -> Shelf:
    """What is told of them to the caller."""
    return Shelf(
        holdings=holdings_of(request),
        cards=request.app[MODEL_CARDS],
        facts=request.app[MODEL_FACTS],
        use=request.app[MODEL_USE],
        workflows=folders_of(request).user / ONLY_USER / "workflows",
        owner=shown_owner(request),
    )


def held_of(holdings: Holdings, kind: str, name: str) -> Holding | web.Response:
    """The file of a kind and name, built-in ones too, or the answer that there is none. Blocks."""
    inside = next((held for held in builtin(holdings) if (held.kind, held.name) == (kind, name)), None)
    if inside is not None:
        return inside
    try:
        resolve(holdings.folders.data, name)  # A name that leaves its folder names nothing.
        return holdings.find(f"{kind}/{name}")
    except LimnerError as error:
        return error_reply(404, "unknown_model", str(error))
