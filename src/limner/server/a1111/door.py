"""What all of A1111's routes share: refusals in its shapes, and how long an answer took."""

import functools
import logging
import time
from collections.abc import Callable

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.a1111.errors import HTTP, RUNTIME, error_body, refusal_of
from limner.graph.errors import DocumentError, GraphError, LimnerError, WorkerLostError
from limner.server.replies import json_reply
from limner.server.route import Handler, Route, route

ROOT = "/sdapi/v1"
CLIENT_GONE = 499
PROCESS_TIME = "X-Process-Time"

LOG = logging.getLogger(__name__)


def a1111_route(method: str, path: str, root: str = ROOT, access: Scope | None = None) -> Callable[[Handler], Route]:
    """Marks a function as the answer to a path below a root; what it raises is told in A1111's shapes."""

    def define(handler: Handler) -> Route:
        @functools.wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            began = time.monotonic()
            try:
                reply = await handler(request)
            except (LimnerError, web.HTTPException) as error:
                reply = refusal_reply(error)
            except web.RequestPayloadError as error:
                reply = json_reply(error_body(HTTP, f"The body did not arrive whole ({error})."), 400)
            except ConnectionError:
                reply = web.Response(status=CLIENT_GONE)
            except Exception:
                LOG.exception("%s %s failed", request.method, request.path)
                said = "Something went wrong in the server; its log says what."
                reply = json_reply(error_body("InternalServerError", said), 500)
            reply.headers[PROCESS_TIME] = f"{time.monotonic() - began:.4f}"
            return reply

        return route(method, root + path, mirrored=False, access=access)(answered)

    return define


def refusal_reply(error: LimnerError | web.HTTPException) -> web.Response:
    """What goes wrong as an answer."""
    match error:
        case GraphError():
            status, body = refusal_of(error)
            return json_reply(body, status)
        case DocumentError():
            place = {"loc": ["body"], "msg": str(error), "type": "value_error.jsondecode"}
            return json_reply({"detail": [place]}, 422)
        case web.HTTPRequestEntityTooLarge():
            said = "The body is larger than this server takes (--max-upload-size)."
            return json_reply(error_body(HTTP, said), 413)
        case web.HTTPException():
            return json_reply(error_body(HTTP, error.text or error.reason), error.status)
        case WorkerLostError():
            return json_reply(error_body(RUNTIME, str(error)), 503)
        case _:
            return json_reply(error_body(RUNTIME, str(error)), 500)
