"""T1: no route reads or writes outside its folders, whatever names it is given."""

import io
import json
from urllib.parse import quote

import pytest
from aiohttp import FormData
from yarl import URL

CANARY = b"canary that nobody may read"

NAMES = [
    "../canary.txt",
    "../../canary.txt",
    "..\\canary.txt",
    "....//canary.txt",
    "sub/../../canary.txt",
    "./../canary.txt",
    "/canary.txt",
    "//canary.txt",
    "\\canary.txt",
    "C:\\canary.txt",
    "C:canary.txt",
    "\\\\host\\share\\canary.txt",
    "file:///canary.txt",
    "%2e%2e%2fcanary.txt",
    "%252e%252e%252fcanary.txt",
    "..%2fcanary.txt",
    "..%5ccanary.txt",
    "..%c0%afcanary.txt",
    "..\u2215canary.txt",
    "..\uff0fcanary.txt",
    "\u2025/canary.txt",
    "canary.txt\0.png",
    "../canary.txt\0.png",
    "../canary.txt [input]",
    "../canary.txt [output]",
    "../canary.txt [temp]",
    " ../canary.txt",
    "../canary.txt ",
    "../canary.txt.",
    "~/canary.txt",
    "$HOME/canary.txt",
    "..",
    ".",
    "",
    "x" * 10_000,
    "../" * 2_000 + "canary.txt",
]


@pytest.fixture
def canary(folders):
    """A file beside the folders that are served, and in the root of the data folder."""
    for place in (folders.data.parent / "canary.txt", folders.data / "canary.txt"):
        place.write_bytes(CANARY)
    before = {path for path in folders.data.parent.rglob("*") if path.is_file()}
    yield folders
    allowed = (folders.input, folders.output, folders.temp, folders.user / "default")
    after = {path for path in folders.data.parent.rglob("*") if path.is_file()} - before
    strays = [path for path in after if not any(path.is_relative_to(root) for root in allowed)]
    assert [path for path in strays if not path.name.startswith(("limner.sqlite", "assets.sqlite"))] == []
    assert (folders.data / "canary.txt").read_bytes() == CANARY


async def assert_safe(answer):
    assert answer.status < 500
    assert CANARY not in await answer.read()


async def test_reading(canary, serving):
    for name in NAMES:
        for query in (
            {"filename": name},
            {"filename": name, "type": "input"},
            {"filename": "canary.txt", "subfolder": name},
            {"filename": "canary.txt", "subfolder": name.removesuffix("canary.txt")},
            {"filename": "canary.txt", "type": name},
            {"filename": name, "preview": "webp;90"},
        ):
            await assert_safe(await serving.client.get("/view", params=query))
        for path in ("/models/", "/object_info/", "/history/", "/api/view/", "/"):
            if name and "\0" not in name:
                await assert_safe(await serving.client.get(URL(path + name.lstrip("/"), encoded=True)))


async def test_files_of_people_and_models(canary, serving):
    client = serving.client
    for name in NAMES:
        quoted = quote(name.replace("\0", "%00"), safe="%")
        for query, path in (("dir", "/userdata"), ("path", "/v2/userdata"), ("filename", "/view_metadata/checkpoints")):
            await assert_safe(await client.get(path, params={query: name}))
        for method, path in (
            ("GET", "/userdata/{}"),
            ("POST", "/userdata/{}"),
            ("POST", "/userdata/canary.txt/move/{}"),
            ("POST", "/userdata/{}/move/canary.txt"),
            ("DELETE", "/userdata/{}"),
            ("GET", "/experiment/models/preview/checkpoints/0/{}"),
            ("GET", "/experiment/models/preview/{}/0/a.safetensors"),
            ("GET", "/experiment/models/{}"),
            ("GET", "/internal/files/{}"),
            ("GET", "/settings/{}"),
            ("GET", "/extensions/{}/canary.txt"),
            ("GET", "/extensions/pack/{}"),
            ("GET", "/api/workflow_templates/{}/canary.txt"),
            ("GET", "/api/workflow_templates/pack/{}"),
        ):
            url = URL(path.format(quoted), encoded=True)
            await assert_safe(await client.request(method, url, data=b"x" if method == "POST" else None))


async def test_writing(canary, serving):
    for name in NAMES:
        if "\0" in name:
            name = name.replace("\0", "%00")
        for fields in ({"filename": name}, {"subfolder": name}, {"type": name}, {"filename": name, "subfolder": name}):
            parts = FormData()
            parts.add_field("image", b"written", filename=fields.get("filename", "canary.txt") or "x")
            for key in ("subfolder", "type"):
                if key in fields:
                    parts.add_field(key, fields[key])
            parts.add_field("overwrite", "true")
            await assert_safe(await serving.client.post("/upload/image", data=parts))


async def test_masks(canary, serving):
    for name in NAMES:
        for reference in (
            {"filename": name},
            {"filename": "canary.txt", "subfolder": name},
            {"filename": name, "type": name},
        ):
            parts = FormData()
            parts.add_field("image", io.BytesIO(b"no picture"), filename="m.png")
            parts.add_field("original_ref", json.dumps(reference))
            answer = await serving.client.post("/upload/mask", data=parts)
            assert answer.status == 400
            await assert_safe(answer)


async def test_names_in_nodes(canary, serving):
    for name in NAMES:
        for node in (
            {"class_type": "LoadImage", "inputs": {"image": name}},
            {"class_type": "Loader", "inputs": {"name": name}},
        ):
            prompt = {"1": node, "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
            answer = await serving.client.post("/prompt", json={"prompt": prompt})
            assert answer.status == 400, name
            assert str(canary.data) not in await answer.text()
