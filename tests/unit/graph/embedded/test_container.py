"""Texts in pictures, videos, sounds and models; files are built here, byte for byte, and by Pillow."""

import io
import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.graph.document import read_workflow
from limner.graph.embedded.container import carried_texts, container_of
from limner.graph.errors import DocumentError

from .test_png import chunk, png

PROMPT = json.dumps({"1": {"class_type": "EmptyImage", "inputs": {"width": 64, "note": "é☃"}}}, ensure_ascii=False)
DRAWN = json.dumps(
    {"nodes": [{"id": 1, "type": "EmptyImage", "widgets_values": [64]}], "links": [], "pad": "x" * 70000}
)
TEXTS = {"prompt": PROMPT, "workflow": DRAWN}


def picture(kind: str, **more: object) -> bytes:
    image = Image.new("RGB", (8, 8))
    exif = image.getexif()
    exif[0x0110] = f"prompt:{json.dumps(json.loads(PROMPT))}"
    exif[0x010F] = "workflow:{}" if kind == "JPEG" else f"workflow:{DRAWN}"
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif, **more)
    return buffer.getvalue()


def big_endian_exif() -> bytes:
    """A JPEG whose comment stands in the second directory, in UTF-16."""
    comment = b"UNICODE\0" + json.dumps({"prompt": PROMPT}).encode("utf-16-be")
    first = struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0)
    second = struct.pack(">HHHIII", 1, 0x9286, 7, len(comment), 44, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + first + second + comment
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + b"\xff\xda"


def comments() -> bytes:
    entries = [f"{name.upper()}={text}".encode() for name, text in TEXTS.items()] + [b"no equals sign"]
    listed = b"".join(struct.pack("<I", len(entry)) + entry for entry in entries)
    return struct.pack("<I", 3) + b"lib" + struct.pack("<I", len(entries)) + listed


def flac() -> bytes:
    block = comments()
    return b"fLaC" + b"\0\0\0\x02ab" + b"\x84" + len(block).to_bytes(3, "big") + block


def ogg(head: bytes, tail: bytes = b"") -> bytes:
    packets = [b"\x01first", head + comments() + tail, b"sound" * 200]
    pages = []
    for number, packet in enumerate(packets):
        pieces = [packet[at : at + 255] for at in range(0, len(packet) + 1, 255)]
        for start in range(0, len(pieces), 255):
            part = pieces[start : start + 255]
            head_ = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, 0, 7, number, 0, len(part))
            pages.append(head_ + bytes(map(len, part)) + b"".join(part))
            pages.append(struct.pack("<4sBBqIIIB", b"OggS", 0, 0, 0, 8, number, 0, 1) + b"\x05other")
    return b"".join(pages)


def mp3(version: int) -> bytes:
    def size(number: int) -> bytes:
        seven = sum((number >> 7 * place & 0x7F) << 8 * place for place in range(4))
        return (seven if version == 4 else number).to_bytes(4, "big")

    bodies = [b"\x03prompt\0" + PROMPT.encode(), b"\x01" + "Workflow\0".encode("utf-16") + DRAWN.encode("utf-16")]
    frames = b"".join(b"TXXX" + size(len(body)) + b"\0\0" + body for body in bodies)
    total = len(frames) + 20
    header = (
        b"ID3" + bytes([version, 0, 0]) + sum((total >> 7 * n & 0x7F) << 8 * n for n in range(4)).to_bytes(4, "big")
    )
    return header + frames + b"\0" * 20 + b"\xff\xfb"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def value(text: str) -> bytes:
    return box(b"data", struct.pack(">II", 1, 0), text.encode())


def mp4(*, full: bool) -> bytes:
    keys = [box(b"mdta", name.encode()) for name in TEXTS]
    items = [box(struct.pack(">I", number), value(text)) for number, text in enumerate(TEXTS.values(), 1)]
    head = b"\0\0\0\0" if full else b""
    handler = box(b"hdlr", b"\0" * 8, b"mdta")
    listed = box(b"keys", struct.pack(">II", 0, len(keys)), *keys)
    meta = box(b"meta", head, handler, listed, box(b"ilst", *items))
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + b"\0" * 4
    return box(b"ftyp", b"isom") + large + box(b"moov", box(b"udta", meta) if full else meta)


def mp4_comment() -> bytes:
    text = json.dumps({"prompt": PROMPT, "workflow": json.loads(DRAWN)})
    free = box(b"----", box(b"mean", b"\0" * 4, b"com"), box(b"name", b"\0" * 4, b"other"), value("x"))
    meta = box(b"meta", b"\0" * 4, box(b"hdlr", b"\0" * 8), box(b"ilst", box(b"\xa9cmt", value(text)), free))
    return box(b"ftyp", b"isom") + box(b"moov", box(b"udta", meta))


