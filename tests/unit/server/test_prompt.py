"""What POST /prompt accepts, and what becomes of nonsense."""

import asyncio
import json

MALFORMED = [
    b"",
    b"   ",
    b"not json",
    b"\xff\xfe\x00",
    b"null",
    b"1",
    b'"text"',
    b"[" * 50_000,
    b'{"prompt":' * 5_000,
    b'{"prompt": null}',
    b'{"prompt": 1}',
    b'{"prompt": "text"}',
    b'{"prompt": [1]}',
    b'{"prompt": {"1": null}}',
    b'{"prompt": {"1": []}}',
    b'{"prompt": {"1": {"class_type": {"a": 1}, "inputs": {}}}}',
    b'{"prompt": {"1": {"class_type": ["a"], "inputs": []}}}',
    b'{"prompt": {}, "number": "NaN"}',
    b'{"prompt": {}, "number": "x"}',
    b'{"prompt": {}, "number": []}',
    b'{"prompt": {}, "number": Infinity}',
    b'{"prompt": {}, "client_id": {}}',
    b'{"prompt": {}, "client_id": []}',
    b'{"prompt": {}, "client_id": true}',
    b'{"prompt": {}, "extra_data": 1}',
    b'{"prompt": {}, "extra_data": []}',
    b'{"prompt": {}, "prompt_id": {}}',
    b'{"prompt": {}, "prompt_id": "a/b"}',
    b'{"prompt": {}, "partial_execution_targets": 1}',
    b'{"prompt": {}, "partial_execution_targets": [{}]}',
    b'{"nodes": [], "links": []}',
    b'{"prompt": {"nodes": [1], "links": [2]}}',
    b'{"prompt": {"nodes": [{"id": 1, "type": "Nope"}], "links": [], "version": 0.4}}',
    b'{"1": {"class_type": "PreviewImage", "inputs": {}}}',
]


async def test_malformed_bodies_get_a_reason(serving):
    for body in MALFORMED:
        answer = await serving.client.post("/prompt", data=body)
        assert answer.status == 400, body[:60]
        reply = await answer.json()
        assert reply["error"]["type"], body[:60]
        assert reply["error"]["message"], body[:60]
        assert "node_errors" in reply, body[:60]


ODD = [
    {"client_id": None},
    {"client_id": 5},
    {"extra_data": None, "client_id": "a"},
    {"extra_data": {"client_id": {}}},
    {"number": None},
    {"number": "7"},
    {"prompt_id": None},
    {"prompt_id": 12},
    {"partial_execution_targets": None},
    {"unknown": [1, {"deep": None}]},
    {"extra_data": {"extra_pnginfo": None, "preview_method": 3}},
    {"extra_data": {"extra_pnginfo": {"workflow": {"nodes": [{"is_changed": [float("nan")]}]}}}},
]


async def test_odd_but_harmless_fields_run(serving, document):
    prompt = document("EmptyImage", "PreviewImage")
    prompt["9"] = {"class_type": "EmptyImage", "inputs": [], "_meta": 3, "is_changed": float("nan")}
    for extra in ODD:
        body = json.dumps({"prompt": prompt} | extra).encode()
        answer = await serving.client.post("/prompt", data=body, headers={"Content-Type": "text/plain"})
        assert answer.status == 200, (extra, await answer.text())
        await serving.finished((await answer.json())["prompt_id"])


async def test_lone_surrogates_are_survived(serving, document):
    prompt = json.dumps(document("EmptyImage", "SaveImage")).replace('"pre"', '"p\\ud800e"')
    answer = await serving.client.post("/prompt", data=f'{{"prompt": {prompt}}}')
    assert answer.status == 200
    entry = await serving.finished((await answer.json())["prompt_id"])
    assert entry["prompt"][2]["2"]["inputs"]["filename_prefix"] == "p?e"


