"""T11: forms, pictures and texts that are small to send and large to keep are refused."""

import asyncio
import base64
import gzip
import io
import json
import struct
import zlib

import pytest
from aiohttp import FormData
from PIL import Image

HEADERS = {"Content-Type": "multipart/form-data; boundary=xx"}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *more):
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes((4 * width + 1) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def parts(count, size):
    for number in range(count):
        head = f'--xx\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n'
        yield head.encode() + b"a" * size + b"\r\n"
    yield b"--xx--\r\n"


@pytest.mark.parametrize(("count", "size", "status"), [(900, 60_000, 413), (5000, 1, 400)])
async def test_forms_keep_a_bounded_amount_in_memory(serving, count, size, status):
    for path in ("/upload/image", "/upload/mask", "/api/assets"):
        answer = await serving.client.post(path, data=parts(count, size), headers=HEADERS)
        assert answer.status == status
    assert not [path for path in serving.folders.temp.iterdir() if path.name.startswith(".upload")]


async def test_a_packed_bomb_is_refused(start):
    serving = await start(max_upload=1 << 20)
    bomb = gzip.compress(bytes(50 << 20))
    for path in ("/prompt", "/settings", "/userdata/x", "/api/assets/from-hash"):
        answer = await serving.client.post(path, data=bomb, headers={"Content-Encoding": "gzip"})
        assert answer.status == 413


@pytest.mark.parametrize("packed", [False, True])
async def test_whoever_has_no_key_yet_sends_little(serving, packed):
    """Else the bodies of strangers fill the memory and hold up everybody."""
    body = b'{"key": "' + b"a" * (20 << 20) + b'"}'
    headers = {"Content-Encoding": "gzip"} if packed else {}
    async with serving.client.post(
        "/limner/session", data=io.BytesIO(gzip.compress(body) if packed else body), headers=headers
    ) as answer:
        assert answer.status == 400
        assert "longer" in await answer.text()


HOSTILE = {
    "text.png": png(8, 8, chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(8 << 20)))),
    "wide.png": png(20_000, 2),
    "cut.qoi": b"qoif" + struct.pack(">II", 8, 8) + b"\4\0",
    "cut.gif": b"GIF89a\x08\0\x08\0\x80\0\0" + bytes(20),
    "cut.tga": b"\0\0\2" + bytes(9) + b"\x08\0\x08\0\x20\0",
    "cut.psd": b"8BPS\0\1" + bytes(6) + b"\0\3" + struct.pack(">II", 8, 8) + b"\0\x08\0\3" + bytes(12),
    "cut.ico": b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0\x04\0\0\0\x16\0\0\0",
    "broken.png": png(8, 8).replace(b"IDAT", b"IDAX"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_hostile_pictures_are_the_clients_mistake(serving, name):
    (serving.folders.output / name).write_bytes(HOSTILE[name])
    for query in ({"preview": "webp"}, {"preview": "jpeg"}, {"channel": "a"}):
        answer = await serving.client.get("/view", params={"filename": name} | query)
        assert answer.status in (200, 400)
        if answer.status == 400:
            assert str(serving.folders.data) not in await answer.text()
    form = FormData()
    form.add_field("image", png(8, 8), filename="m.png")
    form.add_field("original_ref", json.dumps({"filename": name}))
    answer = await serving.client.post("/upload/mask", data=form)
    assert answer.status in (200, 400)


async def test_a_small_file_cannot_take_gigabytes(serving):
    buffer = io.BytesIO()
    Image.new("1", (11_000, 11_000)).save(buffer, "PNG")
    (serving.folders.output / "a.png").write_bytes(buffer.getvalue())
    assert (await serving.client.get("/view", params={"filename": "a.png", "preview": "webp"})).status == 400


async def test_what_lists_repeat_is_short(serving):
    form = FormData()
    form.add_field("file", b"x", filename="a.txt")
    form.add_field("tags", "input")
    asset = await (await serving.client.post("/api/assets", data=form)).json()
    body = {"user_metadata": {"a": base64.b64encode(bytes(300_000)).decode()}}
    assert (await serving.client.put(f"/api/assets/{asset['id']}", json=body)).status == 400


async def test_letters_that_no_text_has(serving):
    """Bytes in headers that are no UTF-8 become halves of letters, which no answer can hold."""
    for name in ("Origin", "Host", "comfy-user", "Comfy-Usage-Source"):
        headers = {"Host": f"127.0.0.1:{serving.client.port}"} | {name: "\udcff\udcfe"}
        answer = await serving.client.get("/userdata?dir=x", headers=headers)
        assert answer.status in (403, 404)


async def test_a_file_beside_does_not_stand_in_for_another(serving):
    (serving.folders.output / "a.txt").write_bytes(b"mine")
    (serving.folders.output / "a.txt.gz").write_bytes(gzip.compress(b"planted"))
    answer = await serving.client.get("/view", params={"filename": "a.txt"}, headers={"Accept-Encoding": "gzip, br"})
    assert await answer.read() == b"mine"


async def test_many_that_wait_for_a_restart_hold_up_nobody_else(serving, document):
    serving.worker.restart = lambda: None
    await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    asking = [
        asyncio.create_task(serving.client.post("/limner/worker/restart", json={"seconds": 60})) for _ in range(40)
    ]
    await asyncio.sleep(0.3)
    assert not all(task.done() for task in asking)
    async with asyncio.timeout(5):
        assert (await serving.client.get("/queue")).status == 200
    serving.worker.gate.set()
    for answer in await asyncio.gather(*asking):
        assert answer.status in (200, 503)
