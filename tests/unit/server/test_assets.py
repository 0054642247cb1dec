"""``/api/assets``: identity by content, tags, pages, and what happens when files go behind the index's back."""

import asyncio
import json
import re
import struct

import pytest
from aiohttp import FormData
from blake3 import blake3

SCHEMA_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def form(content=b"hello", name="a.png", **fields):
    data = FormData()
    for key, value in fields.items():
        for entry in value if isinstance(value, list) else [value]:
            data.add_field(key, entry, content_type="text/plain")
    if content is not None:
        data.add_field("file", content, filename=name)
    return data


async def upload(serving, content=b"hello", name="a.png", tags="input", **fields):
    answer = await serving.client.post("/api/assets", data=form(content, name, tags=tags, **fields))
    return answer.status, await answer.json()


async def listed(serving, **query):
    answer = await serving.client.get("/api/assets", params=query)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_an_upload_is_an_asset_with_all_that_clients_check(serving):
    status, asset = await upload(serving, user_metadata='{"mood": "calm"}', tags=["input", "mine"])
    assert status == 201
    assert asset["created_new"] is True
    assert asset["hash"] == "blake3:" + blake3(b"hello").hexdigest()
    assert (asset["name"], asset["size"], asset["mime_type"]) == ("a.png", 5, "image/png")
    assert asset["tags"] == ["input", "mine"]
    assert asset["user_metadata"] == {"mood": "calm"}
    assert asset["preview_url"] == "/api/view?type=input&filename=a.png"
    assert asset["loader_path"] == "a.png"
    assert SCHEMA_TIME.fullmatch(asset["created_at"])
    assert SCHEMA_TIME.fullmatch(asset["updated_at"])
    assert None not in asset.values()
    assert (serving.folders.input / "a.png").read_bytes() == b"hello"
    answer = await serving.client.get(f"/api/assets/{asset['id']}/content")
    assert await answer.read() == b"hello"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again, same = await upload(serving)
    assert (again, same["created_new"], same["id"]) == (200, False, asset["id"])
    _, other = await upload(serving, name="b.png")
    assert other["created_new"] is False
    assert not (serving.folders.input / "b.png").exists()


async def test_content_is_found_by_its_hash(serving):
    (serving.folders.input / "laid.txt").write_bytes(b"laid down by hand")
    digest = "blake3:" + blake3(b"laid down by hand").hexdigest()
    assert (await serving.client.head(f"/api/assets/hash/{digest}")).status == 200
    assert (await serving.client.head(f"/api/assets/hash/blake3:{'0' * 64}")).status == 404
    assert (await serving.client.head("/api/assets/hash/md5:1")).status == 400
    answer = await serving.client.post("/api/assets/from-hash", json={"hash": digest, "name": "twin", "tags": ["x"]})
    assert answer.status == 201
    twin = await answer.json()
    assert (twin["name"], twin["created_new"], "x" in twin["tags"]) == ("twin", False, True)
    assert (await listed(serving, hash="a-name.png"))["assets"] == []
    assert {asset["name"] for asset in (await listed(serving, hash=digest))["assets"]} == {"twin", "laid.txt"}
    seen = await serving.client.get("/view", params={"filename": digest})
    assert await seen.read() == b"laid down by hand"
    answer = await serving.client.post("/api/assets/from-hash", json={"hash": f"blake3:{'0' * 64}"})
    assert (answer.status, (await answer.json())["error"]["code"]) == (404, "ASSET_NOT_FOUND")


async def test_a_changed_file_has_another_hash(serving):
    path = serving.folders.input / "a.txt"
    path.write_bytes(b"one")
    first = "blake3:" + blake3(b"one").hexdigest()
    assert (await serving.client.head(f"/api/assets/hash/{first}")).status == 200
    path.write_bytes(b"three")
    assert (await serving.client.head(f"/api/assets/hash/{first}")).status == 404
    other = "blake3:" + blake3(b"three").hexdigest()
    assert (await serving.client.head(f"/api/assets/hash/{other}")).status == 200


