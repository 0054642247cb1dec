"""Models over HTTP: what is told of them, what people write about them, files that come and go, folders."""

import json
import struct

import pytest

from limner.hub.pulls import Asked, Pulls
from limner.server.model_watch import MODEL_WATCH
from limner.storage.contacted_hosts import ContactedHosts


def model(*names: str, metadata: dict[str, str] | None = None, seed: int = 0) -> bytes:
    """A safetensors file with some tensors of two halves each."""
    header: dict[str, object] = {"__metadata__": metadata or {}}
    for at, name in enumerate(names):
        header[name] = {"dtype": "F16", "shape": [2], "data_offsets": [4 * at, 4 * at + 4]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes([seed]) * (4 * len(names))


LORA = model("lora_unet_down.lora_up.weight", "lora_unet_down.lora_down.weight", metadata={"modelspec.title": "Ink"})


async def put(client, body=LORA, **query):
    return await client.put("/limner/models/upload", data=body, params=query)


async def test_a_file_is_uploaded_told_of_and_written_about(serving):
    client = serving.client
    placed = await (await put(client, name="ink.safetensors")).json()
    assert (placed["kind"], placed["state"]) == ("loras", "placed")
    assert (await (await client.get("/models/loras")).json()) == ["ink.safetensors"]
    [listed] = (await (await client.get("/limner/models")).json())["models"]
    assert (listed["title"], listed["precision"], listed["sha256"]) == ("Ink", "float16", placed["sha256"])
    card = {"notes": "Soft lines", "triggers": ["ink wash"], "settings": {"sampler.steps": 20}}
    body = {"kind": "loras", "name": "ink.safetensors", "card": card}
    assert (await client.patch("/limner/models/details", json=body)).status == 200
    shown = await (await client.get("/limner/models/details", params={"kind": "loras", "name": listed["name"]})).json()
    assert shown["card"]["notes"] == "Soft lines"
    assert shown["triggers"] == ["ink wash"]
    wrong = {**body, "card": {"triggers": 7}}
    assert (await client.patch("/limner/models/details", json=wrong)).status == 400
    assert (await client.patch("/limner/models/details", json={**body, "name": "../x"})).status == 404


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("old.ckpt", b"PK\x03\x04", "refused"),
        ("no.safetensors", b"<!doctype html>", "invalid"),
        ("odd.safetensors", model("a", "b"), "choose"),
        ("../x.txt", LORA, "invalid"),
    ],
)
async def test_what_is_no_model_is_not_taken(serving, name, body, code):
    answer = await put(serving.client, body, name=name)
    assert (await answer.json())["error"]["type"] == code
    assert not [path for path in serving.folders.model_roots[0].rglob("*") if path.is_file()]


async def test_a_name_is_not_given_twice(serving):
    assert (await put(serving.client, name="a.safetensors")).status == 201
    again = await (await put(serving.client, name="a.safetensors")).json()
    assert again["state"] == "present"
    other = model("x.lora_up.weight", "x.lora_down.weight", seed=3)
    assert (await put(serving.client, other, name="a.safetensors", kind="loras")).status == 409


async def test_removed_and_brought_back(serving):
    client = serving.client
    await put(client, name="a.safetensors")
    gone = await (await client.post("/limner/models/remove", json={"kind": "loras", "name": "a.safetensors"})).json()
    assert (await (await client.get("/models/loras")).json()) == []
    [thrown] = (await (await client.get("/limner/models/trash")).json())["files"]
    assert thrown["trash"] == gone["trash"]
    assert (await client.post("/limner/models/restore", json={"trash": gone["trash"]})).status == 200
    assert (await (await client.get("/models/loras")).json()) == ["a.safetensors"]
    assert (await client.post("/limner/models/restore", json={"trash": "0/../../x"})).status == 404


async def test_twins_are_told(serving):
    for name in ("a.safetensors", "b.safetensors"):
        await put(serving.client, name=name)
    care = await (await serving.client.get("/limner/models/care")).json()
    [twins] = care["twins"]
    assert twins["sure"]
    assert {file["name"] for file in twins["files"]} == {"a.safetensors", "b.safetensors"}
    assert len((await (await serving.client.post("/limner/models/compare")).json())["twins"]) == 1


async def test_folders_are_added_by_reference(serving, tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    (theirs / "any").mkdir(parents=True)
    (theirs / "any" / "far.safetensors").write_bytes(LORA)
    client = serving.client
    monkeypatch.setattr(serving.dispatcher, "restart", lambda seconds: None)
    seen = await (await client.post("/limner/models/folders/look", json={"path": str(theirs)})).json()
    assert "loras" not in seen["kinds"]  # Files that lie alone are linked when the folder is added.
    added = await (await client.post("/limner/models/folders", json={"path": str(theirs)})).json()
    assert added["kinds"] == {"loras": 1}
    assert (await (await client.get("/models/loras")).json()) == ["far.safetensors"]
    told = await (await client.get("/limner/models/folders")).json()
    assert [entry["path"] for entry in told["folders"] if entry["role"] == "added"] == [str(theirs)]
    assert (await client.delete("/limner/models/folders", json={"path": str(theirs)})).status == 200
    assert (await (await client.get("/models/loras")).json()) == []
    assert (theirs / "any" / "far.safetensors").is_file()
    assert (await client.post("/limner/models/folders", json={"path": "nowhere"})).status == 404


async def test_pages_hear_of_new_files(serving):
    async with serving.client.ws_connect("/ws?clientId=a") as socket:
        await put(serving.client, name="a.safetensors")
        async for message in socket:
            told = json.loads(message.data)
            if told["type"] == "limner_models":
                break
    assert told["data"]["kinds"] == ["loras"]
    assert serving.client.server.app[MODEL_WATCH]


def test_hosts_are_remembered(tmp_path):
    hosts = ContactedHosts(tmp_path)
    hosts.note("example.org", "models")
    hosts.note("example.org", "models")
    hosts.note("127.0.0.1", "models")
    assert [(entry.host, entry.count) for entry in hosts.all()] == [("example.org", 2)]
    assert [entry.host for entry in ContactedHosts(tmp_path).all()] == ["example.org"]
    hosts.clear()
    assert ContactedHosts(tmp_path).all() == []


def test_pulls_outlive_the_server(tmp_path):
    class Waiting:
        """A puller that waits until it is stopped."""

        def plan(self, wanted, choice, tell, stop):
            from limner.graph.errors import InterruptedRun

            stop.wait(10)
            raise InterruptedRun("stopped")

    file = tmp_path / "pulls.json"
    first = Pulls(Waiting(), file)  # type: ignore[arg-type]
    asked = Asked(reference="a/b")
    going = first.start(asked.wanted, asked.choice)
    resting = first.start(asked.wanted, asked.choice)
    assert first.pause(resting.id)
    while first.get(resting.id).state != "paused":  # type: ignore[union-attr]
        first.wait(resting.id, 0, 0.05)
    first.close()
    second = Pulls(Waiting(), file)  # type: ignore[arg-type]
    second.restore()
    states = {status.id: status.state for status in second.list()}
    assert states[going.id] in ("waiting", "planning")
    assert states[resting.id] == "paused"
    assert second.stop(resting.id)
    second.close()
