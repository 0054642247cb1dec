"""Many streams of OpenAI's door at once, of which some are read slowly or not at all; pictures without background."""

import asyncio
import base64
import io
import json

import aiohttp
import numpy as np
import pytest
from PIL import Image
from tests.e2e.client_play import blank
from tests.e2e.conftest import LiveServer
from tests.unit.nodes.onnx_files import write_background_network

STREAMS, PICTURES = 30, 8
STALLED = 3
"""Streams that nobody reads while the others are."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("streams") / "data"
    write_background_network(data / "models/background_removal/cut.onnx")
    running = LiveServer(data, "--threads", "1")
    try:
        running.wait(running.submit(blank()))
        yield running
    finally:
        running.close()


def asked(seed):
    return {"prompt": "a cat", "size": "64x64", "steps": 1, "seed": seed, "stream": True}


def events(body):
    return [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]


async def test_many_streams_at_once(server):
    """None is lost, none gets another's picture, and those that are not read hold up nobody."""
    path = f"{server.url}/v1/images/generations"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), read_bufsize=1 << 10) as session:
        stalled = [await session.post(path, json={**asked(n), "size": "1024x1024"}) for n in range(STALLED)]

        async def drawn(seed):
            async with session.post(path, json=asked(seed)) as answer:
                assert answer.status == 200
                return events(await answer.read())

        told = await asyncio.wait_for(asyncio.gather(*(drawn(n % PICTURES) for n in range(STREAMS))), 120)
        assert [[event["type"] for event in one] for one in told] == [["image_generation.completed"]] * STREAMS
        pictures = [one[0]["b64_json"] for one in told]
        assert len(set(pictures)) == PICTURES
        assert pictures == [pictures[n % PICTURES] for n in range(STREAMS)]
        for answer in stalled:
            (event,) = events(await answer.read())
            assert event["size"] == "1024x1024"


async def test_a_stream_that_nobody_reads_any_more_ends_its_job(server):
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{server.url}/v1/images/generations", json={**asked(5), "steps": 500})
        job = answer.headers["X-Limner-Job"]
        answer.close()
    entry = await asyncio.to_thread(server.wait, job)
    assert [kind for kind, _ in entry["status"]["messages"]][-1] == "execution_interrupted"


async def test_pictures_without_background(server):
    """The network of the test takes for subject what is red."""
    picture = Image.new("RGB", (64, 64), "white")
    picture.paste((230, 20, 20), (0, 0, 32, 64))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    body = {"prompt": "x", "image": base64.b64encode(buffer.getvalue()).decode(), "strength": 0.0, "steps": 1}
    async with aiohttp.ClientSession() as session:
        wanted = {**body, "background": "transparent"}
        async with session.post(f"{server.url}/v1/images/edits", json=wanted) as answer:
            told = await answer.json()
    assert told["background"] == "transparent", told
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(told["data"][0]["b64_json"]))))
    assert drawn.shape == (64, 64, 4)
    assert drawn[:, :24, 3].mean() > 200
    assert drawn[:, 40:, 3].mean() < 50