async def test_files_that_go_are_marked_and_those_that_come_are_listed(serving):
    (serving.folders.input / "sub").mkdir()
    (serving.folders.input / "sub" / "x.png").write_bytes(b"x")
    (found,) = (await listed(serving, tags_all="input"))["assets"]
    assert found["loader_path"] == "sub/x.png"
    assert found["preview_url"].endswith("filename=x.png&subfolder=sub")
    (serving.folders.input / "sub" / "x.png").unlink()
    assert (await listed(serving, tags_all="input", tags_none="missing"))["assets"] == []
    assert "missing" in (await listed(serving))["assets"][0]["tags"]
    gone = await serving.client.get(f"/api/assets/{found['id']}/content")
    assert (gone.status, (await gone.json())["error"]["code"]) == (404, "ASSET_NOT_FOUND")
    (serving.folders.input / "sub" / "x.png").write_bytes(b"x")
    await serving.client.post("/api/assets/prune")
    assert "missing" not in (await listed(serving))["assets"][0]["tags"]


async def test_a_deleted_asset_leaves_its_file_and_stays_away(serving):
    _, asset = await upload(serving)
    assert (await serving.client.delete(f"/api/assets/{asset['id']}")).status == 204
    assert (await serving.client.delete(f"/api/assets/{asset['id']}")).status == 404
    assert (serving.folders.input / "a.png").exists()
    answer = await serving.client.post("/api/assets/seed?wait=true")
    assert (answer.status, (await answer.json())["status"]) == (200, "completed")
    assert (await listed(serving))["total"] == 0


async def test_pages_follow_one_another_by_offset_and_by_cursor(serving):
    for number in range(7):
        (serving.folders.input / f"{number}.bin").write_bytes(b"x" * (number % 3))
    for sort in ("name", "size", "created_at", "updated_at"):
        for order in ("asc", "desc"):
            whole = (await listed(serving, sort=sort, order=order))["assets"]
            seen, cursor = [], {}
            while True:
                page = await listed(serving, sort=sort, order=order, limit=3, **cursor)
                seen += page["assets"]
                assert page["total"] == 7
                if not page["has_more"]:
                    break
                cursor = {"after": page["next_cursor"]}
            assert [asset["id"] for asset in seen] == [asset["id"] for asset in whole]
    page = await listed(serving, sort="name", limit=3)
    answer = await serving.client.get("/api/assets", params={"sort": "size", "after": page["next_cursor"]})
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, "INVALID_CURSOR")
    assert [asset["name"] for asset in (await listed(serving, name_contains="3.B"))["assets"]] == ["3.bin"]


async def test_tags_come_and_go(serving):
    _, asset = await upload(serving)
    path = f"/api/assets/{asset['id']}/tags"
    answer = await (await serving.client.post(path, json={"tags": ["input", "red", "blue"]})).json()
    assert answer == {"added": ["red", "blue"], "already_present": ["input"], "total_tags": ["blue", "input", "red"]}
    answer = await (await serving.client.delete(path, json={"tags": ["red", "green"]})).json()
    assert answer == {"removed": ["red"], "not_present": ["green"], "total_tags": ["blue", "input"]}
    tags = await (await serving.client.get("/api/tags", params={"prefix": "b"})).json()
    assert tags == {"tags": [{"name": "blue", "count": 1}], "total": 1, "has_more": False}
    counts = await (await serving.client.get("/api/assets/tags/refine", params={"tags_any": "input,x"})).json()
    assert counts == {"tag_counts": {"blue": 1, "input": 1}}
    answer = await serving.client.put(f"/api/assets/{asset['id']}", json={"name": "new", "user_metadata": {"a": 1}})
    changed = await answer.json()
    assert (changed["name"], changed["user_metadata"]) == ("new", {"a": 1})
    assert changed["updated_at"] > asset["updated_at"]


