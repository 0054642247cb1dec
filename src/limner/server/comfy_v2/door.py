"""What all routes of Comfy API v2 share: refusals in its envelope, names of requests, what other origins may read.

The envelope covers what no route of its own answers too: unknown paths, wrong methods, keys that are missing, origins
that are not allowed. Routes that node packs bring below the same path are left alone.
"""

import functools
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

from aiohttp import hdrs, web

from limner.accounts.records import Scope
from limner.dialects.comfy_v2.refusals import NAMES, envelope, refusal_of
from limner.graph.errors import LimnerError
from limner.server.guard import GUARD
from limner.server.public_address import address_of
from limner.server.replies import json_reply
from limner.server.route import PACKS, Access, Handler, Route, route

ROOT = "/api/v2"
PARTS = tuple(f"{ROOT}/{part}" for part in ("jobs", "assets", "health", "openapi.json"))
REQUEST_ID = "X-Comfy-Request-Id"
OUR_ENVELOPE: web.ResponseKey[bool] = web.ResponseKey("comfy v2 envelope", bool)

NAMED: web.ResponseKey[str] = web.ResponseKey("comfy v2 etag", str)
"""The ETag of a file by its content; the one that files get by themselves is made of their time and size."""

COMFYS = f"{ROOT}/userdata"
"""ComfyUI's own, which lies below the root by chance."""

CLIENT_GONE = 499
"""Nobody reads it any more; raised further, each client that hangs up would leave a traceback in the log."""

SHARED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Expose-Headers": f"Retry-After, Content-Range, Accept-Ranges, {REQUEST_ID}",
    "Access-Control-Max-Age": "600",
}
"""What pages of allowed origins may send and read."""

SECRETIVE = frozenset({hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH, hdrs.CONTENT_ENCODING, hdrs.TRANSFER_ENCODING})
"""Headers that belong to a body and not to the refusal that it tells of."""

LOG = logging.getLogger(__name__)


def v2_route(method: str, path: str, access: Scope | Access | None = None) -> Callable[[Handler], Route]:
    """Marks a function as the answer to a method at a path below the API's root; what it raises is told its way.

    Args: see Route.
    """

    def define(handler: Handler) -> Route:
        @functools.wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except (LimnerError, web.HTTPException) as error:
                return refused(error)
            except web.RequestPayloadError as error:
                return refusal_reply(400, envelope("invalid_request", f"The body did not arrive whole ({error})."))
            except ConnectionError:
                return web.Response(status=CLIENT_GONE)
            except Exception:
                LOG.exception("%s %s failed", request.method, request.path)
                said = "Something went wrong in the server; its log says what."
                return refusal_reply(500, envelope("upstream_error", said))

        return route(method, f"{ROOT}{path}", mirrored=False, access=access)(answered)

    return define


def base_of(request: web.Request) -> str:
    """The API's address as the client reaches it."""
    return f"{address_of(request)}{ROOT}"


def refused(error: LimnerError | web.HTTPException) -> web.StreamResponse:
    """What was raised, as an answer."""
    if isinstance(error, LimnerError):
        status, body, seconds = refusal_of(error)
        return refusal_reply(status, body, **({hdrs.RETRY_AFTER: str(seconds)} if seconds else {}))
    if error.status < 400:
        raise error
    code = NAMES.get(error.status, "upstream_error" if error.status >= 500 else "invalid_request")
    said = {413: "The upload is larger than this server takes (--max-upload-size).", 408: "The body came too slowly."}
    return refusal_reply(error.status, envelope(code, said.get(error.status) or error.text or error.reason))


def refusal_reply(status: int, body: dict[str, Any], **headers: str) -> web.Response:
    """A refusal in the envelope."""
    reply = json_reply(body, status, **headers)
    reply[OUR_ENVELOPE] = True
    return reply


@web.middleware
async def enveloped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Has every refusal below the API's root in its envelope."""
    if not is_ours(request):
        return await handler(request)
    if _from_elsewhere(request):
        return refusal_reply(403, envelope("forbidden_origin", "Pages of other sites may not ask here."))
    reply = await handler(request)
    if request.method == hdrs.METH_OPTIONS and hdrs.ORIGIN in request.headers and reply.status == 200:
        reply.set_status(204)
    if reply.prepared or reply.status < 400 or reply.status == CLIENT_GONE or OUR_ENVELOPE in reply:
        return reply
    return _translated(request, reply)


def is_ours(request: web.Request) -> bool:
    """Whether a path lies below the API's root and is nothing of ComfyUI's (``/v2/userdata``) or of a node pack."""
    if request.path != ROOT and not request.path.startswith(f"{ROOT}/"):
        return False
    resource = request.match_info.route.resource
    if request.path == COMFYS:  # Also asked by a method that it does not take: there is no resource then.
        return False
    if resource is None:
        return not request.app[PACKS].answer(request)
    return resource.canonical.startswith(PARTS)


async def mark(request: web.Request, response: web.StreamResponse) -> None:
    """Names the request, and says what other origins may read; a signal handler, after that of the guard."""
    if not is_ours(request):
        return
    response.headers[REQUEST_ID] = str(uuid.uuid4())
    if NAMED in response:
        response.headers[hdrs.ETAG] = response[NAMED]
    if "Access-Control-Allow-Origin" not in response.headers:
        return
    response.headers.update(SHARED)
    if response.headers["Access-Control-Allow-Origin"] != "*":
        response.headers["Access-Control-Allow-Credentials"] = "true"


def _from_elsewhere(request: web.Request) -> bool:
    """Whether another site's page asks without saying who it is; those that say so are the guard's business.

    Files may be shown anywhere: their addresses are given away for that.
    """
    cross = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return cross and hdrs.ORIGIN not in request.headers and not request.path.endswith("/content")


def _translated(request: web.Request, reply: web.StreamResponse) -> web.Response:
    """A refusal from elsewhere in the envelope, with its headers."""
    status, kept = reply.status, {name: text for name, text in reply.headers.items() if name not in SECRETIVE}
    known = request.match_info.http_exception
    if isinstance(known, web.HTTPMethodNotAllowed):  # ComfyUI calls that unknown where something is only read.
        status, kept = 405, kept | {hdrs.ALLOW: ", ".join(sorted(known.allowed_methods - {"OPTIONS"}))}
    code = NAMES.get(status, "upstream_error" if status >= 500 else "invalid_request")
    message = _message(reply) or _usual(request, status)
    if status == 403 and request.app[GUARD].reason(request):
        code = "forbidden_origin"
    return refusal_reply(status, envelope(code, message), **kept)


def _message(reply: web.StreamResponse) -> str:
    body = reply.body if isinstance(reply, web.Response) and isinstance(reply.body, bytes) else b""
    try:
        told = json.loads(body) if reply.content_type == "application/json" else None
    except ValueError:
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _usual(request: web.Request, status: int) -> str:
    if status == 404:
        return f"There is nothing at {request.path!r:.200}; {ROOT}/openapi.json says what there is."
    if status == 405:
        return f"{request.method} is not what {request.path!r:.200} takes; the header Allow says what is."
    return f"The request was refused with status {status}."
