"""/view_metadata, /experiment/models, previews; /internal/folder_paths and /internal/files."""

import base64
import io
import json
import os
import struct

import pytest
from PIL import Image
from yarl import URL


def safetensors(metadata=None, tensors=b""):
    header = json.dumps({"__metadata__": metadata} if metadata is not None else {}).encode()
    return struct.pack("<Q", len(header)) + header + tensors


def picture(colour="red", size=(16, 8), kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def checkpoints(folders):
    root = folders.model_roots[0] / "checkpoints"
    (root / "sub").mkdir(parents=True)
    (root / "a.safetensors").write_bytes(safetensors({"title": "A", "ü": "ö"}))
    (root / "sub" / "b.safetensors").write_bytes(safetensors())
    return root


async def test_metadata_of_a_model(serving, checkpoints):
    for prefix in ("", "/api"):
        answer = await serving.client.get(f"{prefix}/view_metadata/checkpoints?filename=a.safetensors")
        assert (answer.status, await answer.json()) == (200, {"title": "A", "ü": "ö"})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("none.safetensors", None),
        ("a.ckpt", safetensors({"a": "b"})),
        ("bare.safetensors", safetensors()),
        ("empty.safetensors", b""),
        ("short.safetensors", b"1234567"),
        ("bomb.safetensors", struct.pack("<Q", 2**63) + b"{}"),
        ("text.safetensors", struct.pack("<Q", 4) + b"nope"),
        ("list.safetensors", struct.pack("<Q", 2) + b"[]"),
        ("numbers.safetensors", struct.pack("<Q", 23) + b'{"__metadata__":{"a":1}}'),
        ("deep.safetensors", struct.pack("<Q", 100_000) + b"[" * 100_000),
    ],
)
async def test_what_has_no_metadata_is_not_found(serving, checkpoints, name, data):
    if data is not None:
        (checkpoints / name).write_bytes(data)
    answer = await serving.client.get("/view_metadata/checkpoints", params={"filename": name})
    assert (answer.status, await answer.read()) == (404, b"")


async def test_metadata_needs_a_name_and_a_kind(serving, checkpoints):
    for path in ("checkpoints", "checkpoints?filename=", "nothing?filename=a.safetensors",
                 "checkpoints?filename=../checkpoints/a.safetensors",
                 "checkpoints?filename=/etc/x.safetensors"):  # fmt: skip
        assert (await serving.client.get(f"/view_metadata/{path}")).status == 404


async def test_kinds_and_their_folders(serving, folders):
    listed = await (await serving.client.get("/experiment/models")).json()
    names = [entry["name"] for entry in listed]
    assert names[0] == "checkpoints"
    assert not {"configs", "custom_nodes"} & set(names)
    assert listed[0]["folders"] == [str(folders.model_roots[0] / "checkpoints"), str(folders.output / "checkpoints")]
    paths = await (await serving.client.get("/internal/folder_paths")).json()
    assert paths["checkpoints"] == listed[0]["folders"]
    assert paths["custom_nodes"] == [str(folders.data / "custom_nodes")]
    assert list(paths) == await (await serving.client.get("/models")).json()
    for kind in paths:
        assert (await serving.client.get(f"/models/{kind}")).status == 200
        assert (await serving.client.get(f"/api/experiment/models/{kind}")).status == 200
    assert (await serving.client.get("/api/internal/folder_paths")).status == 404
    missing = await serving.client.get("/experiment/models/nothing")
    assert (missing.status, await missing.read()) == (404, b"")


async def test_files_of_a_kind(serving, checkpoints):
    saved = serving.folders.output / "checkpoints" / "c.safetensors"
    saved.parent.mkdir()
    saved.write_bytes(b"12345")
    listed = await (await serving.client.get("/experiment/models/checkpoints")).json()
    assert [(entry["name"], entry["pathIndex"]) for entry in listed] == [
        ("a.safetensors", 0),
        ("c.safetensors", 1),
        ("sub/b.safetensors", 0),
    ]
    assert all(set(entry) == {"name", "pathIndex", "modified", "created", "size"} for entry in listed)
    assert listed[1]["size"] == 5
    configs = serving.folders.model_roots[0] / "configs"
    configs.mkdir()
    (configs / "v1.yaml").write_text("")
    assert await (await serving.client.get("/models/configs")).json() == ["v1.yaml"]


async def preview(serving, path):
    return await serving.client.get(URL(f"/experiment/models/preview/{path}", encoded=True))


