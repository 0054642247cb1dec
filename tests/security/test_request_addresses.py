"""No door fetches an address of this machine or its network for whoever asks, however the address is written."""

import socket
import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

LOADS = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}

HOSTS = (
    "127.0.0.1",
    "localhost",
    "0x7f.0.0.1",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "name:word@127.0.0.1",
)
ODD_HOSTS = ("127.1", "2130706433", "0", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460")
"""All of them lead to this machine, if anybody follows them; the odd ones are tried twice, so by one door only."""


def bodies(url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A request through each door that takes addresses."""
    shown = {"type": "image_url", "image_url": {"url": url}}
    yield "/workflows/run", {"workflow": LOADS, "images": [url]}
    yield "/workflows/run", {"workflow": LOADS, "watermark_image": url}
    yield "/v1/images/edits", {"prompt": "x", "images": [{"image_url": url}]}
    yield "/v1/images/edits", {"prompt": "x", "images": [url], "mask": {"image_url": url}}
    yield "/v1/chat/completions", {"messages": [{"role": "user", "content": [shown]}]}
    yield "/sdapi/v1/interrogate", {"image": url, "model": "clip"}
    yield "/sdapi/v1/extra-single-image", {"image": url}


@pytest.fixture
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A port of this machine, and who has called there."""
    callers: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                callers.append(caller)
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)


async def test_no_door_asks_this_machine_for_pictures(serving, listener):
    port, callers = listener
    for host in (*HOSTS, *ODD_HOSTS):
        for door, body in islice(bodies(f"http://{host}:{port}/a.png"), 1 if host in ODD_HOSTS else None):
            async with serving.client.post(door, json=body) as answer:
                assert answer.status in (400, 422, 500), (host, door)
                told = await answer.text()
                assert "its log says what" not in told, (host, door, told)
    assert callers == []
    assert not [path for path in serving.folders.input.rglob("*") if path.is_file()]