async def test_models_have_both_kinds_of_tags_and_only_safe_ones_are_taken(serving):
    header = json.dumps({}).encode()
    model = struct.pack("<Q", len(header)) + header
    status, asset = await upload(serving, model, "m.safetensors", tags='["models", "model_type:loras"]')
    assert status == 201
    assert {"models", "loras", "model_type:loras"} <= {*asset["tags"]}
    assert (serving.folders.model_roots[0] / "loras" / "m.safetensors").exists()
    for content, name, tags in (
        (b"\x80pickle", "m.ckpt", "models,loras"),
        (b"short", "m.safetensors", "models,loras"),
        (model, "n.safetensors", "models"),
        (model, "n.safetensors", "models,custom_nodes"),
        (model, "n.safetensors", "models,input,loras"),
        (model, "n.safetensors", "nothing"),
    ):
        status, body = await upload(serving, content + b" ", name, tags=tags)
        assert (status, body["error"]["code"]) == (400, "INVALID_BODY"), name


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"id": "x", "tags": "input"}, "UNSUPPORTED_FIELD"),
        ({"hash": "blake3:" + "0" * 64, "tags": "input"}, "HASH_MISMATCH"),
        ({"hash": "sha:1", "tags": "input"}, "INVALID_HASH"),
        ({"tags": "input", "user_metadata": "[]"}, "INVALID_BODY"),
        ({"tags": "input", "content": b""}, "EMPTY_UPLOAD"),
        ({"tags": "input", "content": None}, "MISSING_FILE"),
        ({"tags": "input", "preview_id": "nobody"}, "ASSET_NOT_FOUND"),
    ],
)
async def test_forms_that_cannot_be_taken(serving, fields, code):
    content = fields.pop("content", b"hello")
    answer = await serving.client.post("/api/assets", data=form(content, **fields))
    assert answer.status in (400, 404)
    body = await answer.json()
    assert body["error"]["code"] == code
    assert body["error"]["details"] == {}
    assert not list(serving.folders.input.iterdir())
    assert not list(serving.folders.temp.iterdir())


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "INVALID_QUERY"),
        ("limit=501", "INVALID_QUERY"),
        ("sort=colour", "INVALID_QUERY"),
        ("offset=-1", "INVALID_QUERY"),
        ("metadata_filter={}", "UNSUPPORTED_PARAM"),
        ("after=zzz", "INVALID_CURSOR"),
        ("after=" + "W10", "INVALID_CURSOR"),
        ("tags_all=a&tags_none=a", "INVALID_TAG_FILTER"),
    ],
)
async def test_queries_that_cannot_be_answered(serving, query, code):
    answer = await serving.client.get(f"/api/assets?{query}")
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, code)


async def test_a_body_that_is_no_form(serving):
    answer = await serving.client.post("/api/assets", json={})
    assert (answer.status, (await answer.json())["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_what_jobs_save_is_listed_with_its_job(serving, document):
    answer = await serving.client.post("/prompt", json={"prompt": document("EmptyImage", "SaveImage")})
    job = (await answer.json())["prompt_id"]
    await serving.finished(job)
    async with asyncio.timeout(30):
        while not (found := [a for a in (await listed(serving, tags_all="output"))["assets"] if "job_id" in a]):
            await asyncio.sleep(0.02)
    (asset,) = found
    assert asset["job_id"] == asset["prompt_id"] == job
    assert asset["loader_path"].endswith(" [output]")
    assert asset["metadata"] == {"kind": "image", "width": 1, "height": 1}


async def test_an_uploaded_image_tells_its_asset(serving):
    data = FormData()
    data.add_field("image", b"hello", filename="a.png")
    data.add_field("subfolder", "pasted")
    body = await (await serving.client.post("/upload/image", data=data)).json()
    assert body["name"] == "a.png"
    asset = await (await serving.client.get(f"/api/assets/{body['asset']['id']}")).json()
    assert asset["loader_path"] == "pasted/a.png"
    assert body["asset"]["asset_hash"] == asset["hash"]


async def test_the_search_tells_its_steps(serving):
    socket = await serving.socket("someone")
    (serving.folders.input / "a.png").write_bytes(b"x")
    answer = await serving.client.post("/api/assets/seed", json={"roots": ["input"]})
    assert (answer.status, await answer.json()) == (202, {"status": "started"})
    told = []
    async with asyncio.timeout(30):
        while "assets.seed.completed" not in told:
            told.append((await socket.receive_json())["type"])
    steps = [name for name in told if name.startswith("assets.seed.")]
    assert steps == ["assets.seed.fast_complete", "assets.seed.completed"]
    state = await (await serving.client.get("/api/assets/seed/status")).json()
    assert state["state"] == "IDLE"
    assert state["progress"]["created"] == 1
    answer = await serving.client.post("/api/assets/seed", json={"roots": ["attic"]})
    assert answer.status == 400
    assert await (await serving.client.post("/api/assets/seed/cancel")).json() == {"status": "idle"}


async def test_switched_off_everything_says_so(start):
    serving = await start(assets=False)
    for method, path in (("GET", "/api/assets"), ("POST", "/api/assets/seed"), ("GET", "/api/tags")):
        answer = await serving.client.request(method, path)
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "SERVICE_DISABLED")
    assert (await (await serving.client.get("/features")).json())["assets"] is False


async def test_many_uploads_at_once_are_one_file_and_one_asset(serving):
    answers = await asyncio.gather(*(upload(serving) for _ in range(12)))
    assert len({body["id"] for _, body in answers}) == 1
    assert (await listed(serving))["total"] == 1
    assert [path.name for path in serving.folders.input.iterdir()] == ["a.png"]
