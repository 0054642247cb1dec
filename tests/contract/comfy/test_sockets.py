"""A client whose connection is dead without anybody having closed it, and that opens another one."""

import asyncio
import socket as sockets
import sys
import time
from typing import Annotated

import pytest

from limner.graph.declare import Service
from limner.graph.progress import Preview, Progress
from limner.server import hub

HANDSHAKE = (
    "GET /ws?clientId=a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PICTURES = 12


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system says what was not confirmed")
async def test_a_new_socket_gets_what_a_dead_one_did_not_confirm(peer, make, read, monkeypatch):
    monkeypatch.setattr(hub, "LATE", 0.0)  # as if the job had been asked for long ago

    @peer.define(output=True)
    def Many(*, value: int, progress: Annotated[Progress, Service()]) -> None:
        for number in range(PICTURES):
            image = b"%04d" % number + bytes(200_000)
            progress.report(number, PICTURES, Preview(image=image, media_type="image/png", final=True))
            time.sleep(0.03)

    client = await peer.client()
    with sockets.socket() as dead:
        dead.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        dead.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(dead, ("127.0.0.1", client.port))
        await loop.sock_sendall(dead, HANDSHAKE.format(port=client.port).encode())
        assert b"101" in await loop.sock_recv(dead, 500)
        await peer.post({"1": make("Many", value=1)}, client_id="a")
        await asyncio.sleep(0.2)
        alive = await client.ws_connect("/ws?clientId=a", max_msg_size=0)
        told = await read(alive)
    assert [message[8:12] for message in told if isinstance(message, bytes)] == [b"%04d" % n for n in range(PICTURES)]
