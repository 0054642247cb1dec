"""Who may talk to the server: origin, host and fetch-metadata checks, security headers.

A web page anywhere can make its visitor's browser send requests to this machine. What tells such requests apart are
headers that browsers set and pages cannot: Origin, Host, Sec-Fetch-Site.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from limner.server.door import Door, door_at
from limner.server.replies import empty_reply
from limner.server.route import Handler

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

METHODS_AND_HEADERS = {
    "Access-Control-Allow-Methods": "POST, GET, DELETE, PUT, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
}

HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")

PRIVATE_SUFFIXES = (".localhost", ".internal")
"""Names that no public name server answers for; containers reach their host as ``host.docker.internal``."""


class Guard:
    """The checks as a middleware.

    Args:
        host: The address that the server listens on.
        allowed_origins: Further origins, ``https://example.org``; ``*`` allows all.
        doors: How refusals are told.
        cors: One more origin, which every answer names, as ComfyUI's ``--enable-cors-header`` has it.
    """

    def __init__(self, host: str, allowed_origins: Sequence[str], doors: Sequence[Door], cors: str = "") -> None:
        self._doors = doors
        self._loopback = all(is_loopback(address.strip()) for address in host.split(","))
        self._cors = cors
        allowed = (*allowed_origins, cors) if cors else allowed_origins
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)
        self._hosts = frozenset(urlsplit(origin).hostname or "" for origin in self._allowed)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses what does not come from here."""
        reason = self.reason(request)
        if reason:
            return door_at(request.path, self._doors).refusal(403, "forbidden", reason)
        if request.method == hdrs.METH_OPTIONS:
            return empty_reply()
        return await handler(request)

    async def decorate(self, request: web.Request, response: web.StreamResponse) -> None:
        """Adds headers to every answer, also to files and refusals; a signal handler."""
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        origin = request.headers.get(hdrs.ORIGIN, "")
        if self._cors:
            response.headers.update(METHODS_AND_HEADERS | {"Access-Control-Allow-Origin": self._cors})
            response.headers["Access-Control-Allow-Credentials"] = "true"
        elif origin and self._allows(origin):
            response.headers.update(METHODS_AND_HEADERS | {"Access-Control-Allow-Origin": origin})
            response.headers.add(hdrs.VARY, "Origin")

    def reason(self, request: web.Request) -> str | None:
        """Why a request is refused, or None."""
        host = request.headers.get(hdrs.HOST, "")
        origin = request.headers.get(hdrs.ORIGIN)
        if self._loopback and host and not self._is_own(host):
            return f"Host {host!a} is not this machine. Use 127.0.0.1, or allow the origin that you serve it under."
        if origin is not None and self._allows(origin):
            return None
        if origin is not None and host and not same_origin(origin, host):
            return f"Origin {origin!a} is not this server ({host!a}). If it is yours, allow it with --allow-origin."
        others = ("cross-site",) if origin is None else ("cross-site", "same-site")
        changes = request.method not in SAFE_METHODS or hdrs.UPGRADE in request.headers
        if changes and request.headers.get("Sec-Fetch-Site") in others:
            return "Another site may not change anything here."
        return None

    def _allows(self, origin: str) -> bool:
        return "*" in self._allowed or origin.rstrip("/").lower() in self._allowed

    def _is_own(self, host: str) -> bool:
        name = _split(host)[0]
        if is_loopback(name) or name in self._hosts or "*" in self._allowed:
            return True
        return name.endswith(PRIVATE_SUFFIXES) and HOST_NAME.fullmatch(name) is not None


GUARD: web.AppKey[Guard] = web.AppKey("guard", Guard)


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's own; names are not looked up, as an answer may change."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower().rstrip(".") == "localhost"


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin names the Host; one without a port is compared with the Host without its port.

    Proxies at the usual ports tell their own one or none; of a page at the usual port says Sec-Fetch-Site what it is.

    ``null`` (a sandboxed frame, a local file) is nobody's origin.
    """
    try:
        named = urlsplit(origin).netloc
    except ValueError:
        return False
    if not named:
        return False
    name, port = _split(named)
    own, own_port = _split(host)
    return name == own and (not port or port == own_port)


def _split(host: str) -> tuple[str, str]:
    """Name and port, in lower case; the port may be empty."""
    head, colon, tail = host.lower().rpartition(":")
    if colon and tail.isdigit():
        return head, tail
    return host.lower().removesuffix(":"), ""
