"""Comfy API v2 as its own Python client drives it, unchanged, against a whole server."""

import asyncio
import io
import json
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import numpy as np
import pytest
from blake3 import blake3
from comfy_sdk import (
    AsyncComfy,
    BlobNotFound,
    Comfy,
    ComfyError,
    HashMismatch,
    IdempotencyKeyReuse,
    InvalidWorkflow,
    JobFailed,
    MissingAsset,
    NotFound,
    OutputReady,
    Preview,
    Progress,
    StatusChange,
    Unauthorized,
    WorkflowFormatUi,
)
from PIL import Image
from tests.e2e.client_play import painting
from tests.e2e.conftest import READY_SECONDS, LiveServer

STREAMS = 50


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all, whose worker is up."""
    server = LiveServer(tmp_path_factory.mktemp("v2") / "data", "--substitute")
    server.wait(server.submit(plain()))
    yield server
    server.close()


@pytest.fixture
def api(server):
    with httpx.Client(base_url=f"{server.url}/api/v2", timeout=READY_SECONDS) as client:
        yield client


@pytest.fixture
def comfy(server, monkeypatch):
    monkeypatch.setenv("COMFY_BASE_URL", server.url)
    with Comfy() as client:
        yield client


def plain(colour=0xFF8000, prefix="v2"):
    size = {"width": 64, "height": 48, "batch_size": 1, "color": colour}
    return {
        "1": {"class_type": "EmptyImage", "inputs": size},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}},
    }


def scaled(reference):
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": reference}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "back"}},
    }


def slow(steps=400):
    """A job that takes a while, and no two of which are alike."""
    return painting(seed=uuid.uuid4().int % (1 << 40), steps=steps)


def many(colour, count=12):
    """A job that takes some seconds without any network."""
    document = plain(colour)
    document["1"]["inputs"].update(width=1024, height=1024, batch_size=count)
    return document


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def until(look, seconds=READY_SECONDS):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def workflow(comfy, document):
    return comfy.workflows.from_json(document)


def test_a_run_gives_its_picture_with_size_hash_and_times(comfy, api):
    job = comfy.run(workflow(comfy, plain(0x336699)))
    (output,) = job.outputs
    data = output.to_bytes()
    assert (pixels(data) == (0x33, 0x66, 0x99)).all()
    assert (output.type, output.content_type, output.size_bytes) == ("image", "image/png", len(data))
    assert output.to_bytes(range=(2, 5)) == data[2:6]
    told = api.get(f"/jobs/{job.id}").json()
    assert told["outputs"][0]["hash"] == f"blake3:{blake3(data).hexdigest()}"
    assert httpx.get(told["outputs"][0]["url"]).content == data
    assert told["created_at"] <= told["started_at"] <= told["completed_at"]
    assert all(told[name].endswith("Z") for name in ("created_at", "started_at", "completed_at", "expires_at"))
    assert job.get_workflow().graph["1"]["class_type"] == "EmptyImage"


def test_events_tell_everything_in_order(comfy):
    job = comfy.submit(workflow(comfy, slow(steps=8)))
    events = list(job.events())
    statuses = [event.status for event in events if isinstance(event, StatusChange)]
    assert statuses[-1] == "succeeded"
    assert statuses[-2] == "running"
    values = [event.value for event in events if isinstance(event, Progress)]
    assert values == sorted(values)
    assert values[-1] > 0
    assert any(isinstance(event, Preview) for event in events)
    assert isinstance(events[-1], StatusChange)
    (ready,) = [event for event in events if isinstance(event, OutputReady)]
    assert job.refresh().outputs[0].id == ready.output.id


def test_a_stream_of_a_finished_job_tells_its_outputs_and_then_its_end(comfy, api):
    job = comfy.run(workflow(comfy, plain(0x010203)))
    text = api.get(f"/jobs/{job.id}/events").text
    assert [line for line in text.splitlines() if line.startswith("event")] == ["event: output", "event: status"]


def test_a_key_is_taken_by_one_of_many_equal_requests_and_stays_taken(comfy):
    wrong = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    key = str(uuid.uuid4())
    with pytest.raises(InvalidWorkflow):
        comfy.submit(workflow(comfy, wrong), idempotency_key=key)

    def submit(_):
        try:
            return comfy.submit(workflow(comfy, plain()), idempotency_key=key).id
        except IdempotencyKeyReuse:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [name for name in pool.map(submit, range(8)) if name]
    assert len(made) == 1
    with pytest.raises(IdempotencyKeyReuse):
        comfy.submit(workflow(comfy, wrong), idempotency_key=key)


def test_a_running_job_is_canceling_and_then_canceled_and_stays_so(comfy, api):
    job = comfy.submit(workflow(comfy, slow()))
    until(lambda: job.refresh().status == "running")
    assert job.cancel().status in ("canceling", "canceled")
    assert job.cancel().status in ("canceling", "canceled")
    seen = []
    until(lambda: seen.append(job.refresh().status) or seen[-1] == "canceled")
    assert set(seen) <= {"canceling", "canceled"}
    told = api.get(f"/jobs/{job.id}").json()
    assert told["error"] is None
    assert told["completed_at"]
    with pytest.raises(JobFailed):
        job.result()


def test_a_waiting_job_is_canceled_at_once_and_others_move_up(comfy, api):
    running = [comfy.submit(workflow(comfy, slow())) for _ in range(4)]
    until(lambda: all(job.refresh().status == "running" for job in running))
    first, second = (comfy.submit(workflow(comfy, plain(number))) for number in (5, 6))
    assert [api.get(f"/jobs/{job.id}").json()["queue_position"] for job in (first, second)] == [1, 2]
    with api.stream("GET", f"/jobs/{second.id}/events") as answer:
        lines = answer.iter_lines()
        assert [next(lines), json.loads(next(lines)[6:])] == [
            "event: status",
            {"status": "queued", "queue_position": 2},
        ]
        assert first.cancel().status == "canceled"
        told = [json.loads(line[6:]) for line in (next(lines) for _ in range(4)) if line.startswith("data: ")]
        assert {"status": "queued", "queue_position": 1} in told
    for job in running:
        job.cancel()
    assert second.wait().status == "succeeded"
    assert first.refresh().status == "canceled"


def test_an_uploaded_picture_is_drawn_on_and_uploaded_only_once(comfy, api):
    data = picture(1)
    handle = comfy.assets.from_bytes(data, filename="photo.png")
    job = comfy.run(workflow(comfy, scaled(handle)))
    assert (pixels(job.outputs[0].to_bytes()) == pixels(data)).all()
    assert (handle.created_new, handle.hash) == (True, f"blake3:{blake3(data).hexdigest()}")
    again = comfy.assets.from_bytes(data, filename="other.png")
    again.commit()
    assert (again.created_new, again.file_path) == (False, "other.png")
    assert again.id != handle.id
    assert job.get_workflow().graph["1"]["inputs"]["image"] == "photo.png"


def test_other_bytes_under_a_known_name_replace_nothing(comfy):
    first, second = (comfy.assets.from_bytes(picture(seed), filename="same.png") for seed in (2, 3))
    for handle, seed in ((first, 2), (second, 3)):
        handle.commit()
        job = comfy.run(workflow(comfy, scaled(handle)))
        assert (pixels(job.outputs[0].to_bytes()) == pixels(picture(seed))).all()


def test_an_output_is_the_input_of_the_next_job(comfy, api):
    made = comfy.run(workflow(comfy, plain(0x112233))).outputs[0]
    reference = {"__type": "core/ASSET", "info": {"id": made.id}}
    job = comfy.run(workflow(comfy, scaled(reference)))
    assert (pixels(job.outputs[0].to_bytes()) == (0x11, 0x22, 0x33)).all()
    with pytest.raises(ComfyError) as caught:
        comfy.assets.get(made.id).delete()
    assert caught.value.code == "asset_in_use"
    handle = comfy.assets.from_bytes(made.to_bytes(), filename="input/sub/copy.png")
    handle.commit()
    assert handle.created_new is False
    job = comfy.run(workflow(comfy, scaled(handle)))
    assert job.get_workflow().graph["1"]["inputs"]["image"] == "sub/copy.png"


def test_ranges(comfy, api):
    data = picture(4)
    handle = comfy.assets.from_bytes(data, filename="ranges.png")
    handle.commit()
    path = f"/assets/{handle.id}/content"
    for wanted, part in (("bytes=0-3", data[:4]), ("bytes=-5", data[-5:]), ("bytes=100-", data[100:])):
        answer = api.get(path, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["Content-Range"].endswith(f"/{len(data)}")
    for wanted in ("bytes=999999-", "bytes=0-1,5-6", "junk"):
        answer = api.get(path, headers={"Range": wanted})
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
        assert answer.json()["error"]["code"] == "range_not_satisfiable"
    whole = api.get(path)
    assert whole.headers["ETag"] == f'"{blake3(data).hexdigest()}"'
    assert api.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert api.head(path).headers["Content-Length"] == str(len(data))


def test_deleted_assets_are_gone_with_their_bytes(comfy, api):
    handle = comfy.assets.from_bytes(picture(5), filename="gone.png")
    handle.commit()
    found = f"/assets/by-hash/blake3%3A{handle.hash[7:]}"
    assert api.head(found).status_code == 200
    handle.delete()
    with pytest.raises(NotFound):
        comfy.assets.get(handle.id)
    assert api.delete(f"/assets/{handle.id}").status_code == 404
    assert api.head(found).status_code == 404
    with pytest.raises(MissingAsset):
        comfy.submit(workflow(comfy, scaled({"__type": "core/ASSET", "info": {"id": handle.id}})))


def test_what_is_wrong_has_its_own_exception(comfy, api):
    with pytest.raises(InvalidWorkflow) as caught:
        comfy.submit(workflow(comfy, {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}))
    assert caught.value.details["node_errors"]["1"]["errors"][0]["type"] == "required_input_missing"
    assert caught.value.request_id
    assert (
        api.post("/jobs", json={"workflow": {"nodes": [], "links": []}}).json()["error"]["code"] == "workflow_format_ui"
    )
    with pytest.raises(WorkflowFormatUi):
        comfy.submit(workflow(comfy, {"nodes": [], "links": [], "last_node_id": 1}))
    with pytest.raises(NotFound):
        comfy.jobs.get(str(uuid.uuid4()))
    form = {"file_path": "x.png", "content_type": "image/png", "expected_hash": f"blake3:{'0' * 64}"}
    answer = api.post("/assets", data=form, files={"file": ("x.png", b"bytes")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "hash_mismatch")
    assert api.post("/assets/from-hash", json={"hash": f"blake3:{'0' * 64}"}).status_code == 404
    assert {HashMismatch, BlobNotFound} <= set(ComfyError.__subclasses__())
    failed = comfy.submit(workflow(comfy, plain(prefix="../../outside"))).wait()
    assert failed.status == "failed"
    assert (failed.error.code, failed.error.node_id) == ("node_execution_error", "2")


def test_lists_page_by_page_and_by_labels(comfy, api):
    group = uuid.uuid4().hex
    made = [
        comfy.submit(workflow(comfy, plain(number)), metadata={"group": group, "n": str(number)}) for number in range(5)
    ]
    found = list(comfy.list_jobs(metadata={"group": group}, limit=2))
    assert [job.id for job in found] == [job.id for job in reversed(made)]
    (one,) = comfy.list_jobs(metadata={"group": group, "n": "3"})
    assert one.id == made[3].id
    for job in made:
        job.wait()
    page = api.get("/jobs", params={"status": "succeeded", "limit": 1, "metadata[group]": group}).json()
    assert page["jobs"][0]["id"] == made[4].id
    assert api.get("/jobs", params={"cursor": "junk"}).json()["error"]["code"] == "invalid_cursor"


def test_partner_keys_are_nowhere(comfy, server):
    secret = f"comfyui-{uuid.uuid4().hex}"
    job = comfy.submit(workflow(comfy, plain(7)), api_key=secret)
    job.wait()
    shown = [f"/api/v2/jobs/{job.id}", f"/api/v2/jobs/{job.id}/workflow", f"/history/{job.id}", f"/api/jobs/{job.id}"]
    assert all(secret not in json.dumps(server.call(path)) for path in shown)
    kept = [path for path in server.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert all(path.suffix != ".png" for path in kept)


def test_the_client_without_threads(server, monkeypatch):
    monkeypatch.setenv("COMFY_BASE_URL", server.url)

    async def play():
        async with AsyncComfy() as client:
            handle = client.assets.from_bytes(picture(6), filename="async.png")
            job = await client.run(client.workflows.from_json(scaled(handle)))
            data = await job.outputs[0].to_bytes()
            newest = [summary.id async for summary in client.list_jobs(limit=50)]
            return newest[0] == job.id, data

    newest, data = asyncio.run(play())
    assert newest
    assert (pixels(data) == pixels(picture(6))).all()


def test_many_streams_of_one_job_hear_the_same(server, comfy):
    job = comfy.submit(workflow(comfy, slow(steps=12)))

    async def listen(session):
        async with session.get(f"{server.url}/api/v2/jobs/{job.id}/events") as answer:
            assert answer.status == 200
            return (await answer.text()).split("\n\n")

    async def play():
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            return await asyncio.gather(*(listen(session) for _ in range(STREAMS)))

    heard = asyncio.run(play())
    assert len(heard) == STREAMS
    assert {frames[-2] for frames in heard} == {'event: status\ndata: {"status":"succeeded"}'}
    outputs = [[frame for frame in frames if frame.startswith("event: output")] for frames in heard]
    assert {len(frames) for frames in outputs} == {1}
    assert len({json.loads(frames[0].partition("data: ")[2])["id"] for frames in outputs}) == 1
    assert all(any(frame.startswith("event: progress") for frame in frames) for frames in heard)


def test_each_person_sees_their_own_and_pictures_open_without_a_key(tmp_path, monkeypatch):
    data = tmp_path / "data"
    keys = {name: key_of(name, data) for name in ("anna", "ben")}
    server = LiveServer(data, "--accounts", "on")
    monkeypatch.setenv("COMFY_BASE_URL", server.url)
    try:
        assert httpx.get(f"{server.url}/api/v2/health").status_code == 200
        with Comfy(api_key=keys["anna"]) as anna, Comfy(api_key=keys["ben"]) as ben, Comfy(api_key="wrong") as nobody:
            job = anna.run(workflow(anna, plain(0x445566)))
            told = httpx.get(f"{server.url}/api/v2/jobs/{job.id}", headers={"x-api-key": keys["anna"]}).json()
            assert (pixels(httpx.get(told["outputs"][0]["url"]).content) == (0x44, 0x55, 0x66)).all()
            handle = anna.assets.from_bytes(picture(11), filename="hers.png")
            handle.commit()
            for theirs in (lambda: ben.jobs.get(job.id), lambda: ben.assets.get(handle.id)):
                with pytest.raises(NotFound):
                    theirs()
            with pytest.raises(MissingAsset):
                ben.submit(workflow(ben, scaled({"__type": "core/ASSET", "info": {"id": handle.id}})))
            again = ben.assets.from_bytes(picture(11), filename="his.png")
            again.commit()
            assert again.created_new is True
            assert [found.id for found in ben.list_jobs()] == []
            with pytest.raises(Unauthorized):
                nobody.jobs.get(job.id)
    finally:
        server.close()


def key_of(user, data):
    command = [sys.executable, "-m", "limner", "keys", "create", "--user", user, "--data", str(data)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return next(word for word in made.stdout.split() if word.startswith("lk_"))


def test_jobs_keys_and_assets_outlive_the_server(tmp_path, monkeypatch):
    first = LiveServer(tmp_path / "data", "--substitute")
    first.wait(first.submit(plain()))
    monkeypatch.setenv("COMFY_BASE_URL", first.url)
    key = str(uuid.uuid4())
    with Comfy() as comfy:
        done = comfy.run(workflow(comfy, plain(9)))
        handle = comfy.assets.from_bytes(picture(8), filename="kept.png")
        handle.commit()
        running = comfy.submit(workflow(comfy, many(10)), idempotency_key=key)
        until(lambda: running.refresh().status == "running")
    first.kill()
    first.close()
    second = LiveServer(tmp_path / "data", "--substitute")
    try:
        monkeypatch.setenv("COMFY_BASE_URL", second.url)
        with Comfy() as comfy:
            again = comfy.jobs.get(done.id)
            assert (again.status, again.outputs[0].id) == ("succeeded", done.outputs[0].id)
            assert (pixels(again.outputs[0].to_bytes()) == (0, 0, 9)).all()
            with pytest.raises(IdempotencyKeyReuse):
                comfy.submit(workflow(comfy, plain()), idempotency_key=key)
            reference = {"__type": "core/ASSET", "info": {"id": handle.id}}
            assert comfy.run(workflow(comfy, scaled(reference))).status == "succeeded"
            resumed = comfy.jobs.get(running.id)
            statuses = [event.status for event in resumed.events() if isinstance(event, StatusChange)]
            assert statuses[-1] == "succeeded"
            assert resumed.wait().outputs
    finally:
        second.close()