def element(kind: str, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    length = (1 << 56) | (len(body) if size is None else size)
    return bytes.fromhex(kind) + length.to_bytes(8, "big") + body


def webm() -> bytes:
    tags = [
        element("7373", element("67C8", element("45A3", name.upper().encode()), element("4487", text.encode())))
        for name, text in TEXTS.items()
    ]
    body = element("1254C367", *tags), element("1F43B675", b"\0" * 9, size=(1 << 56) - 1)
    return element("1A45DFA3", b"x") + element("18538067", *body, size=(1 << 56) - 1)


def safetensors() -> bytes:
    header = json.dumps({"__metadata__": TEXTS, "x": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}).encode()
    return struct.pack("<Q", len(header)) + header


def glb() -> bytes:
    body = json.dumps(
        {"asset": {"version": "2.0", "extras": {"prompt": json.loads(PROMPT), "workflow": DRAWN}}}
    ).encode()
    return b"glTF" + struct.pack("<II", 2, 20 + len(body)) + struct.pack("<I", len(body)) + b"JSON" + body


def svg(content: str) -> bytes:
    return f'<?xml version="1.0"?>\n<svg xmlns="x"><metadata id="a">{content}</metadata><g/></svg>'.encode()


BOTH = json.dumps(TEXTS)
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "png": ("png/api", lambda: png(chunk(b"comf", b"prompt\0" + PROMPT.encode()))),
    "webp": ("webp/api", lambda: picture("WEBP")),
    "webp animated": ("webp/api", lambda: picture("WEBP", save_all=True, append_images=[Image.new("L", (8, 8), 9)])),
    "jpeg": ("jpeg/api", lambda: picture("JPEG")),
    "jpeg comment": ("jpeg/api", big_endian_exif),
    "flac": ("flac/api", flac),
    "vorbis": ("ogg/api", lambda: ogg(b"\x03vorbis", b"\x01")),
    "opus": ("ogg/api", lambda: ogg(b"OpusTags")),
    "flac in ogg": ("ogg/api", lambda: ogg(b"\x84\0\0\0")),
    "mp3 2.3": ("mp3/api", lambda: mp3(3)),
    "mp3 2.4": ("mp3/api", lambda: mp3(4)),
    "mp4": ("mp4/api", lambda: mp4(full=True)),
    "mov": ("mp4/api", lambda: mp4(full=False)),
    "mp4 comment": ("mp4/api", mp4_comment),
    "webm": ("webm/api", webm),
    "safetensors": ("safetensors/api", safetensors),
    "glb": ("glb/api", glb),
    "svg": ("svg/api", lambda: svg(f"<![CDATA[{BOTH}]]>")),
    "svg escaped": ("svg/api", lambda: svg(BOTH.replace("&", "&amp;").replace('"', "&quot;"))),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_workflow_of_a_file(catalog, lists, name):
    source_format, make = FILES[name]
    found = read_workflow(make(), catalog, lists)
    assert found.document == json.loads(PROMPT)
    assert found.source_format == source_format
    if name not in ("png", "jpeg", "jpeg comment"):
        assert found.extra_pnginfo["workflow"] == json.loads(DRAWN)


def test_a_file_without_a_workflow(catalog, lists):
    with pytest.raises(DocumentError, match="This safetensors file carries no workflow; its texts: format"):
        header = b'{"__metadata__":{"format":"pt"}}'
        read_workflow(struct.pack("<Q", len(header)) + header, catalog, lists)


@pytest.mark.parametrize("name", FILES)
def test_files_that_were_cut_off_or_damaged(catalog, lists, name):
    data = FILES[name][1]()
    for end in (*range(0, min(len(data), 400), 7), len(data) - 1):
        for damaged in (data[:end], data[:end] + b"\xff" * 20, data[:end] + b"\0" * 20 + data[end + 20 :]):
            try:
                read_workflow(damaged, catalog, lists)
            except DocumentError:
                continue


SIGNATURES = (b"RIFF....WEBP", b"....ftyp", b"\x1aE\xdf\xa3", b"fLaC", b"OggS", b"ID3\x03", b"glTF", b"\xff\xd8\xff")


@given(st.sampled_from(SIGNATURES), st.binary(max_size=200))
def test_any_bytes_behind_a_signature(signature, rest):
    data = signature + rest
    container = container_of(data)
    assert container is not None
    try:
        texts = carried_texts(container, data)
    except DocumentError:
        return
    assert all(isinstance(text, str) for text in texts.values())