async def test_numbers_ids_and_order(serving, document):
    blocking = [await serving.post({"prompt": document("CapSleep", "PreviewImage")}) for _ in range(2)]
    await serving.running(2)
    prompt = document("EmptyImage", "PreviewImage")
    last = await serving.post({"prompt": prompt})
    front = await serving.post({"prompt": prompt, "front": True})
    given = await serving.post({"prompt": prompt, "number": -50, "prompt_id": "my-own-id", "client_id": "c"})

    assert isinstance(last["number"], int)
    assert front["number"] < 0
    assert (given["number"], given["prompt_id"], given["node_errors"]) == (-50.0, "my-own-id", {})
    queue = await (await serving.client.get("/queue")).json()
    assert len(queue["queue_running"]) == len(blocking)
    assert [item[1] for item in queue["queue_pending"]] == ["my-own-id", front["prompt_id"], last["prompt_id"]]
    extra = queue["queue_pending"][0][3]
    assert extra.pop("create_time") > 1.7e12
    assert queue["queue_pending"][0][2:] == [prompt, {"client_id": "c"}, ["2"]]
    assert await (await serving.client.get("/prompt")).json() == {"exec_info": {"queue_remaining": 5}}
    again = await serving.client.post("/prompt", json={"prompt": document("EmptyImage"), "prompt_id": "my-own-id"})
    assert again.status == 400
    serving.worker.gate.set()


async def test_an_id_that_waits_is_refused_to_another_prompt(serving, document):
    for _ in range(2):
        await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    await serving.running(2)
    await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "prompt_id": "same"})
    body = {"prompt": document("EmptyImage", "SaveImage"), "prompt_id": "same"}
    answer = await serving.client.post("/prompt", json=body)
    assert answer.status == 400
    assert (await answer.json())["error"]["type"] == "invalid_prompt_id"
    serving.worker.gate.set()


async def test_secrets_reach_the_worker_and_nobody_else(serving, document):
    extra = {"api_key_comfy_org": "SECRET", "auth_token_comfy_org": None, "kept": 1}
    reply = await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "extra_data": extra})
    await serving.finished(reply["prompt_id"])
    text = await (await serving.client.get("/history")).text()
    assert "SECRET" not in text
    assert '"kept":1' in text
    assert serving.worker.requests[0].secrets == {"api_key_comfy_org": "SECRET"}


async def test_a_ui_workflow_is_converted_and_run(serving):
    source = {"id": 1, "type": "EmptyImage", "mode": 0, "inputs": [], "widgets_values": [64, 48, 1]}
    target = {"id": 2, "type": "PreviewImage", "mode": 0, "outputs": []}
    nodes = [
        source | {"outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}]},
        target | {"inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
    ]
    workflow = {
        "nodes": nodes,
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "version": 0.4,
        "last_node_id": 2,
        "last_link_id": 1,
    }
    for body in ({"prompt": workflow}, workflow):
        reply = await serving.post(body)
        entry = await serving.finished(reply["prompt_id"])
        assert entry["status"]["completed"]
        assert entry["prompt"][2]["1"]["inputs"] == {"width": 64, "height": 48, "batch_size": 1}
        assert entry["prompt"][3]["extra_pnginfo"]["workflow"]["version"] == 0.4


async def test_notes_of_what_was_replaced_come_back(start, document):
    serving = await start(prepare=lambda graph, catalog: (graph, ["a stands in for b"]))
    reply = await serving.post({"prompt": document("EmptyImage", "PreviewImage")})
    assert reply["limner_notes"] == ["a stands in for b"]
    entry = await serving.finished(reply["prompt_id"])
    assert entry["prompt"][3]["extra_pnginfo"]["limner"] == {"substituted": ["a stands in for b"]}


async def test_without_a_worker_the_server_answers_and_prompts_wait(start, document):
    serving = await start(up=False, catalog_wait=0.1)
    assert (await serving.client.get("/system_stats")).status == 200
    assert (await serving.client.get("/")).status == 200
    for answer in (
        await serving.client.post("/prompt", json={"prompt": document("EmptyImage", "PreviewImage")}),
        await serving.client.get("/object_info"),
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert (await answer.json())["error"]["type"] == "worker_starting"


async def test_a_prompt_waits_for_a_worker_that_comes(start, document):
    serving = await start(up=False, catalog_wait=5.0)
    posting = asyncio.create_task(serving.post({"prompt": document("EmptyImage", "PreviewImage")}))
    await asyncio.sleep(0.05)
    assert not posting.done()
    serving.worker.up.set()
    await serving.finished((await posting)["prompt_id"])


async def test_a_body_above_the_limit_is_refused(start):
    serving = await start(max_upload=1000)
    answer = await serving.client.post("/prompt", data=b" " * 2000)
    assert answer.status == 413
    assert (await answer.json())["error"]["type"] == "body_too_large"
