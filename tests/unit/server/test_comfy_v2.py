"""Comfy API v2 where its recorded exchanges do not look: streams, restarts, other doors, files that change."""

import asyncio
import io
import json
import os
import time

import pytest

from limner.server.comfy_v2 import stream as comfy_v2_stream


@pytest.fixture
def ask(serving):
    async def asked(method, path, status=200, **more):
        answer = await serving.client.request(method, f"/api/v2{path}", **more)
        assert answer.status == status, await answer.text()
        return await answer.json() if answer.content_type == "application/json" else await answer.read()

    return asked


@pytest.fixture
def ended(ask):
    async def wait(name):
        async with asyncio.timeout(20):
            while (job := await ask("GET", f"/jobs/{name}"))["completed_at"] is None:
                await asyncio.sleep(0.01)
        return job

    return wait


async def frames(answer, count):
    """So many events of a stream; comments count as well."""
    told = []
    async with asyncio.timeout(20):
        while len(told) < count:
            told.append((await answer.content.readuntil(b"\n\n")).decode().strip())
    return told


def event(frame):
    name, _, data = frame.partition("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def test_a_stream_hears_of_the_queue_lives_in_silence_and_sees_the_end(serving, ask, document, monkeypatch):
    monkeypatch.setattr(comfy_v2_stream, "SILENCE", 0.05)
    monkeypatch.setattr(comfy_v2_stream, "LOOK", 0.02)
    held = [await ask("POST", "/jobs", 201, json={"workflow": document("CapSleep", "SaveImage")}) for _ in range(2)]
    await serving.running(2)
    first, second = [
        await ask("POST", "/jobs", 201, json={"workflow": document("EmptyImage", "SaveImage")}) for _ in range(2)
    ]
    answer = await serving.client.get(f"/api/v2/jobs/{second['id']}/events")
    assert [event(frame) for frame in await frames(answer, 1)] == [
        ("status", {"status": "queued", "queue_position": 2})
    ]
    assert await frames(answer, 1) == [": keepalive"]
    await ask("POST", f"/jobs/{first['id']}/cancel")
    told = []
    while ("status", {"status": "queued", "queue_position": 1}) not in told:
        told += [event(frame) for frame in await frames(answer, 1) if not frame.startswith(":")]
    serving.worker.gate.set()
    rest = [frame for frame in (await answer.text()).split("\n\n") if frame.startswith("event")]
    names = [event(frame)[0] for frame in rest]
    assert names[0] == "status"
    assert names[-2:] in (["output", "status"], ["progress", "status"])
    assert event(rest[-1]) == ("status", {"status": "succeeded"})
    assert len(held) == 2


async def test_a_stream_tells_previews_and_progress(serving, ask, document, ended):
    graph = {
        "1": {"class_type": "CapPreview", "inputs": {}},
        "2": {"class_type": "CapSleep", "inputs": {"after": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}},
    }
    job = await ask("POST", "/jobs", 201, json={"workflow": graph})
    await serving.running(1)
    async with asyncio.timeout(20):
        while (told := await ask("GET", f"/jobs/{job['id']}"))["progress"]["nodes_done"] < 1:
            await asyncio.sleep(0.01)
    assert (told["progress"]["nodes_total"], told["progress"]["current_node_class"]) == (3, "CapSleep")
    answer = await serving.client.get(f"/api/v2/jobs/{job['id']}/events")
    status, progress, preview = [event(frame) for frame in await frames(answer, 3)]
    assert status == ("status", {"status": "running"})
    assert (progress[0], progress[1]["nodes_done"]) == ("progress", 1)
    assert preview == ("preview", {"node_id": "1", "content_type": "image/jpeg", "data_base64": "anBlZw=="})
    await ask("POST", f"/jobs/{job['id']}/cancel")
    statuses = [event(frame) for frame in (await answer.text()).split("\n\n") if frame.startswith("event: status")]
    assert statuses[-1] == ("status", {"status": "canceled"})
    assert (await ended(job["id"]))["progress"] is None


async def test_other_doors_cancel_its_jobs_and_none_vanishes(serving, ask, document):
    for _ in range(2):
        await ask("POST", "/jobs", 201, json={"workflow": document("CapSleep", "SaveImage")})
    await serving.running(2)
    waiting = [await ask("POST", "/jobs", 201, json={"workflow": document("EmptyImage", "SaveImage")}) for _ in "abc"]
    await serving.client.post("/queue", json={"delete": [waiting[0]["id"]]})
    await serving.client.post("/api/jobs/cancel", json={"job_ids": [waiting[1]["id"]]})
    await serving.client.post(f"/api/jobs/{waiting[2]['id']}/cancel")
    assert [(await ask("GET", f"/jobs/{job['id']}"))["status"] for job in waiting] == ["canceled"] * 3
    listed = await ask("GET", "/jobs?status=canceled")
    assert {job["id"] for job in listed["jobs"]} == {job["id"] for job in waiting}


async def test_an_output_is_what_its_job_made_even_if_the_file_is_not(serving, ask, document, ended):
    job = await ended((await ask("POST", "/jobs", 201, json={"workflow": document("EmptyImage", "SaveImage")}))["id"])
    (output,) = job["outputs"]
    path = serving.folders.output / output["name"]
    assert await ask("GET", f"/assets/{output['id']}/content") == path.read_bytes()
    path.write_bytes(b"somebody else's")
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert (await ended(job["id"]))["outputs"][0]["hash"] is None
    refused = await ask("GET", f"/assets/{output['id']}/content", 404)
    assert refused["error"]["code"] == "output_unavailable"
    path.unlink()
    assert (await ask("GET", f"/assets/{output['id']}/content", 404))["error"]["code"] == "output_unavailable"
    (gone,) = (await ended(job["id"]))["outputs"]
    assert (gone["hash"], gone["size_bytes"], gone["name"]) == (None, 0, output["name"])


async def test_a_job_that_is_given_an_earlier_ones_result_has_its_outputs(serving, ask, document, ended):
    graph = document("EmptyImage", "SaveImage")
    first = await ended((await ask("POST", "/jobs", 201, json={"workflow": graph}))["id"])
    second = await ended((await ask("POST", "/jobs", 201, json={"workflow": graph}))["id"])
    assert (first["outputs_reused"], second["outputs_reused"]) == (False, True)
    assert second["outputs"][0]["id"] == first["outputs"][0]["id"]
    assert second["outputs"][0]["job_id"] == second["id"]


async def test_an_asset_that_a_waiting_job_needs_stays(serving, ask, document):
    form = {"file_path": "held.png", "content_type": "image/png", "file": io.BytesIO(b"held")}
    asset = await ask("POST", "/assets", 201, data=form)
    for _ in range(2):
        await ask("POST", "/jobs", 201, json={"workflow": document("CapSleep", "SaveImage")})
    await serving.running(2)
    reference = {"__type": "core/ASSET", "info": {"id": asset["id"]}}
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": reference}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    job = await ask("POST", "/jobs", 201, json={"workflow": graph})
    assert (await ask("DELETE", f"/assets/{asset['id']}", 409))["error"]["code"] == "asset_in_use"
    await ask("POST", f"/jobs/{job['id']}/cancel")
    await ask("DELETE", f"/assets/{asset['id']}", 204)
    assert not (serving.folders.input / "held.png").exists()


async def test_files_of_people_are_not_deleted_with_assets_over_them(serving, ask):
    (serving.folders.input / "own.png").write_bytes(b"own")
    form = {"file_path": "same.png", "content_type": "image/png", "file": io.BytesIO(b"own")}
    asset = await ask("POST", "/assets", 200, data=form)
    await ask("DELETE", f"/assets/{asset['id']}", 204)
    assert (serving.folders.input / "own.png").read_bytes() == b"own"


async def test_a_server_without_a_worker_has_clients_ask_again(start, document):
    serving = await start(up=False, catalog_wait=0.05)
    body = {"workflow": document("EmptyImage", "SaveImage")}
    answer = await serving.client.post("/api/v2/jobs", json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    assert (await answer.json())["error"]["code"] == "deployment_not_ready"
    serving.worker.up.set()
    async with asyncio.timeout(20):
        while (
            answer := await serving.client.post("/api/v2/jobs", json=body, headers={"Idempotency-Key": "k"})
        ).status == 429:
            await asyncio.sleep(0.02)
    assert answer.status == 201


async def test_where_assets_are_off_this_api_has_them_all_the_same(start, document):
    serving = await start(assets=False)
    form = {"file_path": "a.png", "content_type": "image/png", "file": io.BytesIO(b"a")}
    assert (await serving.client.post("/api/v2/assets", data=form)).status == 201
    assert (await serving.client.get("/api/assets")).status == 503


async def test_what_is_comfyuis_below_the_same_path_keeps_its_shape(serving):
    answer = await serving.client.get("/api/v2/userdata", params={"path": "../.."})
    assert answer.status >= 400
    assert "X-Comfy-Request-Id" not in answer.headers