async def test_previews_beside_models(serving, checkpoints):
    (checkpoints / "a.png").write_bytes(picture(size=(3000, 1500)))
    (checkpoints / "sub" / "b.preview.jpg").write_bytes(picture("blue", kind="JPEG"))
    (checkpoints / "sub" / "b.png").write_bytes(picture("red"))
    answer = await preview(serving, "checkpoints/0/a.safetensors")
    shown = Image.open(io.BytesIO(await answer.read()))
    assert (answer.status, answer.content_type, shown.format, shown.size) == (200, "image/webp", "WEBP", (1024, 512))
    for name in ("sub/b.safetensors", "sub%2Fb.safetensors"):
        answer = await preview(serving, f"checkpoints/0/{name}")
        red, _, blue = Image.open(io.BytesIO(await answer.read())).convert("RGB").getpixel((4, 4))
        assert blue > 200 > red
    again = await serving.client.get(
        "/experiment/models/preview/checkpoints/0/a.safetensors", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status == 200
    tag = {"If-None-Match": again.headers["ETag"]}
    assert (
        await serving.client.get("/experiment/models/preview/checkpoints/0/a.safetensors", headers=tag)
    ).status == 304


@pytest.mark.parametrize(
    "metadata",
    [
        {"modelspec.thumbnail": "data:image/png;base64," + base64.b64encode(picture()).decode()},
        {"ssmd_cover_images": json.dumps([base64.b64encode(picture()).decode()])},
    ],
)
async def test_previews_inside_models(serving, checkpoints, metadata):
    (checkpoints / "t.safetensors").write_bytes(safetensors(metadata))
    answer = await preview(serving, "checkpoints/0/t.safetensors")
    assert (answer.status, answer.content_type) == (200, "image/webp")
    assert Image.open(io.BytesIO(await answer.read())).size == (16, 8)


@pytest.mark.parametrize(
    "metadata",
    [
        {"modelspec.thumbnail": "data:image/png;base64,!!!"},
        {"modelspec.thumbnail": base64.b64encode(b"no picture").decode()},
        {"modelspec.thumbnail": base64.b64encode(picture()[:40]).decode()},
        {"ssmd_cover_images": "nope"},
        {"ssmd_cover_images": "[1]"},
        {"ssmd_cover_images": "[]"},
    ],
)
async def test_thumbnails_that_are_none(serving, checkpoints, metadata):
    (checkpoints / "t.safetensors").write_bytes(safetensors(metadata))
    assert (await preview(serving, "checkpoints/0/t.safetensors")).status == 404


async def test_previews_of_models_only(serving, checkpoints):
    (checkpoints / "alone.png").write_bytes(picture())
    (serving.folders.input / "x.safetensors").write_bytes(b"")
    (serving.folders.input / "x.png").write_bytes(picture())
    (checkpoints / "broken.safetensors").write_bytes(b"")
    (checkpoints / "broken.png").write_bytes(b"no picture")
    for path in ("checkpoints/0/alone.png", "checkpoints/0/none.safetensors", "checkpoints/9/a.safetensors",
                 "checkpoints/x/a.safetensors", "checkpoints/-1/a.safetensors", "nothing/0/a.safetensors",
                 "checkpoints/0/..%2F..%2F..%2Finput%2Fx.safetensors", "checkpoints/0/%2Fetc%2Fx.safetensors",
                 "checkpoints/0/sub%2Fb.safetensors", "checkpoints/0/broken.safetensors"):  # fmt: skip
        answer = await preview(serving, path)
        assert (answer.status, await answer.read()) == (404, b""), path


async def test_files_newest_first(serving):
    for age, name in ((3, "old.png"), (1, "new.png"), (2, "sub/middle.png"), (0, ".hidden")):
        path = serving.folders.input / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
        os.utime(path, (1e9 - age, 1e9 - age))
    assert await (await serving.client.get("/internal/files/input")).json() == ["new.png", "old.png"]
    deep = await (await serving.client.get("/internal/files/input?recursive=true")).json()
    assert deep == ["new.png", "sub/middle.png", "old.png"]
    for kind in ("output", "temp"):
        assert await (await serving.client.get(f"/internal/files/{kind}")).json() == []
    serving.folders.temp.rmdir()
    assert await (await serving.client.get("/internal/files/temp")).json() == []
    for kind in ("user", "models", "..", "%2e%2e"):
        answer = await serving.client.get(URL(f"/internal/files/{kind}", encoded=True))
        assert answer.status in (400, 404)
    answer = await serving.client.get("/internal/files/user")
    assert (answer.status, await answer.json()) == (400, {"error": "Invalid directory type"})
