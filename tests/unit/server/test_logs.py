"""/internal/logs: the book, and the messages to sockets."""

import asyncio
import json
import logging

import pytest

from limner.server import log_feed
from limner.server.log_book import KEPT, LONGEST, LogBook, LogBookHandler, is_news


async def messages(socket, kind):
    async with asyncio.timeout(5):
        async for received in socket:
            message = received.json()
            if message["type"] == kind:
                return message["data"]
    raise AssertionError(f"The socket closed without a {kind} message.")


async def subscribe(serving, **body):
    return await serving.client.patch("/internal/logs/subscribe", json=body)


async def test_the_log_is_read_as_text_and_as_entries(serving):
    book = serving.service.logs
    book.write("first")
    book.write("second\nthird\n")
    answer = await serving.client.get("/internal/logs/raw")
    body = await answer.json()
    assert body["size"] == {"cols": 80, "rows": 24}
    assert [entry["m"] for entry in body["entries"]] == ["first\n", "second\nthird\n"]
    times = [entry["t"] for entry in body["entries"]]
    text = await (await serving.client.get("/internal/logs")).json()
    assert text == f"{times[0]} - first\n{times[1]} - second\nthird\n"
    for path in ("/api/internal/logs", "/api/internal/logs/raw"):
        assert (await serving.client.get(path)).status == 404


async def test_clients_that_asked_are_told(serving, monkeypatch):
    monkeypatch.setattr(log_feed, "GATHER", 1.0)
    listening, other = await serving.socket("listening"), await serving.socket("other")
    await messages(listening, "status")
    await messages(other, "status")
    assert (await subscribe(serving, clientId="listening", enabled=True)).status == 200
    book = serving.service.logs
    book.write("one")
    await asyncio.to_thread(book.write, "two")
    told = await messages(listening, "logs")
    assert [entry["m"] for entry in told["entries"]] == ["one\n", "two\n"]
    assert told["size"] == {"cols": 80, "rows": 24}
    monkeypatch.setattr(log_feed, "GATHER", 0.05)
    assert (await subscribe(serving, clientId="listening", enabled=False)).status == 200
    book.write("three")
    await asyncio.sleep(0.2)
    for socket in (listening, other):
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)


async def test_clients_that_went_are_forgotten(serving):
    socket = await serving.socket("gone")
    await subscribe(serving, clientId="gone", enabled=True)
    await socket.close()
    for _ in range(3):
        serving.service.logs.write("x")
        await asyncio.sleep(0.15)
    socket = await serving.socket("gone")
    await messages(socket, "status")
    serving.service.logs.write("y")
    await asyncio.sleep(0.2)
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)


@pytest.mark.parametrize(
    "body", [None, 1, [], {}, {"clientId": "a"}, {"enabled": True}, {"clientId": 1, "enabled": True},
             {"clientId": "a", "enabled": "yes"}, {"clientId": "", "enabled": True},
             {"clientId": "x" * 300, "enabled": True}],
)  # fmt: skip
async def test_bad_subscriptions_are_refused(serving, body):
    answer = await serving.client.patch("/internal/logs/subscribe", data=json.dumps(body))
    assert answer.status == 400
    assert "clientId" in (await answer.json())["error"]["message"]
    assert (await serving.client.patch("/internal/logs/subscribe", data=b"{")).status == 400


def test_the_book_has_bounds():
    book = LogBook()
    for number in range(KEPT + 50):
        book.write(str(number))
    assert [entry["m"] for entry in book.entries()] == [f"{number}\n" for number in range(50, KEPT + 50)]
    book.write("x" * (2 * LONGEST))
    assert len(book.entries()[-1]["m"]) < LONGEST + 100


def test_what_is_logged_comes_into_the_book():
    book, log = LogBook(), logging.Logger("book")
    log.addHandler(LogBookHandler(book))
    log.debug("too small")
    log.info("worker-0: %s", "a line")
    log.warning("look")
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("failed")
    texts = [entry["m"] for entry in book.entries()]
    assert texts[:2] == ["worker-0: a line\n", "[WARNING] look\n"]
    assert texts[2].startswith("[ERROR] failed\nTraceback")
    assert texts[2].endswith("ValueError: why\n")
    assert len(texts) == 3


@pytest.mark.parametrize("line", [b"GET /view?token=lk_secret&x=" + b"A" * 9000, b"\x16\x03\x01 lk_secret"])
async def test_requests_that_are_no_http_bring_no_key_into_the_log(serving, line, caplog):
    server, aiohttps = serving.client.server, logging.getLogger("aiohttp.server")
    aiohttps.addFilter(is_news)
    try:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(line + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b" 400 " in (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n")[0]
        writer.close()
        aiohttps.error("something else")
    finally:
        aiohttps.removeFilter(is_news)
    assert [record.message for record in caplog.records if record.name == "aiohttp.server"] == ["something else"]
