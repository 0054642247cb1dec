"""One model file: what is known of it, what people wrote about it, its picture. ``/limner/models/details``."""

import io

from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.graph.errors import DocumentError
from limner.hub.holdings import Holding
from limner.server.bodies import beside, read_bytes, read_object
from limner.server.model_cards import MODEL_CARDS
from limner.server.model_listing import detailed, key_of
from limner.server.model_pictures import RENDITION, picture_beside, picture_inside
from limner.server.model_shelf import held_of, holdings_of, shelf_of
from limner.server.pictures import encode
from limner.server.replies import empty_reply, error_reply, json_reply
from limner.server.route import PICTURES, route

LARGEST_PICTURE = 32 << 20
FOR_EVER = "private, max-age=31536000, immutable"


@route("GET", "/limner/models/details")
async def details(request: web.Request) -> web.Response:
    """What is known of the file ``name`` of a ``kind``: header, source, digest, use, and its card."""
    shelf, kind, name = shelf_of(request), request.query.get("kind", ""), request.query.get("name", "")

    def read() -> web.Response:
        held = held_of(shelf.holdings, kind, name)
        if isinstance(held, web.Response):
            return held
        try:
            return json_reply(detailed(shelf, held))
        except OSError as error:
            return error_reply(404, "unknown_model", f"{held.name} cannot be read ({error.strerror or error}).")

    return await beside(read)


@route("PATCH", "/limner/models/details", access=Scope.MODELS)
async def change(request: web.Request) -> web.Response:
    """Writes on a model's card: ``{"kind", "name", "card": {"notes": ..., "triggers": [...], ...}}``."""
    body = await read_object(request)
    changes = body.get("card")
    if not isinstance(changes, dict):
        raise DocumentError('Send {"kind": ..., "name": ..., "card": {what changes}}.')
    held = await _held(request, str(body.get("kind", "")), str(body.get("name", "")))
    if isinstance(held, web.Response):
        return held
    cards = request.app[MODEL_CARDS]
    return await beside(lambda: json_reply({"card": cards.change(key_of(held), changes)}))


@route("GET", "/limner/models/picture")
async def picture(request: web.Request) -> web.Response:
    """A model's picture as WEBP: the one that somebody gave it, one beside its file, or the one in its header."""
    held = await _held(request, request.query.get("kind", ""), request.query.get("name", ""))
    if isinstance(held, web.Response):
        return empty_reply(404)
    given = await beside(lambda: request.app[MODEL_CARDS].picture(key_of(held)))
    pictures, source = request.app[PICTURES], given or await beside(lambda: picture_beside(held.path))
    try:
        body = await (pictures.encode(source, RENDITION) if source else pictures.run(lambda: picture_inside(held.path)))
    except (DocumentError, OSError):
        body = None
    if body is None:
        return empty_reply(404)
    kept = FOR_EVER if request.query.get("state") else "no-cache"
    return web.Response(body=body, content_type="image/webp", headers={hdrs.CACHE_CONTROL: kept})


@route("PUT", "/limner/models/picture", access=Scope.MODELS)
async def give_picture(request: web.Request) -> web.Response:
    """Gives a model the picture that is the body, or takes it away if there is none."""
    held = await _held(request, request.query.get("kind", ""), request.query.get("name", ""))
    if isinstance(held, web.Response):
        return held
    body = await read_bytes(request)
    if len(body) > LARGEST_PICTURE:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_PICTURE, actual_size=len(body))
    made = await request.app[PICTURES].run(lambda: _made(body)) if body else b""
    cards = request.app[MODEL_CARDS]
    await beside(lambda: cards.give_picture(key_of(held), made))
    return json_reply({"picture": bool(made)})


async def _held(request: web.Request, kind: str, name: str) -> Holding | web.Response:
    holdings = holdings_of(request)
    return await beside(lambda: held_of(holdings, kind, name))


def _made(body: bytes) -> bytes:
    return encode(io.BytesIO(body), RENDITION)
