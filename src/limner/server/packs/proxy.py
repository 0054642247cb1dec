"""Hands a request on to the worker and its answer back, both as they come."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
    WSMessage,
    WSMsgType,
    WSServerHandshakeError,
    hdrs,
    web,
)
from yarl import URL

from limner.server.replies import error_reply

OWN_HEADERS = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
    }
)
"""Headers that belong to one connection and are not handed on."""

AUTO = ("Accept", "Accept-Encoding", "User-Agent")
"""Headers that a client sends of itself; the one that asks decides."""

KEYED: web.RequestKey[bool] = web.RequestKey("keyed", bool)
"""Set where a request came with a key of this server, which is nobody else's business."""

KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key"})
KEY_PARAMETERS = ("token", "api_key")
KEY_COOKIE = "limner-key"
"""How names of cookies begin that hold a key."""

HOST = "packs"
"""The host of all URLs to the worker: a foreign name there, ``a/b`` or ``a?b``, would change what is asked for."""


async def forward(request: web.Request, session: ClientSession, path: str) -> web.StreamResponse:
    """The answer of the worker to a request.

    Args:
        request: What was asked.
        session: To the worker.
        path: What is asked for there, with the query, percent-encoded.
    """
    url = URL(f"http://{HOST}{path}", encoded=True)
    if KEYED in request and any(name in url.query for name in KEY_PARAMETERS):
        url = url.without_query_params(*KEY_PARAMETERS)
    if (request.content_length or 0) > request.client_max_size:
        raise _too_large(request, request.content_length or 0)
    if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
        return await _forward_socket(request, session, url)
    body = _Body(request)
    data = body.pieces() if request.can_read_body else None
    try:
        async with session.request(
            request.method, url, headers=_handed_on(request), data=data, allow_redirects=False, skip_auto_headers=AUTO
        ) as answer:
            return await _pass_on(request, answer)
    except (ClientError, OSError) as error:
        if body.size > request.client_max_size:
            raise _too_large(request, body.size) from error
        if request.transport is None or request.transport.is_closing():
            raise  # the client is gone; there is nobody to answer
        reason = f"The node pack that serves {request.path} cannot be reached ({type(error).__name__})."
        return error_reply(502, "pack_unreachable", reason)


class _Body:
    """A request's body on its way, which ends where a body of ours would be refused."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.size = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._request.content.iter_any():
            self.size += len(piece)
            if self.size > self._request.client_max_size:
                raise _too_large(self._request, self.size)
            yield piece


def _too_large(request: web.Request, size: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=request.client_max_size, actual_size=size)


def _handed_on(request: web.Request) -> list[tuple[str, str]]:
    """The request's headers without those of its connection, and without its encoding: the body was unpacked here."""
    named = request.headers.get(hdrs.CONNECTION, "").lower().split(",")
    own = OWN_HEADERS | {name.strip() for name in named} | {"content-encoding", "expect"}
    if KEYED not in request:
        return [(name, value) for name, value in request.headers.items() if name.lower() not in own]
    own |= KEY_HEADERS
    told = ((name, _without_key(name, value)) for name, value in request.headers.items() if name.lower() not in own)
    return [(name, value) for name, value in told if value]


def _without_key(name: str, value: str) -> str:
    """A header's value without a cookie of ours."""
    if name.lower() != "cookie":
        return value
    return "; ".join(part for part in (text.strip() for text in value.split(";")) if not part.startswith(KEY_COOKIE))


async def _pass_on(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    """The worker's answer as ours, piece by piece."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in OWN_HEADERS:
            response.headers.add(name, value)
    if answer.content_length is not None and request.method != hdrs.METH_HEAD:
        response.content_length = answer.content_length
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


async def _forward_socket(request: web.Request, session: ClientSession, url: URL) -> web.StreamResponse:
    """A WebSocket to the worker; why not, if it has none there."""
    try:
        return await _joined(request, session, url)
    except WSServerHandshakeError as error:
        status = error.status if error.status >= 400 else 400
        return error_reply(status, "no_socket", f"There is no WebSocket of a node pack at {request.path}.")
    except (ClientError, OSError) as error:
        reason = f"The node pack that serves {request.path} cannot be reached ({type(error).__name__})."
        return error_reply(502, "pack_unreachable", reason)


async def _joined(request: web.Request, session: ClientSession, url: URL) -> web.StreamResponse:
    """Joins two WebSockets until one of them ends."""
    protocols = [name.strip() for name in request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "").split(",") if name]
    ours = web.WebSocketResponse(protocols=protocols)
    async with session.ws_connect(url, protocols=protocols) as theirs:
        await ours.prepare(request)
        ways = [asyncio.create_task(_copy(ours, theirs)), asyncio.create_task(_copy(theirs, ours))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    with contextlib.suppress(ConnectionError):
        await ours.close()
    return ours


async def _copy(
    source: web.WebSocketResponse | ClientWebSocketResponse, target: web.WebSocketResponse | ClientWebSocketResponse
) -> None:
    entry: WSMessage
    async for entry in source:
        if entry.type is WSMsgType.TEXT:
            await target.send_str(entry.data)
        elif entry.type is WSMsgType.BINARY:
            await target.send_bytes(entry.data)
