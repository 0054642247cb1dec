"""Every place of a good request, replaced by every kind of nonsense: an answer each time, and the server goes on."""

import copy
import json

NONSENSE = [
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    "",
    "x",
    "\x00",
    "é" * 500,
    [],
    [[]],
    [1, 2],
    {},
    {"a": {}},
    ["1", 0],
    ["1", -1],
]


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def replaced(value, path, nonsense):
    if not path:
        return nonsense
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = nonsense
    return changed


async def test_prompts(serving, document):
    good = {
        "prompt": document("EmptyImage", "SaveImage"),
        "client_id": "a",
        "extra_data": {"extra_pnginfo": {"workflow": {}}},
        "number": 1,
        "front": False,
        "partial_execution_targets": ["2"],
    }
    statuses = {}
    for path in places(good):
        for nonsense in NONSENSE:
            body = json.dumps(replaced(good, path, nonsense))
            answer = await serving.client.post("/prompt", data=body)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            assert answer.status in (200, 400), (path, nonsense, await answer.text())
            reply = await answer.json()
            assert reply.get("prompt_id") or reply["error"]["message"]
    assert set(statuses) == {200, 400}
    assert sum(statuses.values()) > 260
    last = await serving.post({"prompt": document("EmptyImage", "PreviewImage")})
    assert (await serving.finished(last["prompt_id"]))["status"]["completed"]


async def test_other_bodies(serving):
    good = {"clear": False, "delete": ["x"], "prompt_id": "x", "unload_models": False, "free_memory": False}
    for path in places(good):
        for nonsense in NONSENSE:
            body = json.dumps(replaced(good, path, nonsense))
            for route in ("/queue", "/history", "/interrupt", "/free"):
                answer = await serving.client.post(route, data=body)
                assert answer.status in (200, 400), (route, body)


async def test_queries(serving):
    (serving.folders.output / "a.png").write_bytes(b"no picture")
    for nonsense in ("", "x", "-1", "1e9", "9" * 400, "\x00", "é", "a;b;c", ";;;", "webp;999999999", "jpeg;-1", "[]"):
        for path, names in (
            ("/view", ("preview", "channel", "type", "subfolder")),
            ("/history", ("max_items", "offset")),
        ):
            for name in names:
                query = {"filename": "a.png", name: nonsense}
                answer = await serving.client.get(path, params=query)
                assert answer.status < 500, (path, query)


async def test_sockets(serving, document):
    socket = await serving.socket("a")
    for nonsense in NONSENSE:
        await socket.send_str(json.dumps(nonsense))
    for text in ("", "{", "[" * 10_000, "x" * 100_000):
        await socket.send_str(text)
    await socket.send_bytes(b"\0" * 1000)
    await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
    async for message in socket:
        if message.json()["type"] == "execution_success":
            break
    assert not socket.closed


async def test_settings_users_and_logs(serving):
    for nonsense in NONSENSE:
        body = json.dumps(nonsense)
        for method, path, fine in (
            ("POST", "/settings", isinstance(nonsense, dict)),
            ("POST", "/settings/x", True),
            ("POST", "/users", False),
            ("PATCH", "/internal/logs/subscribe", False),
            ("POST", "/userdata/x", True),
        ):
            answer = await serving.client.request(method, path, data=body)
            assert answer.status == (200 if fine else 400), (path, nonsense)
            if not fine:
                assert (await answer.json())["error"]["message"]
    for name in ("\x01", "é" * 500, "a\r\nSet-Cookie: x", "%", "<script>"):
        answer = await serving.client.get("/userdata", params={"dir": name})
        assert answer.status in (403, 404)
        assert (await serving.client.get("/v2/userdata", params={"path": name})).status in (400, 404)
        assert "Set-Cookie" not in answer.headers
