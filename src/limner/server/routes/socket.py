"""The WebSocket: ``/ws``."""

import asyncio
import contextlib
import json
import struct
import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSMsgType, hdrs, web

from limner.accounts.records import Scope
from limner.dialects.comfy.features import client_features
from limner.dialects.comfy.frames import message
from limner.dialects.comfy.prompt_request import MAX_ID
from limner.server.caller import caller_of
from limner.server.replies import error_reply
from limner.server.route import HUB, SERVICE, route
from limner.server.session import Session

LONGEST_MESSAGE = 1 << 20


@route("GET", "/ws")
async def socket(request: web.Request) -> web.StreamResponse:
    """Tells a client what happens to its jobs, until it goes."""
    if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
        text = f'No WebSocket UPGRADE hdr: {request.headers.get(hdrs.UPGRADE)}\n Can "Upgrade" only to "WebSocket".'
        return web.Response(status=400, text=text)
    client = request.query.get("clientId") or uuid.uuid4().hex
    if len(client) > MAX_ID:
        return error_reply(400, "invalid_request", f"clientId has more than {MAX_ID} characters.")
    channel = web.WebSocketResponse(compress=False, max_msg_size=LONGEST_MESSAGE)
    await channel.prepare(request)
    caller, hub = caller_of(request), request.app[HUB]
    sees_all = caller.may(Scope.READ_ALL)
    session = Session(client, channel, _abort(request), _outstanding(request), owner=caller.owner, sees_all=sees_all)
    hub.attach(session)
    pump = asyncio.create_task(session.pump())
    try:
        await _read(channel, session, request.app[SERVICE].settings.features())
    finally:
        hub.detach(session)
        pump.cancel()
    return channel


async def _read(channel: web.WebSocketResponse, session: Session, features: Mapping[str, Any]) -> None:
    """Reads what the client says; only its first JSON message may mean something: which features it knows."""
    first = True
    async for received in channel:
        if received.type is not WSMsgType.TEXT or not first:
            continue
        said = _json(received.data)
        if said is None:
            continue
        first = False
        flags = client_features(said)
        if flags is not None:
            session.features = frozenset(name for name, announced in flags.items() if announced)
            session.offer(message("feature_flags", features))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _abort(request: web.Request) -> Callable[[], None]:
    def abort() -> None:
        if request.transport is not None:
            request.transport.abort()

    return abort


def _outstanding(request: web.Request) -> Callable[[], int]:
    """Counts what was sent and has not been confirmed: here, and where it can be asked in the system's buffer."""

    def count() -> int:
        transport = request.transport
        if not isinstance(transport, asyncio.WriteTransport) or transport.is_closing():
            return 0
        return transport.get_write_buffer_size() + _unconfirmed(transport.get_extra_info("socket"))

    return count


def _unconfirmed(connection: Any) -> int:
    """Bytes in the system's buffer of a connection that the other side has not acknowledged; 0 if nobody knows."""
    if sys.platform != "linux" or connection is None:
        return 0
    import fcntl  # exists on Unix only
    import termios

    with contextlib.suppress(OSError, ValueError):
        return struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    return 0
