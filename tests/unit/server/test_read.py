"""``/limner/read``: any file's bytes, and never a failure."""

import io
import json

API = {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}


async def test_a_file_is_read_and_not_kept(serving):
    async def read(data):
        answer = await serving.client.post("/limner/read", data=data)
        assert answer.status == 200
        return await answer.json()

    assert await read(b"") == {"kind": "nothing", "source": "text"}
    assert await read(json.dumps(API).encode()) == {"kind": "prompt", "source": "json", "prompt": API}
    told = await read(b"a cat\nSteps: 4, Sampler: Euler, Seed: 1, Model: nobody has it")
    assert told["settings"]["model.main"] == "nobody has it"
    assert told["kind"] == "settings"
    assert (await read(b"\x89PNG\r\n\x1a\nbroken"))["kind"] == "nothing"


async def test_large_files_are_refused_in_words(serving):
    answer = await serving.client.post("/limner/read", data=io.BytesIO(bytes((30 << 20) + 1)))
    assert answer.status == 413
    assert (await answer.json())["error"]["type"] == "too_large"


async def test_a_pages_workflow_becomes_what_is_run(serving):
    node = {"id": 1, "type": "CapSleep", "pos": [0, 0], "inputs": [], "outputs": [{"name": "IMAGE", "type": "IMAGE"}]}
    answer = await serving.client.post("/limner/convert", json={"workflow": {"nodes": [node], "links": []}})
    assert (await answer.json())["prompt"] == {
        "1": {"class_type": "CapSleep", "inputs": {}, "_meta": {"title": "CapSleep"}}
    }
    assert (await serving.client.post("/limner/convert", json={"workflow": 3})).status == 400
    assert (await serving.client.post("/limner/convert", json=[])).status == 400
