"""What becomes of requests that nobody can answer: unknown paths, wrong methods, errors. The request's last handler."""

import logging

from aiohttp import hdrs, web

from limner.dialects.comfy.problems import body_of_error
from limner.graph.errors import GraphError, LimnerError, StorageError, WorkerLostError
from limner.server.replies import error_reply, json_reply
from limner.server.route import Handler

LOG = logging.getLogger(__name__)


@web.middleware
async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever goes wrong into an answer."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _refused(request, error)
    except LimnerError as error:
        return _explained(error)
    except web.RequestPayloadError as error:
        return error_reply(400, "request_failed", f"The body did not arrive whole ({error}).")
    except ConnectionError:
        raise  # The client is gone; there is nobody to answer.
    except Exception:
        LOG.exception("%s %s failed", request.method, request.path)
        return error_reply(500, "internal_error", "Something went wrong in the server; its log says what.")


def _refused(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if isinstance(error, web.HTTPNotFound):
        return _unknown(request)
    if isinstance(error, web.HTTPMethodNotAllowed):
        return _unknown(request) if request.method in ("GET", "HEAD") else _wrong_method(error.allowed_methods)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return error_reply(413, "body_too_large", f"The body is larger than {request.client_max_size} bytes.")
    if error.status < 400 or error.content_type == "application/json":
        raise error
    return error_reply(error.status, "request_failed", error.text or error.reason)


def _explained(error: LimnerError) -> web.Response:
    if isinstance(error, WorkerLostError):
        return json_reply(body_of_error(error, "worker_lost"), 503, **{hdrs.RETRY_AFTER: "2"})
    if isinstance(error, StorageError):
        return json_reply(body_of_error(error, "storage_error"), 503, **{hdrs.RETRY_AFTER: "5"})
    problem = next(iter(error.problems), None) if isinstance(error, GraphError) else None
    return json_reply(body_of_error(error), problem.extra.get("status", 400) if problem is not None else 400)


def _unknown(request: web.Request) -> web.Response:
    if request.method in ("GET", "HEAD"):
        return web.Response(status=404, content_type="application/octet-stream")
    return _wrong_method({"GET", "HEAD"})


def _wrong_method(allowed: set[str]) -> web.Response:
    names = ",".join(sorted(allowed - {"OPTIONS"}))
    return web.Response(status=405, text="405: Method Not Allowed", headers={hdrs.ALLOW: names})
