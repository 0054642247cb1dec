"""What all of OpenAI's routes share: refusals in its shape, and which model is meant."""

import functools
import logging
import time
import uuid
from collections.abc import Callable, Sequence

from aiohttp import hdrs, web

from limner.dialects.apps.records import MODEL
from limner.dialects.openai.models import choose_model
from limner.dialects.openai.refusals import RETRY_HEADER, error_body, refusal_of
from limner.graph.errors import GraphError, LimnerError, StepError, StorageError, WorkerLostError
from limner.server.apps.door import store_of
from limner.server.bodies import beside
from limner.server.replies import json_reply
from limner.server.route import SERVICE, Handler, Route, route

ROOTS = ("/v1", "/openai/v1")
"""Base addresses that people give to clients."""

CLIENT_GONE = 499
"""Nobody reads it any more; raised further, each client that hangs up would leave a traceback in the log."""

REQUEST_ID = "x-request-id"
REQUEST: web.RequestKey[str] = web.RequestKey(REQUEST_ID, str)
"""Where a request keeps its id."""

PROCESSING = "openai-processing-ms"

LOG = logging.getLogger(__name__)


def openai_route(method: str, path: str, *more: str) -> Callable[[Handler], Route]:
    """Marks a function as the answer below all base addresses; what it raises is told in OpenAI's shape."""

    def define(handler: Handler) -> Route:
        @functools.wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            began = time.monotonic()
            request[REQUEST] = str(uuid.uuid4())
            try:
                reply = await handler(request)
            except (LimnerError, web.HTTPException) as error:
                reply = refusal_reply(error)
            except web.RequestPayloadError as error:
                reply = _reply(400, f"The body did not arrive whole ({error}).", "invalid_request")
            except ConnectionError:
                reply = web.Response(status=CLIENT_GONE)
            except Exception:
                LOG.exception("%s %s failed", request.method, request.path)
                reply = _reply(500, "Something went wrong in the server; its log says what.", "server_error")
            if not reply.prepared:
                reply.headers[REQUEST_ID] = request[REQUEST]
                reply.headers[PROCESSING] = str(round((time.monotonic() - began) * 1000))
            return reply

        return route(method, *(root + path for root in ROOTS), *more, mirrored=False)(answered)

    return define


def refusal_reply(error: LimnerError | web.HTTPException) -> web.Response:
    """What goes wrong as an answer; only what may go better the next time is worth asking again."""
    match error:
        case GraphError():
            status, body = refusal_of(error)
            return json_reply(body, status)
        case WorkerLostError() | StorageError():
            return _reply(503, str(error), "server_error", **{hdrs.RETRY_AFTER: "3"})
        case StepError():
            return _reply(500, str(error), "server_error", **{RETRY_HEADER: "false"})
        case web.HTTPRequestEntityTooLarge():
            return _reply(413, "The body is larger than this server takes (--max-upload-size).", "body_too_large")
        case web.HTTPException():
            return _reply(error.status, error.text or error.reason, "request_failed")
        case _:
            return _reply(400, str(error), "invalid_request")


def _reply(status: int, message: str, code: str | None, **headers: str) -> web.Response:
    return json_reply(error_body(message, status, code), status, **headers)


async def models_of(request: web.Request) -> Sequence[str]:
    """The checkpoints that there are now, and the caller's apps."""
    lists, store = request.app[SERVICE].lists, store_of(request)
    return await beside(lambda: [*lists("checkpoints"), *(MODEL + name for name in store.names())])


async def chosen_model(request: web.Request, asked: str | None) -> str:
    """The checkpoint or the app that a request means.

    Raises:
        GraphError: if there is no such model.
    """
    settings, known = request.app[SERVICE].settings, await models_of(request)
    default = settings.default_model or (known[0] if known else "")
    return choose_model(asked, known, settings.model_aliases, default)
