"""T2, T11: uploaded files never run in the server's origin, and never eat its memory."""

import struct
import zlib

import pytest
from aiohttp import FormData

ACTIVE = {
    "a.html": b"<script>alert(1)</script>",
    "a.htm": b"<script>alert(1)</script>",
    "a.xhtml": b"<html xmlns='http://www.w3.org/1999/xhtml'><script/></html>",
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a.SVG": b"<svg/>",
    "a.xml": b"<?xml version='1.0'?><x/>",
    "a.xsl": b"<x/>",
    "a.js": b"alert(1)",
    "a.mjs": b"alert(1)",
    "a.css": b"* {}",
    "a.mht": b"MIME-Version: 1.0",
    "a.mhtml": b"MIME-Version: 1.0",
    "a.pdf": b"%PDF-1.7",
    "a.swf": b"FWS",
    "a": b"<script>alert(1)</script>",
    "a.unknown": b"<script>alert(1)</script>",
}


async def test_active_content_is_bytes(serving):
    for name in ACTIVE:
        parts = FormData()
        parts.add_field("image", ACTIVE[name], filename=name, content_type="text/html")
        answer = await serving.client.post("/upload/image", data=parts)
        assert answer.status == 200
        seen = await serving.client.get("/view", params={"filename": name, "type": "input"})
        assert seen.status == 200
        assert seen.content_type == "application/octet-stream"
        assert seen.headers["Content-Disposition"].startswith("attachment")
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in seen.headers["Content-Security-Policy"]


async def test_a_polyglot_stays_a_picture(serving):
    (serving.folders.input / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")
    seen = await serving.client.get("/view", params={"filename": "a.png", "type": "input"})
    assert (seen.content_type, seen.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")


async def test_names_cannot_break_headers(serving):
    name = 'a"; attachment; x="é.png'
    (serving.folders.output / name).write_bytes(b"x")
    seen = await serving.client.get("/view", params={"filename": name})
    assert seen.status == 200
    assert seen.headers["Content-Disposition"].count('"') == 2


def bomb(side: int) -> bytes:
    """A PNG that claims side x side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [12_000, 30_000, 1_000_000])
async def test_pixel_bombs_are_refused_before_they_are_decoded(serving, side):
    (serving.folders.output / "bomb.png").write_bytes(bomb(side))
    for query in ({"preview": "webp"}, {"channel": "rgb"}, {"channel": "a"}):
        answer = await serving.client.get("/view", params={"filename": "bomb.png"} | query)
        assert answer.status == 400
    assert (await serving.client.get("/queue")).status == 200


async def test_a_truncated_picture_is_no_server_error(serving):
    (serving.folders.output / "cut.png").write_bytes(bomb(16))
    answer = await serving.client.get("/view", params={"filename": "cut.png", "preview": "webp"})
    assert answer.status in (400, 404)


async def test_a_vector_picture_is_shown_inside_pages_only(serving):
    (serving.folders.output / "a.svg").write_bytes(ACTIVE["a.svg"])
    for destination in ("", "document", "iframe", "object", "embed", "empty"):
        headers = {"Sec-Fetch-Dest": destination} if destination else {}
        seen = await serving.client.get("/view", params={"filename": "a.svg"}, headers=headers)
        assert seen.content_type == "application/octet-stream"
        assert seen.headers["Content-Disposition"].startswith("attachment")
    seen = await serving.client.get("/view", params={"filename": "a.svg"}, headers={"Sec-Fetch-Dest": "image"})
    assert seen.content_type == "image/svg+xml"
    assert "Sec-Fetch-Dest" in seen.headers.getall("Vary")
    assert "sandbox" in seen.headers["Content-Security-Policy"]
