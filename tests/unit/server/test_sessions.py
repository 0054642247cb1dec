"""Clients that do not read, and what others notice of them."""

import asyncio
import socket as sockets

from limner.dialects.comfy.frames import Frame, message
from limner.server.session import CROWDED, FULL, Session


async def test_a_client_that_stops_reading_holds_up_nobody(serving, document, follow):
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    port = serving.client.port
    await loop.sock_connect(raw, ("127.0.0.1", port))
    handshake = (
        f"GET /ws?clientId=a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(raw, handshake.encode())
    assert b"101" in await loop.sock_recv(raw, 1000)

    other = await serving.socket("a")
    for number in range(30):
        prompt = document("EmptyImage", "SaveImage", SaveImage={"filename_prefix": f"p{number}" + "x" * 100})
        await serving.post({"prompt": prompt, "client_id": "a"})
        assert "execution_success" in [told["type"] for told in await follow(other)]
    raw.close()


class Deaf:
    """A socket whose messages never go out."""

    closed = False

    async def send_str(self, text: str) -> None:
        await asyncio.Event().wait()


async def test_what_may_be_dropped_is_dropped_before_the_socket_is():
    aborted: list[bool] = []
    session = Session("a", Deaf(), lambda: aborted.append(True))  # type: ignore[arg-type]
    pump = asyncio.create_task(session.pump())
    session.offer(message("status", {}))
    await asyncio.sleep(0)
    glimpse = Frame(type="preview", body=b"x" * 1000, transient=True)
    for _ in range(10_000):
        session.offer(glimpse)
    assert session._bytes <= CROWDED + 2000
    assert not aborted
    picture = Frame(type="preview", body=b"x" * (FULL // 4))
    for _ in range(5):
        session.offer(picture)
    assert aborted == [True]
    pump.cancel()


class Taking:
    """A socket that takes messages until it stalls."""

    closed = False

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.stalls = False

    async def send_str(self, text: str) -> None:
        if self.stalls:
            await asyncio.Event().wait()
        self.taken.append(text)


async def test_what_did_not_go_out_is_known():
    socket, unconfirmed = Taking(), [0]
    session = Session("a", socket, lambda: None, lambda: unconfirmed[0])  # type: ignore[arg-type]
    pump = asyncio.create_task(session.pump())
    frames = [message("executing", {"node": str(number)}) for number in range(4)]
    for frame in frames[:2]:
        session.offer(frame, "j")
    session.offer(message("status", {}))
    await asyncio.sleep(0.01)
    assert session.unheard() == []
    socket.stalls = True
    for frame in frames[2:]:
        session.offer(frame, "j")
    session.offer(Frame(type="progress", body="x", transient=True), "j")
    await asyncio.sleep(0.01)
    assert session.unheard() == [("j", frame) for frame in frames[2:]]
    # What the system still holds did not arrive either: here the status and the message before it.
    unconfirmed[0] = message("status", {}).size + 1
    assert session.unheard() == [("j", frame) for frame in frames[1:]]
    pump.cancel()


async def test_messages_wait_for_the_features_of_their_socket():
    socket = Taking()
    session = Session("a", socket, lambda: None)  # type: ignore[arg-type]
    session.offer(Frame(type="x", body="plain", unless="feature"))
    session.offer(Frame(type="x", body="special", only="feature"))
    session.features = frozenset({"feature"})
    pump = asyncio.create_task(session.pump())
    await asyncio.sleep(0.01)
    assert socket.taken == ["special"]
    pump.cancel()
