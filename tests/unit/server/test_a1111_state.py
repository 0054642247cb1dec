"""How far A1111's drawings are, and how they are stopped."""

import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request

from limner.graph.graph import Graph, Link, Node
from limner.server.caller import ONLY_OWNER
from limner.server.picture_jobs import submitted
from limner.server.route import DRAWINGS

ROOT = "/sdapi/v1"
SAVED = Node(type="PreviewImage", inputs={"images": Link("walk 1", 0)})


async def draw(serving, kind, drawing):
    """Draws as a route does that waits for the picture."""
    app = serving.client.server.app
    request, graph = make_mocked_request("POST", "/", app=app), Graph({"walk 1": Node(type=kind), "1": SAVED})
    async with submitted(request, graph, "a1111", previews=True) as watch:
        async for news in watch.news(30.0):
            drawing.hear(*news)


async def progress(serving, query=""):
    return await (await serving.client.get(f"{ROOT}/progress{query}")).json()


async def task(serving, name):
    body = {"id_task": name, "id_live_preview": -1}
    return await (await serving.client.post("/internal/progress", json=body)).json()


async def post(serving, path):
    answer = await serving.client.post(ROOT + path)
    return answer.status, await answer.json()


async def test_nothing_is_drawn(serving):
    told = await progress(serving)
    assert (told["progress"], told["eta_relative"], told["current_image"]) == (0, 0, None)
    assert (told["state"]["job_count"], told["current_task"]) == (0, None)
    assert await post(serving, "/interrupt") == (200, {})
    assert await post(serving, "/skip") == (200, None)


async def test_a_drawing_shows_how_far_it_is(serving):
    with serving.client.server.app[DRAWINGS].begin(ONLY_OWNER, "mine", 2, 20) as drawing:
        assert (await task(serving, "mine"))["queued"]
        pending = await (await serving.client.get("/internal/pending-tasks")).json()
        assert pending == {"size": 1, "tasks": ["mine"]}
        await draw(serving, "CapPreview", drawing)
        told = await progress(serving)
        assert (told["progress"], told["current_task"], told["current_image"]) == (0.51, "mine", "anBlZw==")
        assert (told["state"]["job_count"], told["state"]["job_no"]) == (2, 1)
        assert (await progress(serving, "?skip_current_image=true"))["current_image"] is None
        active = await task(serving, "mine")
        assert (active["active"], active["progress"], active["id_live_preview"]) == (True, 0.51, 1)
        assert active["live_preview"] == "data:image/jpeg;base64,anBlZw=="
    done = await task(serving, "mine")
    assert (done["completed"], done["active"], done["queued"]) == (True, False, False)
    assert not (await task(serving, "other"))["completed"]


@pytest.mark.parametrize(("path", "flag"), [("/interrupt", "interrupted"), ("/skip", "skipped")])
async def test_what_is_drawn_can_be_stopped(serving, path, flag):
    with serving.client.server.app[DRAWINGS].begin(ONLY_OWNER, "mine", 1, 20) as drawing:
        going = asyncio.create_task(draw(serving, "CapSleep", drawing))
        async with asyncio.timeout(30):
            while not drawing.job:
                await asyncio.sleep(0.002)
        assert (await post(serving, path))[0] == 200
        await going
        assert getattr(drawing, flag)
        assert (await progress(serving))["state"][flag]


async def test_memory_flags_and_what_needs_no_doing(serving):
    memory = await (await serving.client.get(f"{ROOT}/memory")).json()
    assert memory["ram"]["total"] > memory["ram"]["free"] > 0
    assert "error" in memory["cuda"]
    assert (await (await serving.client.get(f"{ROOT}/cmd-flags")).json())["api"]
    assert await post(serving, "/unload-checkpoint") == (200, {})
    assert serving.worker.released == [(True, False)]
    assert await post(serving, "/reload-checkpoint") == (200, {})
    for name in ("checkpoints", "vae", "loras", "embeddings"):
        assert await post(serving, f"/refresh-{name}") == (200, None)
    assert (await serving.client.get("/internal/ping")).status == 200


async def test_nobody_sees_or_stops_what_others_draw(serving):
    with serving.client.server.app[DRAWINGS].begin("somebody else", "theirs", 1, 20) as drawing:
        drawing.job = "theirs"
        told = await (await serving.client.get("/sdapi/v1/progress")).json()
        assert (told["progress"], told["state"]["job_count"]) == (0, 0)
        await serving.client.post("/sdapi/v1/interrupt")
        await serving.client.post("/sdapi/v1/skip")
        assert (drawing.interrupted, drawing.skipped) == (False, False)
        task = await (await serving.client.post("/internal/progress", json={"id_task": "theirs"})).json()
        assert (task["active"], task["completed"]) == (False, False)
