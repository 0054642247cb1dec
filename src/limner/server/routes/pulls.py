"""Getting models over HTTP: ``/limner/models/pull``, watched by polling or as server-sent events."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.graph.errors import InterruptedRun, LimnerError
from limner.hub.missing import Missing
from limner.hub.plan import Choice, as_document
from limner.hub.pulls import Pulls, PullStatus
from limner.hub.refusal import PullError
from limner.hub.source import Wanted
from limner.server.bodies import apart, read_object
from limner.server.replies import error_reply, json_reply
from limner.server.route import SERVICE, route

HEARTBEAT = 1.0
"""Seconds after which a watcher hears something, so that a closed connection is noticed."""

MOST = 50
"""Files that are asked for at once."""

STATUSES = {
    "agree": 409,
    "choose": 409,
    "exists": 409,
    "gated": 403,
    "refused": 403,
    "gone": 404,
    "unknown": 404,
    "busy": 429,
}
"""Status codes of refusals; all others are 400."""

EXPECTED = (
    'Send {"reference": "a name, an id or a URL"}, with "into", "name", "revision", "include", "agreed" as needed.'
)


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a pull."""

    reference: str
    into: str = ""
    name: str = ""
    revision: str = ""
    include: tuple[str, ...] = ()
    connections: int = 4
    agreed: bool = False
    dry_run: bool = False


@route("POST", "/limner/models/pull", access=Scope.MODELS)
async def start(request: web.Request) -> web.Response:
    """Begins to pull, or says with ``dry_run`` what would be done."""
    pulls = pulls_of(request)
    asked = _read(await read_object(request))
    if asked is None or not asked.reference.strip() or not 1 <= asked.connections <= 16:
        return error_reply(400, "invalid_body", EXPECTED)
    wanted = Wanted(asked.reference.strip(), asked.revision, asked.include)
    choice = Choice(asked.into, asked.name, asked.connections)
    try:
        if not asked.dry_run:
            return json_reply(pulls.start(wanted, choice, agreed=asked.agreed), 202)
        plan = await apart(lambda: pulls.puller.plan(wanted, choice))
    except (LimnerError, InterruptedRun) as error:
        return refused(error)
    return json_reply(as_document(plan))


@route("POST", "/limner/models/supply", access=Scope.MODELS)
async def supply(request: web.Request) -> web.Response:
    """Begins to bring files that a workflow misses: ``{"missing": [entries of /limner/models/missing], "agreed"}``."""
    pulls, body = pulls_of(request), await read_object(request)
    try:
        wanted = msgspec.convert(body.get("missing"), list[Missing])
        agreed = body.get("agreed") is True
        return json_reply({"pulls": [pulls.supply(missing, agreed=agreed) for missing in wanted[:MOST]]}, 202)
    except msgspec.ValidationError:
        return error_reply(400, "invalid_body", 'Send {"missing": [{"kind", "name", "reference", "sha256"}, ...]}.')
    except LimnerError as error:
        return refused(error)


@route("GET", "/limner/models/pull", access=Scope.MODELS)
async def everything(request: web.Request) -> web.Response:
    """All pulls that are remembered, the newest first."""
    return json_reply({"pulls": pulls_of(request).list()})


@route("GET", "/limner/models/pull/{id}", access=Scope.MODELS)
async def one(request: web.Request) -> web.Response:
    """How one is doing."""
    status = pulls_of(request).get(request.match_info["id"])
    return json_reply(status) if status is not None else _unknown()


@route("DELETE", "/limner/models/pull/{id}", access=Scope.MODELS)
async def stop(request: web.Request) -> web.Response:
    """Stops one; what has arrived is kept, and the same pull goes on from there."""
    pulls, name = pulls_of(request), request.match_info["id"]
    stopped = pulls.stop(name)
    status = pulls.get(name)
    return json_reply({"stopping": stopped, "pull": status}) if status is not None else _unknown()


@route("POST", "/limner/models/pull/{id}/pause", access=Scope.MODELS)
async def pause(request: web.Request) -> web.Response:
    """Stops one until it is resumed."""
    pulls, name = pulls_of(request), request.match_info["id"]
    paused = pulls.pause(name)
    status = pulls.get(name)
    return json_reply({"pausing": paused, "pull": status}) if status is not None else _unknown()


@route("POST", "/limner/models/pull/{id}/resume", access=Scope.MODELS)
async def resume(request: web.Request) -> web.Response:
    """Goes on with one that was paused, stopped or failed; ``{"agreed": true}`` agrees to its cautions."""
    pulls, name = pulls_of(request), request.match_info["id"]
    body = await read_object(request) if request.can_read_body else {}
    resumed = pulls.resume(name, agreed=body.get("agreed") is True)
    status = pulls.get(name)
    return json_reply({"resumed": resumed, "pull": status}) if status is not None else _unknown()


@route("GET", "/limner/models/pull/{id}/events", access=Scope.MODELS)
async def watch(request: web.Request) -> web.StreamResponse:
    """Its status whenever that changes, as server-sent events, until it is over."""
    pulls, name = pulls_of(request), request.match_info["id"]
    status = pulls.get(name)
    if status is None:
        return _unknown()
    stream = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-cache"})
    await stream.prepare(request)
    await stream.write(_event(status))
    while not status.is_over:
        following = await apart(_waiting(pulls, name, status.changed))
        if following is None:
            break
        await stream.write(_event(following) if following.changed != status.changed else b": still here\n\n")
        status = following
    await stream.write_eof()
    return stream


def refused(error: LimnerError) -> web.Response:
    """The answer to what cannot be done."""
    code = error.code if isinstance(error, PullError) else "invalid"
    return error_reply(STATUSES.get(code, 400), code, str(error))


def _waiting(pulls: Pulls, name: str, changed: int) -> Any:
    return lambda: pulls.wait(name, changed, HEARTBEAT)


def _event(status: PullStatus) -> bytes:
    return b"event: status\ndata: " + msgspec.json.encode(status) + b"\n\n"


def pulls_of(request: web.Request) -> Pulls:
    """The pulls of this server.

    Raises:
        HTTPForbidden: if it fetches none.
    """
    pulls = request.app[SERVICE].pulls
    if pulls is None:
        raise web.HTTPForbidden(text="This server fetches no models.")
    return pulls


def _read(body: Mapping[str, Any]) -> _Asked | None:
    try:
        return msgspec.convert(body, _Asked)
    except msgspec.ValidationError:
        return None


def _unknown() -> web.Response:
    return error_reply(404, "unknown_pull", "There is no pull of that id. GET /limner/models/pull lists them.")
