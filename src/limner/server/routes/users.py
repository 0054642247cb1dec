"""Who uses the server: ``/users``."""

from collections.abc import Mapping

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import DocumentError
from limner.server.bodies import beside, read_document
from limner.server.caller import users_of
from limner.server.replies import json_reply
from limner.server.route import route
from limner.server.uploads import storing_failed
from limner.server.users import Users


@route("GET", "/users")
async def all_users(request: web.Request) -> web.Response:
    """Whether there are several users, and who they are."""
    users = users_of(request)

    def read() -> web.Response:
        if users.multi_user:
            return json_reply({"storage": "server", "users": users.names()})
        return json_reply({"storage": "server", "migrated": users.has_folder()})

    return await beside(read)


@route("POST", "/users", access=Scope.ADMIN)
async def add_user(request: web.Request) -> web.Response:
    """Adds a user; answers with the id."""
    users, body = users_of(request), await read_document(request)
    name = body.get("username") if isinstance(body, Mapping) else None
    if not isinstance(name, str):
        raise DocumentError('Send a JSON object with the new user\'s name: {"username": "..."}.')
    return await beside(lambda: _add(users, name))


def _add(users: Users, name: str) -> web.Response:
    if not users.multi_user:
        raise DocumentError("This server has one user. Start it with --multi-user to keep several apart.")
    try:
        return json_reply(users.add(name))
    except FileExistsError:
        return json_reply({"error": "Duplicate username."}, 400)
    except OSError as error:
        raise storing_failed(error, name) from error
