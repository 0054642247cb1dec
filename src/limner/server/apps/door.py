"""What all routes of apps and runs share: refusals as one plain sentence beside the problems as data."""

import asyncio
import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import hdrs, web

from limner.dialects.apps.answer import error_answer
from limner.graph.errors import DocumentError, GraphError, LimnerError, StorageError, UnknownNameError, WorkerLostError
from limner.server.apps.memory import AppMemory
from limner.server.apps.shared import FOLDER as SHARED
from limner.server.apps.shared import SharedApps
from limner.server.apps.store import FOLDER, AppStore
from limner.server.caller import caller_of, folders_of
from limner.server.replies import json_reply
from limner.server.route import SERVICE, Handler, Route, route
from limner.server.users import ONLY_USER
from limner.storage.folders import Folders

CLIENT_GONE = 499
NOT_FOUND = ("app", "version of the app", "run", "file of the run")
"""Names that nothing has and that addresses are made of."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """What requests for apps share.

    Attributes:
        saving: Held while a version is given its number.
        repeating: Held while it is found out whether a request is a repeated one.
        memory: Workflows that were read for lists.
    """

    saving: threading.Lock = field(default_factory=threading.Lock)
    repeating: asyncio.Lock = field(default_factory=asyncio.Lock)
    memory: AppMemory = field(default_factory=AppMemory)


DESK: web.AppKey[Desk] = web.AppKey("apps", Desk)


def add_apps(application: web.Application) -> None:
    """Adds what requests for apps share."""
    application[DESK] = Desk()


def store_of(request: web.Request) -> AppStore:
    """The caller's apps."""
    return _store_in(request, folders_of(request))


def shared_apps(request: web.Request) -> SharedApps:
    """What others share with the caller."""
    folders = request.app[SERVICE].folders

    def store(owner: str) -> AppStore:
        return _store_in(request, folders.of_owner(owner))

    return SharedApps(folders.data / SHARED, caller_of(request).owner, store)


def _store_in(request: web.Request, folders: Folders) -> AppStore:
    return AppStore(folders.user / ONLY_USER / FOLDER, request.app[DESK].saving)


def app_route(method: str, *paths: str, mirrored: bool = True) -> Callable[[Handler], Route]:
    """Marks a function as the answer at some paths; what it raises is told as ``{"detail", "problems"}``."""

    def define(handler: Handler) -> Route:
        @functools.wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except (LimnerError, web.HTTPException) as error:
                return refusal_reply(error)
            except web.RequestPayloadError as error:
                return _reply(400, f"The body did not arrive whole ({error}).")
            except ConnectionError:
                return web.Response(status=CLIENT_GONE)
            except Exception:
                LOG.exception("%s %s failed", request.method, request.path)
                return _reply(500, "Something went wrong in the server; its log says what.")

        return route(method, *paths, mirrored=mirrored)(answered)

    return define


def refusal_reply(error: LimnerError | web.HTTPException) -> web.Response:
    """What goes wrong as an answer."""
    match error:
        case GraphError():
            code, status = _meaning(error)
            return json_reply(error_answer(str(error), error.problems, code), status)
        case UnknownNameError():
            is_address = error.kind.startswith(NOT_FOUND)
            return _reply(404 if is_address else 400, str(error), code="not_found" if is_address else "unknown_name")
        case WorkerLostError():
            return _reply(503, str(error), **{hdrs.RETRY_AFTER: "3"})
        case StorageError():
            return _reply(503, str(error), **{hdrs.RETRY_AFTER: "5"})
        case DocumentError():
            return _reply(400, str(error), code="invalid_document")
        case web.HTTPRequestEntityTooLarge():
            return _reply(413, "The body is larger than this server takes (--max-upload-size).")
        case web.HTTPException():
            if error.status < 400:
                raise error
            return _reply(error.status, error.text or error.reason)
        case _:
            return _reply(400, str(error))


def _meaning(error: GraphError) -> tuple[str, int]:
    """The code of a refusal and its status."""
    if not error.problems:
        return "invalid_request", 400
    code, status = error.problems[0].code, error.problems[0].extra.get("status")
    if isinstance(status, int):
        return code, status
    return code, 409 if code == "idempotency_conflict" else 400


def _reply(status: int, detail: str, code: str = "", **headers: str) -> web.Response:
    return json_reply(error_answer(detail, code=code), status, **headers)
