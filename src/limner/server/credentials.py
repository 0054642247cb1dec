"""Where clients put their keys. What is said in any other form, or is empty, is no key and no error."""

import base64
import binascii
from collections.abc import Iterator

from aiohttp import hdrs, web

from limner.server.caller import SAFE_METHODS
from limner.server.packs.proxy import KEY_COOKIE, KEY_PARAMETERS

HEADERS = ("x-api-key", "api-key")


def offered(request: web.Request) -> Iterator[str]:
    """The texts of a request that may be a key."""
    kind, _, value = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if kind.lower() == "bearer":
        yield value.strip()
    elif kind.lower() == "basic":
        yield from _basic(value.strip())
    yield from (request.headers[name].strip() for name in HEADERS if name in request.headers)
    yield request.cookies.get(cookie_of(request), "").strip()  # for the studio's page, its pictures and its socket
    if request.method in SAFE_METHODS:  # for sockets and pictures in pages, whose programs can set no header
        yield from (request.query[name].strip() for name in KEY_PARAMETERS if name in request.query)


def cookie_of(request: web.Request) -> str:
    """Under which name a browser keeps a key: cookies are for all ports of a host, and each may be another server."""
    port = request.host.rpartition(":")[2]
    return f"{KEY_COOKIE}-{port}" if port.isdecimal() else KEY_COOKIE


def _basic(encoded: str) -> Iterator[str]:
    """The password, and the user's name: some clients put the only thing that they are told there."""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return
    yield from (password, user)
