"""What people have set in the front end: ``/settings``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.bodies import beside, read_document
from limner.server.caller import users_of
from limner.server.replies import empty_reply, error_reply, json_reply
from limner.server.route import route
from limner.server.uploads import storing_failed
from limner.server.users import Users


@route("GET", "/settings")
async def all_settings(request: web.Request) -> web.Response:
    """All settings of the user."""
    return await _with_settings(request, lambda users, file: json_reply(users.settings.read(file)))


@route("GET", "/settings/{name}")
async def one_setting(request: web.Request) -> web.Response:
    """The value of one setting; null if it is not set."""
    name = request.match_info["name"]
    return await _with_settings(request, lambda users, file: json_reply(users.settings.read(file).get(name)))


@route("POST", "/settings")
async def change_settings(request: web.Request) -> web.Response:
    """Sets what the object names."""
    changes = await read_document(request)
    if not isinstance(changes, Mapping):
        raise DocumentError("Send a JSON object with the settings that change, by name.")
    return await _with_settings(request, lambda users, file: _merge(users, file, changes))


@route("POST", "/settings/{name}")
async def change_setting(request: web.Request) -> web.Response:
    """Sets one setting to the JSON value that is the body."""
    changes = {request.match_info["name"]: await read_document(request)}
    return await _with_settings(request, lambda users, file: _merge(users, file, changes))


async def _with_settings(request: web.Request, work: Callable[[Users, Path], web.Response]) -> web.Response:
    """Works with the settings of the request's user, in a thread; 401 if nobody knows that user."""
    users, named = users_of(request), request.headers.get("comfy-user")

    def answer() -> web.Response:
        try:
            file = users.settings_path(users.identify(named))
        except UnknownNameError as error:
            return error_reply(401, "unknown_user", str(error))
        except StorageError as error:
            return error_reply(403, "forbidden", str(error))
        try:
            return work(users, file)
        except OSError as error:
            raise storing_failed(error, file.name) from error

    return await beside(answer)


def _merge(users: Users, file: Path, changes: Mapping[str, Any]) -> web.Response:
    users.settings.merge(file, changes)
    return empty_reply()
