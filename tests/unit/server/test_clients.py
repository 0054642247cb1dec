"""What real clients do, step by step: scripts with urllib, pollers, Dify."""

import asyncio
import json
import urllib.parse
import urllib.request
import uuid


def http(serving, path, body=None, **headers):
    """A request as scripts make it: urllib, and no JSON content type."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{serving.client.port}{path}", data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


async def test_the_websocket_script(serving, document):
    client = str(uuid.uuid4())
    socket = await serving.socket(client)
    body = {"prompt": document("EmptyImage", "SaveImage"), "client_id": client}
    job = json.loads(await asyncio.to_thread(http, serving, "/prompt", body))["prompt_id"]
    while True:
        received = await socket.receive()
        if received.type.name == "TEXT":
            told = received.json()
            if told["type"] == "executing" and told["data"]["node"] is None and told["data"]["prompt_id"] == job:
                break
    history = json.loads(await asyncio.to_thread(http, serving, f"/history/{job}"))[job]
    pictures = []
    for node in history["outputs"]:
        for image in history["outputs"][node]["images"]:
            query = urllib.parse.urlencode({key: image[key] for key in ("filename", "subfolder", "type")})
            pictures.append(await asyncio.to_thread(http, serving, f"/view?{query}"))
    assert [picture[:4] for picture in pictures] == [b"\x89PNG"]


async def test_the_polling_client(serving, document):
    body = {"prompt": document("EmptyImage", "SaveImage")}
    job = json.loads(await asyncio.to_thread(http, serving, "/prompt", body))["prompt_id"]
    entry = await serving.finished(job)
    [image] = entry["outputs"]["2"]["images"]
    query = urllib.parse.urlencode(image)
    assert (await asyncio.to_thread(http, serving, f"/view?{query}")).startswith(b"\x89PNG")


async def test_degenerate_credentials_are_ignored(serving):
    for value in ("Bearer ", "Bearer None", "Basic ", "Basic Og==", ""):
        assert await asyncio.to_thread(lambda value=value: http(serving, "/system_stats", Authorization=value))


async def test_dify(serving, document):
    """Opens a socket to prove the address, reads lists, posts without a content type, asks history by query."""
    probe = await serving.socket("test123")
    await probe.close()
    for folder in await (await serving.client.get("/models")).json():
        assert isinstance(await (await serving.client.get(f"/models/{folder}")).json(), list)
    info = await (await serving.client.get("/object_info/KSampler")).json()
    assert info["KSampler"]["input"]["required"]["sampler_name"][0] == ["euler", "heun"]
    socket = await serving.socket("dify")
    body = {
        "client_id": "dify",
        "prompt": document("EmptyImage", "SaveImage"),
        "extra_data": {"api_key_comfy_org": None},
    }
    answer = await serving.client.post("/prompt", data=json.dumps(body), skip_auto_headers=["Content-Type"])
    job = (await answer.json())["prompt_id"]
    async for received in socket:
        told = received.json()
        if told["type"] == "executing" and told["data"].get("node") is None and told["data"]["prompt_id"] == job:
            break
    history = await (await serving.client.get("/history", params={"prompt_id": job})).json()
    assert history[job]["outputs"]["2"]["images"]


async def test_a_client_that_opens_its_socket_after_posting_learns_the_end_from_status(serving, document):
    reply = await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "old"})
    await serving.finished(reply["prompt_id"])
    socket = await serving.socket("old")
    first = await socket.receive_json()
    assert first["data"]["sid"] == "old"
    assert first["data"]["status"]["exec_info"]["queue_remaining"] == 0
