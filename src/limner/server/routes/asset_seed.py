"""Looking through folders for assets: ``/api/assets/seed``, ``/api/assets/prune``."""

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import DocumentError
from limner.server.assets.parts import library_of, seed_of
from limner.server.assets.seed import ROOTS
from limner.server.bodies import apart, beside, read_bytes, read_object
from limner.server.replies import json_reply
from limner.server.route import route
from limner.server.routes.assets import explained


@route("POST", "/api/assets/seed")
@explained
async def start(request: web.Request) -> web.StreamResponse:
    """Begins to look through folders; with ``wait`` answers when it is done."""
    roots, seed = await _roots(request), seed_of(request)
    if not seed.start(roots):
        return json_reply({"status": "already_running"}, 409)
    if request.query.get("wait", "").lower() not in ("true", "1", "yes"):
        return json_reply({"status": "started"}, 202)
    await apart(seed.wait)
    status = seed.status()
    return json_reply({"status": "completed", "progress": status["progress"], "errors": status["errors"]})


@route("GET", "/api/assets/seed/status")
@explained
async def status(request: web.Request) -> web.StreamResponse:
    """How far it is."""
    return json_reply(seed_of(request).status())


@route("POST", "/api/assets/seed/cancel")
@explained
async def cancel(request: web.Request) -> web.StreamResponse:
    """Ends it."""
    return json_reply({"status": "cancelling" if seed_of(request).cancel() else "idle"})


@route("POST", "/api/assets/prune")
@explained
async def prune(request: web.Request) -> web.StreamResponse:
    """Marks the assets whose files are gone."""
    gone = await beside(library_of(request).prune)
    return json_reply({"status": "completed", "marked": gone})


async def _roots(request: web.Request) -> list[str]:
    """The folders that a body names; all of them if there is no body.

    Raises:
        GraphError: for other names.
    """
    if not (await read_bytes(request)).strip():
        return list(ROOTS)
    try:
        roots = (await read_object(request)).get("roots")
    except DocumentError as error:
        raise refusal("INVALID_BODY", str(error)) from error
    if roots is None:
        return list(ROOTS)
    if not isinstance(roots, list) or not roots or not all(root in ROOTS for root in roots):
        raise refusal("INVALID_BODY", f"roots must be a list of {', '.join(ROOTS)}.")
    return list(dict.fromkeys(roots))
