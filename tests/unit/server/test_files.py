"""/view and uploads: bytes, pixels, names."""

import asyncio
import io
import json

import pytest
from aiohttp import FormData
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png(colour, size=(16, 8), mode="RGBA", **texts):
    info = PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def form(data, name="a.png", **fields):
    parts = FormData()
    parts.add_field("image", data, filename=name)
    for key, value in fields.items():
        parts.add_field(key, value)
    return parts


async def get(serving, **query):
    answer = await serving.client.get("/view", params=query)
    return answer, await answer.read()


def without_asset(reply):
    """What older servers answer: newer ones describe the asset too."""
    return {key: value for key, value in reply.items() if key != "asset"}


def shown(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


async def test_renditions_have_the_pixels_of_the_contract(serving):
    (serving.folders.output / "a.png").write_bytes(png((255, 0, 0, 128)))
    cases = [
        ({}, "PNG", "RGBA", (255, 0, 0, 128)),
        ({"channel": "rgb"}, "PNG", "RGB", (255, 0, 0)),
        ({"channel": "a"}, "PNG", "RGBA", (0, 0, 0, 128)),
        ({"preview": "webp;90"}, "WEBP", "RGBA", None),
        ({"preview": "jpeg;50"}, "JPEG", "RGB", None),
        ({"preview": "jpeg;50", "channel": "a"}, "WEBP", "RGBA", None),
        ({"preview": ""}, "WEBP", "RGBA", None),
    ]
    for query, kind, mode, pixel in cases:
        answer, data = await get(serving, filename="a.png", **query)
        picture = shown(data)
        assert (answer.status, answer.content_type) == (200, f"image/{kind.lower()}"), query
        assert (picture.format, picture.mode, picture.size) == (kind, mode, (16, 8)), query
        assert pixel is None or picture.getpixel((3, 3)) == pixel, query
        assert answer.headers["Content-Disposition"] == 'filename="a.png"'


async def test_renditions_and_files_have_tags(serving):
    (serving.folders.output / "a.png").write_bytes(png((255, 0, 0, 128)))
    for query in ({"filename": "a.png"}, {"filename": "a.png", "preview": "webp"}):
        first, _ = await get(serving, **query)
        again = await serving.client.get("/view", params=query, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status == 304
    part = await serving.client.get("/view", params={"filename": "a.png"}, headers={"Range": "bytes=0-3"})
    assert (part.status, await part.read()) == (206, b"\x89PNG")
    assert (await serving.client.head("/view", params={"filename": "a.png"})).status == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.mp4", "video/mp4"),
        ("a.flac", "audio/flac"),
        ("a.json", "application/json"),
        ("a.latent", "application/octet-stream"),
        ("a.safetensors", "application/octet-stream"),
    ],
)
async def test_files_have_the_type_of_their_suffix(serving, name, kind):
    (serving.folders.output / name).write_bytes(b"x")
    answer, data = await get(serving, filename=name)
    assert (answer.status, answer.content_type, data) == (200, kind, b"x")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"filename": ""}, 400),
        ({"filename": "/etc/passwd"}, 400),
        ({"filename": "../a.png"}, 400),
        ({"filename": "a\0.png"}, 400),
        ({"filename": "a.png", "type": "models"}, 400),
        ({"filename": "a.png", "subfolder": "../output"}, 403),
        ({"filename": "a.png", "subfolder": "/etc"}, 403),
        ({"filename": "missing.png"}, 404),
        ({"filename": "x" * 5000}, 404),
        ({"filename": "a.png [input]"}, 404),
        ({"filename": "sub/a.png"}, 200),
        ({"filename": "b.png", "subfolder": "sub"}, 200),
        ({"filename": "a.png [output]", "type": "input"}, 200),
    ],
)
async def test_names_are_resolved_as_in_the_contract(serving, query, status):
    (serving.folders.output / "sub").mkdir()
    (serving.folders.output / "a.png").write_bytes(b"a")
    (serving.folders.output / "sub" / "b.png").write_bytes(b"b")
    answer, data = await get(serving, **query)
    assert answer.status == status
    assert status == 200 or data == b""


async def test_what_is_no_picture_has_no_rendition(serving):
    (serving.folders.output / "a.png").write_bytes(b"no picture")
    answer, data = await get(serving, filename="a.png", preview="webp")
    assert answer.status == 400
    assert "not a picture" in json.loads(data)["error"]["message"]
    Image.new("RGB", (8, 8)).save(serving.folders.output / "program.png", format="EPS")
    answer, data = await get(serving, filename="program.png", preview="webp")
    assert answer.status == 400
    assert "not a picture" in json.loads(data)["error"]["message"]


