"""What holds for every route: methods, headers, compression, origins, slow and silent clients."""

import asyncio
import gzip
import json

import pytest
from yarl import URL

from limner.server.compression import accepts_gzip
from limner.server.connections import CONNECTIONS, Connections

MIRRORED = {
    "/users": {"GET", "POST"},
    "/settings": {"GET", "POST"},
    "/settings/Comfy.Some": {"GET", "POST"},
    "/userdata": {"GET"},
    "/userdata/workflows%2Fa.json": {"GET", "POST", "DELETE"},
    "/userdata/a.json/move/b.json": {"POST"},
    "/v2/userdata": {"GET"},
    "/view": {"GET"},
    "/upload/image": {"POST"},
    "/upload/mask": {"POST"},
    "/models": {"GET"},
    "/models/checkpoints": {"GET"},
    "/embeddings": {"GET"},
    "/extensions": {"GET"},
    "/experiment/models": {"GET"},
    "/experiment/models/checkpoints": {"GET"},
    "/experiment/models/preview/checkpoints/0/a.safetensors": {"GET"},
    "/view_metadata/checkpoints": {"GET"},
    "/workflow_templates": {"GET"},
    "/i18n": {"GET"},
    "/system_stats": {"GET"},
}
BARE = {
    "/internal/logs": {"GET"},
    "/internal/logs/raw": {"GET"},
    "/internal/logs/subscribe": {"PATCH"},
    "/internal/folder_paths": {"GET"},
    "/internal/files/output": {"GET"},
}
ROUTES = [(prefix + path, methods) for path, methods in MIRRORED.items() for prefix in ("", "/api")]
ROUTES += list(BARE.items())


@pytest.mark.parametrize(("path", "methods"), ROUTES, ids=[path for path, _ in ROUTES])
async def test_methods(serving, path, methods):
    client, url = serving.client, URL(path, encoded=True)
    options = await client.options(url)
    assert (options.status, await options.read()) == (200, b"")
    for method in ("PUT", "DELETE", "PATCH", "POST"):
        if method in methods:
            continue
        answer = await client.request(method, url)
        allowed = methods | {"HEAD"} if "GET" in methods else methods
        assert (answer.status, await answer.text()) == (405, "405: Method Not Allowed")
        assert set(answer.headers["Allow"].split(",")) == allowed
    got, head = await client.get(url), await client.head(url)
    assert got.status == head.status
    assert got.status < 500
    assert await head.read() == b""
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    if "GET" not in methods:
        assert (got.status, got.content_type, await got.read()) == (404, "application/octet-stream", b"")


@pytest.mark.parametrize("path", [f"/api{path}" for path in BARE])
async def test_internal_routes_have_no_mirror(serving, path):
    assert (await serving.client.get(path)).status == 404


async def test_long_texts_are_compressed_for_those_who_accept_it(serving):
    long = json.dumps({"nodes": ["x" * 50] * 100}).encode()
    await serving.client.post("/userdata/long.json", data=long)
    await serving.client.post("/userdata/long.png", data=long)
    await serving.client.post("/settings/long", data=long)
    for path, packed in (
        ("/userdata/long.json", True),
        ("/settings", True),
        ("/users", False),
        ("/userdata/long.png", False),
    ):
        accepting = await serving.client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert (accepting.headers.get("Content-Encoding") == "gzip") == packed, path
        plain = await serving.client.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert await plain.read() == await accepting.read()
        assert ("Accept-Encoding" in plain.headers.get("Vary", "")) == packed, path
    part = await serving.client.get("/userdata/long.json", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status, await part.read()) == (206, long[:10])
    again = await serving.client.get(
        "/userdata/long.json", headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers.get("ETag", "")}
    )
    assert again.status in (200, 304)
    head = await serving.client.head("/userdata/long.json", headers={"Accept-Encoding": "gzip"})
    assert (head.status, await head.read()) == (200, b"")


async def test_object_info_is_compressed_once(serving):
    answer = await serving.client.get("/object_info", headers={"Accept-Encoding": "gzip"})
    assert answer.headers.getall("Content-Encoding") == ["gzip"]
    assert "KSampler" in await answer.json()


def test_what_accepts_gzip():
    assert all(map(accepts_gzip, ("gzip", "deflate, gzip;q=0.5", "GZIP", "br, gzip ; q=1")))
    assert not any(map(accepts_gzip, ("", "identity", "gzip;q=0", "gzip; q=0.0", "x-gzipped", "br")))


async def test_a_cors_header_is_on_every_answer(start):
    serving = await start(cors="*")
    for method, path in (("GET", "/queue"), ("GET", "/nothing"), ("OPTIONS", "/prompt"), ("PUT", "/queue")):
        answer = await serving.client.request(method, path, headers={"Origin": "https://example.org"})
        assert answer.status < 500
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "POST, GET, DELETE, PUT, OPTIONS"
        assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, Authorization"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert (await serving.client.post("/queue", json={}, headers={"Origin": "https://example.org"})).status == 200


async def test_a_cors_origin_is_the_only_foreign_one(start):
    serving = await start(cors="https://example.org")
    headers = {"Origin": "https://example.org"}
    answer = await serving.client.post("/queue", json={}, headers=headers)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://example.org")
    foreign = await serving.client.post("/queue", json={}, headers={"Origin": "https://evil.com"})
    assert foreign.status == 403


async def test_without_cors_no_origin_is_named(serving):
    answer = await serving.client.get("/queue")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_silent_connections_are_closed(serving):
    server = serving.client.server
    connections = Connections(patience=10.0)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /queue HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    await writer.drain()
    async with asyncio.timeout(5):
        while not server.handler.connections:
            await asyncio.sleep(0.01)
    connections.close_silent(server.handler, 100.0)
    connections.close_silent(server.handler, 105.0)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    connections.close_silent(server.handler, 111.0)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_connections_that_have_spoken_stay(serving):
    server, connections = serving.client.server, serving.client.app[CONNECTIONS]
    socket = await serving.socket("a")
    await socket.receive_json()
    connections.close_silent(server.handler, 0.0)
    connections.close_silent(server.handler, 1e9)
    assert (await serving.client.get("/queue")).status == 200
    await socket.ping()
    assert not socket.closed


async def test_the_watch_goes_on_until_it_is_ended(serving):
    watch = asyncio.create_task(Connections(patience=0.02).watch(serving.client.server.handler))
    reader, writer = await asyncio.open_connection(serving.client.server.host, serving.client.server.port)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


async def test_a_gzip_body_is_what_it_says(serving):
    await serving.client.post("/userdata/a.txt", data=b"line\n" * 1000)
    server = serving.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /userdata/a.txt HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n")
    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == b"line\n" * 1000
    writer.close()
