"""Signing in with a key from a browser: ``/limner/session``.

A page can set no headers for pictures and sockets, so the key is kept in a cookie that scripts cannot read and that
other sites do not send.
"""

from aiohttp import hdrs, web

from limner.server.bodies import read_little
from limner.server.caller import EVERYBODY, Caller
from limner.server.credentials import cookie_of
from limner.server.lock import BAD_KEY, LOCK
from limner.server.replies import error_reply, json_reply
from limner.server.route import Access, route

LASTING = 365 * 86_400
"""Seconds that a browser keeps a key that is to be remembered."""

LONGEST = 4096
"""Bytes of a body."""


@route("GET", "/limner/session", access=Access.OPEN)
async def who(request: web.Request) -> web.Response:
    """Whether this server asks for keys, and who comes with this request."""
    lock = request.app.get(LOCK)
    if lock is None:
        return json_reply(_told(EVERYBODY, accounts=False))
    caller, _ = lock.caller(request)
    return json_reply(_told(caller, accounts=True))


@route("POST", "/limner/session", access=Access.OPEN)
async def sign_in(request: web.Request) -> web.Response:
    """Takes ``{"key": ..., "lasting": true}``, and has the browser keep it."""
    body, lock = await read_little(request, LONGEST), request.app.get(LOCK)
    if lock is None:
        return json_reply(_told(EVERYBODY, accounts=False))
    key = str(body.get("key") or "").strip()
    caller = lock.caller_of_key(key)
    if caller is None:
        return error_reply(401, "unauthorized", BAD_KEY)
    answer = json_reply(_told(caller, accounts=True))
    answer.set_cookie(
        cookie_of(request),
        key,
        max_age=LASTING if body.get("lasting") is True else None,
        httponly=True,
        secure=_is_secure(request),
        samesite="Strict",
        path="/",
    )
    return answer


@route("DELETE", "/limner/session", access=Access.OPEN)
async def sign_out(request: web.Request) -> web.Response:
    """Has the browser forget the key. The key itself stays good."""
    answer = json_reply({"user": None})
    answer.del_cookie(cookie_of(request), path="/")
    return answer


def _is_secure(request: web.Request) -> bool:
    """Whether the browser came by HTTPS: to a proxy too, of which only the page's origin tells."""
    return request.scheme == "https" or request.headers.get(hdrs.ORIGIN, "").startswith("https:")


def _told(caller: Caller | None, *, accounts: bool) -> dict[str, object]:
    if caller is None:
        return {"accounts": accounts, "user": None, "scopes": []}
    return {"accounts": accounts, "user": caller.owner, "scopes": sorted(scope.value for scope in caller.scopes)}
