"""T11, T12: what goes to the routes of node packs is bounded, and belongs to the one who asked."""

import asyncio
import gzip
import io

import msgspec
import pytest
from aiohttp import ClientSession, UnixConnector, web

from limner.graph.catalog import PackGateway, PackRoute
from limner.server.route import CATALOG


async def told(request):
    """What a pack sees of a request; sets a cookie if asked to."""
    answer = web.json_response(
        {
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "size": len(await request.read()),
        }
    )
    if "login" in request.query:
        answer.set_cookie("session", request.query["login"])
    return answer


@pytest.fixture
async def packs(serving, tmp_path):
    """A server with a worker whose packs answer below /pack/, and what the server itself asks at /types."""
    application = web.Application(client_max_size=1 << 30)
    application.router.add_route("*", "/pack/{tail:.*}", told)
    application.router.add_route("*", "/types", told)
    runner = web.AppRunner(application)
    await runner.setup()
    place = str(tmp_path / "p.sock")
    await web.UnixSite(runner, place).start()
    watch = serving.client.app[CATALOG]
    await watch.wait(5.0)
    gateway = PackGateway(socket=place, inner=place, routes=(PackRoute(methods=("*",), pattern="/pack/.*"),))
    watch._current = msgspec.structs.replace(watch.current, gateway=gateway)
    async with ClientSession(connector=UnixConnector(path=place)) as direct:
        assert (await direct.get("http://packs/types")).status == 200  # It is there, but not for clients.
    yield serving
    watch._current = msgspec.structs.replace(watch.current, gateway=None)
    await runner.cleanup()


async def test_a_cookie_of_one_client_is_not_sent_along_with_another_ones_requests(packs):
    own = {"Host": "localhost"}
    login = await packs.client.get("/pack/x?login=alice", headers=own)
    assert "alice" in login.headers["Set-Cookie"]
    packs.client.session.cookie_jar.clear()
    other = await packs.client.get("/pack/x", headers=own)
    assert "cookie" not in (await other.json())["headers"]
    sent = await packs.client.get("/pack/x", headers=own | {"Cookie": "session=bob"})
    assert (await sent.json())["headers"]["cookie"] == "session=bob"


async def test_a_body_is_bounded_as_everywhere(packs):
    most = packs.client.app._client_max_size

    async def endless():
        for _ in range(most // (1 << 20) + 2):
            yield bytes(1 << 20)

    assert (await packs.client.post("/pack/x", data=endless())).status == 413
    fine = await packs.client.post("/pack/x", data=io.BytesIO(bytes(5 << 20)))
    assert (await fine.json())["size"] == 5 << 20


async def test_a_packed_body_arrives_unpacked(packs):
    answer = await packs.client.post("/pack/x", data=gzip.compress(bytes(5000)), headers={"Content-Encoding": "gzip"})
    assert (await answer.json())["size"] == 5000


async def test_headers_of_the_connection_stay_here(packs):
    headers = {"Connection": "keep-alive, X-Mine", "X-Mine": "1", "Proxy-Connection": "x", "TE": "trailers", "X-A": "b"}
    seen = (await (await packs.client.get("/pack/x", headers=headers)).json())["headers"]
    assert seen["x-a"] == "b"
    assert not {"x-mine", "proxy-connection", "te"} & seen.keys()


@pytest.mark.parametrize(
    "host", ["localhost:99999", "x/@.localhost", "a?b.localhost", "a#b.localhost", "..internal", "a b.internal"]
)
async def test_the_host_header_does_not_change_what_is_asked_for(packs, host):
    answer = await packs.client.get("/pack/x", headers={"Host": host})
    assert answer.status in (200, 403)
    if answer.status == 200:
        assert (await answer.json())["path"] == "/pack/x"


@pytest.mark.parametrize(
    "path", ["/types", "/pack/../types", "/pack/%2e%2e/types", "//types", "http://packs/types", "/api/types"]
)
async def test_what_the_server_asks_packs_is_not_for_clients(packs, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", packs.client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 ")
    assert b'"path": "/types"' not in answer


async def test_a_route_without_a_socket_says_so(packs):
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    answer = await packs.client.get("/pack/x", headers=headers)
    assert answer.status == 400
    assert "WebSocket" in (await answer.json())["error"]["message"]


async def test_other_sites_do_not_reach_packs(packs):
    for origin in ("http://evil.com", "null"):
        assert (await packs.client.post("/pack/x", headers={"Origin": origin})).status == 403