async def test_uploads_find_free_names(serving):
    red, blue = png("red"), png("blue")

    async def post(data, **fields):
        answer = await serving.client.post("/upload/image", data=form(data, **fields))
        assert answer.status == 200, await answer.text()
        return without_asset(await answer.json())

    assert await post(red) == {"name": "a.png", "subfolder": "", "type": "input"}
    assert (await post(red))["name"] == "a.png"
    assert (await post(blue))["name"] == "a (1).png"
    assert (await post(blue))["name"] == "a (1).png"
    assert (await post(blue, overwrite="true"))["name"] == "a.png"
    assert (serving.folders.input / "a.png").read_bytes() == blue
    placed = await post(red, subfolder="x/y", type="temp")
    assert placed == {"name": "a.png", "subfolder": "x/y", "type": "temp"}
    assert (serving.folders.temp / "x" / "y" / "a.png").read_bytes() == red
    assert not [path for path in serving.folders.temp.iterdir() if path.name.startswith(".upload")]


async def test_the_overwrite_field_may_come_as_a_file(serving):
    for colour in ("red", "blue"):
        parts = FormData()
        parts.add_field("overwrite", b"true", filename="overwrite", content_type="text/plain")
        parts.add_field("image", png(colour), filename="dify.png")
        answer = await serving.client.post("/api/upload/image", data=parts)
        assert (await answer.json())["name"] == "dify.png"
    assert (serving.folders.input / "dify.png").read_bytes() == png("blue")


async def test_uploads_at_once_do_not_overwrite_each_other(serving):
    pictures = [png((number, 0, 0, 255)) for number in range(8)]
    answers = await asyncio.gather(*(serving.client.post("/upload/image", data=form(data)) for data in pictures))
    names = [(await answer.json())["name"] for answer in answers]
    assert len(set(names)) == 8
    for name, data in zip(names, pictures, strict=True):
        assert (serving.folders.input / name).read_bytes() == data


async def test_an_uploaded_picture_can_be_chosen_at_once(serving):
    for number in range(3):
        name = f"new{number}.png"
        await serving.client.post("/upload/image", data=form(png("red"), name=name))
        prompt = {
            "1": {"class_type": "LoadImage", "inputs": {"image": name}},
            "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        }
        await serving.post({"prompt": prompt})
        info = await (await serving.client.get("/object_info/LoadImage")).json()
        assert name in info["LoadImage"]["input"]["required"]["image"][0]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("a.png", {"type": "models"}),
        ("a.png", {"subfolder": "../x"}),
        ("a.png", {"subfolder": "/etc"}),
        ("a.png", {"subfolder": "a/../../x"}),
        ("..", {}),
        (".hidden", {}),
        ("x" * 300 + ".png", {}),
    ],
)
async def test_bad_uploads_leave_nothing(serving, name, fields):
    answer = await serving.client.post("/upload/image", data=form(b"data", name=name, **fields))
    assert answer.status == 400
    assert (await answer.json())["error"]["message"]
    left = [path for path in serving.folders.data.rglob("*") if path.is_file() and path.read_bytes() == b"data"]
    assert left == []


async def test_uploads_without_a_file_are_refused(serving):
    parts = FormData()
    parts.add_field("image", "text")
    for data in (parts, b"{}", FormData({"other": "1"})):
        assert (await serving.client.post("/upload/image", data=data)).status == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\n", b"--x\r\nnonsense", b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n'):
        assert (await serving.client.post("/upload/image", data=body, headers=broken)).status == 400
    assert (
        await serving.client.post("/upload/image", data=b"", headers={"Content-Type": "multipart/form-data"})
    ).status == 400


async def test_an_upload_above_the_limit_is_refused_and_leaves_nothing(start):
    serving = await start(max_upload=1 << 20)
    answer = await serving.client.post("/upload/image", data=form(io.BytesIO(b"x" * (2 << 20))))
    assert answer.status == 413
    assert [path.name for path in serving.folders.temp.iterdir()] == []


async def test_a_mask_replaces_the_alpha(serving):
    original = png((10, 20, 30, 255), prompt="kept")
    (serving.folders.input / "o.png").write_bytes(original)
    reference = json.dumps({"filename": "o.png", "type": "input", "subfolder": ""})
    for name in ("m.png", "m (1).png"):
        alpha = 77 if name == "m.png" else 78
        parts = form(png((1, 2, 3, alpha)), name="m.png", original_ref=reference)
        answer = await serving.client.post("/upload/mask", data=parts)
        assert without_asset(await answer.json()) == {"name": name, "subfolder": "", "type": "input"}
        picture = shown((serving.folders.input / name).read_bytes())
        assert (picture.mode, picture.getpixel((5, 5))) == ("RGBA", (10, 20, 30, alpha))
        assert picture.info["prompt"] == "kept"
    assert (serving.folders.input / "o.png").read_bytes() == original


@pytest.mark.parametrize(
    "reference",
    ["", "[]", "{}", "nope", '{"filename": "../o.png", "type": "input"}', '{"filename": "missing.png"}',
     '{"filename": "o.png", "type": "models"}', '{"filename": "small.png", "type": "input"}'],
)  # fmt: skip
async def test_a_mask_for_nothing_is_refused(serving, reference):
    (serving.folders.input / "small.png").write_bytes(png("red", size=(4, 4)))
    answer = await serving.client.post("/upload/mask", data=form(png("red"), name="m.png", original_ref=reference))
    assert answer.status == 400
    assert (await answer.json())["error"]["message"]
    assert not (serving.folders.input / "m.png").exists()
