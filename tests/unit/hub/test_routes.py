"""The same over HTTP: pulls that are begun, watched, stopped and refused; files that are listed and compared."""

import dataclasses
import json

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tests.unit.hub.models import safetensors
from tests.unit.server.conftest import folders, serving, start  # noqa: F401 - fixtures

from limner.hub.patience import Patience
from limner.hub.puller import Puller
from limner.hub.pulls import Pulls
from limner.hub.source import Accounts
from limner.server.application import create_application

MODEL = safetensors(1, size=200_000)


@pytest.fixture
async def server(start, folders, remote):  # noqa: F811
    """A client of a server that may fetch from this machine."""
    running = await start()
    services = dict.fromkeys(("huggingface_endpoint", "civitai_endpoint", "s3_endpoint"), remote.url)
    pulls = Pulls(Puller(folders, Accounts(**services), private=True, patience=Patience(first=0.001)))
    application = create_application(dataclasses.replace(running.service, pulls=pulls))
    async with TestClient(TestServer(application)) as client:
        yield client
    pulls.close()


async def statuses(client, name):
    """What a watcher is told, to the end."""
    told = []
    async with client.get(f"/limner/models/pull/{name}/events") as answer:
        assert answer.content_type == "text/event-stream"
        async for line in answer.content:
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
    return told


async def pull(client, **body):
    answer = await client.post("/limner/models/pull", json=body)
    assert answer.status == 202, await answer.text()
    return (await statuses(client, (await answer.json())["id"]))[-1]


async def test_a_pull_is_begun_and_watched(server, remote, folders):  # noqa: F811
    remote.put("/a.safetensors", MODEL, etag='"1"')
    last = await pull(server, reference=f"{remote.url}/a.safetensors", into="loras")
    assert (last["state"], last["files"][0]["how"], last["done"]) == ("finished", "downloaded", len(MODEL))
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL
    again = await pull(server, reference=f"{remote.url}/a.safetensors", into="loras")
    assert again["files"][0]["how"] == "present"
    known = await (await server.get("/api/limner/models/pull")).json()
    assert [one["id"] for one in known["pulls"]] == [again["id"], last["id"]]
    listed = await (await server.get("/limner/models")).json()
    assert listed["models"][0]["sha256"] == last["files"][0]["sha256"]


async def test_a_pull_can_be_stopped(server, remote):
    remote.put("/a.safetensors", MODEL, pause=2)
    body = {"reference": f"{remote.url}/a.safetensors", "into": "loras"}
    name = (await (await server.post("/limner/models/pull", json=body)).json())["id"]
    async with server.delete(f"/limner/models/pull/{name}") as answer:
        assert (await answer.json())["stopping"]
    assert (await statuses(server, name))[-1]["state"] == "cancelled"
    async with server.delete(f"/limner/models/pull/{name}") as answer:
        assert not (await answer.json())["stopping"]


async def test_a_plan_is_told_without_doing_it(server, remote, folders):  # noqa: F811
    remote.put("/a.safetensors", MODEL)
    body = {"reference": f"{remote.url}/a.safetensors", "dry_run": True}
    plan = await (await server.post("/limner/models/pull", json=body)).json()
    assert (plan["missing"], plan["files"][0]["kind"]) == (len(MODEL), "loras")
    assert folders.list("loras") == []
    refused = await server.post("/limner/models/pull", json={"reference": "nothing at all", "dry_run": True})
    assert (refused.status, (await refused.json())["error"]["type"]) == (404, "unknown")


@pytest.mark.parametrize(
    "body", [{}, {"reference": 7}, {"reference": " "}, {"reference": "a/b", "connections": 99}, []]
)
async def test_odd_bodies_are_refused(server, body):
    assert (await server.post("/limner/models/pull", json=body)).status == 400


async def test_failures_have_a_code(server, remote):
    last = await pull(server, reference=f"{remote.url}/none.safetensors")
    assert (last["state"], last["code"]) == ("failed", "gone")
    remote.put("/a.ckpt", b"PK\x03\x04" + bytes(10))
    body = {"reference": f"{remote.url}/a.ckpt", "into": "checkpoints"}
    assert (await pull(server, **body))["code"] == "agree"
    assert (await pull(server, **body, agreed=True))["state"] == "finished"
    for method in (server.get, server.delete):
        assert (await method("/limner/models/pull/none")).status == 404
    assert (await server.get("/limner/models/pull/none/events")).status == 404


async def test_a_server_does_not_reach_into_its_own_network(start, folders, remote):  # noqa: F811
    running = await start()
    pulls = Pulls(Puller(folders, patience=Patience(first=0.001)))
    application = create_application(dataclasses.replace(running.service, pulls=pulls))
    remote.put("/a.safetensors", MODEL)
    async with TestClient(TestServer(application)) as client:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            url = remote.url.replace("127.0.0.1", host)
            last = await pull(client, reference=f"{url}/a.safetensors", into="loras")
            assert (last["state"], last["code"]) == ("failed", "refused")
    pulls.close()
    assert remote.asked == []


async def test_a_server_that_fetches_nothing(serving):  # noqa: F811
    assert (await serving.client.post("/limner/models/pull", json={"reference": "sdxl"})).status == 403


async def test_files_are_described_and_compared(serving, folders):  # noqa: F811
    path = folders.place("loras") / "a.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MODEL)
    client = serving.client
    facts = await (await client.get("/limner/models/info?name=a.safetensors")).json()
    assert (facts["seems"], facts["size"]) == ("loras", len(MODEL))
    first = await (await client.post("/limner/models/verify", json={"name": "loras/a.safetensors"})).json()
    assert first["state"] == "recorded"
    path.write_bytes(MODEL[:-1])
    second = await (await client.post("/limner/models/verify", json={"name": "loras/a.safetensors"})).json()
    assert second["state"] == "damaged"
    assert (await client.get("/limner/models/info?name=none")).status == 404
    assert (await client.get("/limner/models/info?name=a.safetensors")).status == 400


async def test_the_catalogue_is_listed(serving):  # noqa: F811
    known = (await (await serving.client.get("/limner/models/catalogue")).json())["models"]
    sdxl = next(entry for entry in known if entry["name"] == "sdxl")
    assert sdxl["files"][0]["kind"] == "checkpoints"


async def test_what_a_workflow_misses(serving):  # noqa: F811
    models = [{"name": "a.safetensors", "url": "https://example.org/a.safetensors", "directory": "checkpoints"}]
    node = {"id": 1, "type": "Loader", "widgets_values": ["a.safetensors"], "properties": {"models": models}}
    workflow = {"nodes": [node], "links": [], "version": 0.4}
    answer = await serving.client.post("/limner/models/missing", json={"workflow": workflow})
    [missing] = (await answer.json())["missing"]
    assert (missing["kind"], missing["reference"]) == ("checkpoints", "https://example.org/a.safetensors")
    assert (await serving.client.post("/limner/models/missing", json={"workflow": 7})).status == 400
