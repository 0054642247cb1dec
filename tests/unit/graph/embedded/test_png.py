"""Texts of PNG files: every kind of chunk, and files that mean harm."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.graph.embedded.png import LARGEST_TEXT, PNG, png_texts
from limner.graph.errors import DocumentError


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return PNG + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")


def test_every_kind_of_text():
    data = png(
        chunk(b"tEXt", b"plain\0{}"),
        chunk(b"tEXt", b"latin\0\xe9"),
        chunk(b"tEXt", "utf8\0é".encode()),
        chunk(b"zTXt", b"packed\0\0" + zlib.compress(b"small")),
        chunk(b"iTXt", b"foreign\0\0\0fr\0\0" + "é☃".encode()),
        chunk(b"iTXt", b"both\0\1\0\0\0" + zlib.compress("☃".encode())),
        chunk(b"tEXt", b"plain\0second"),
    )
    assert png_texts(data) == {
        "plain": "{}",
        "latin": "é",
        "utf8": "é",
        "packed": "small",
        "foreign": "é☃",
        "both": "☃",
    }


def test_texts_behind_the_pixels():
    data = png()[:-12] + chunk(b"tEXt", b"late\0x") + chunk(b"IEND", b"") + b"rubbish"
    assert png_texts(data) == {"late": "x"}


def test_animated_pictures_keep_texts_in_chunks_of_their_own():
    data = png()[:-12] + chunk(b"comf", b'prompt\0{"1": 2}') + chunk(b"IEND", b"")
    assert png_texts(data) == {"prompt": '{"1": 2}'}


def test_a_file_that_was_cut_off():
    data = png(chunk(b"tEXt", b"a\0b"))
    assert [png_texts(data[:length]) for length in (len(PNG), 40, len(data) - 5)] == [{}, {}, {"a": "b"}]


def test_a_bomb():
    body = zlib.compress(b"\0" * (LARGEST_TEXT + 1), 9)
    with pytest.raises(DocumentError, match="more than 64 MiB"):
        png_texts(png(chunk(b"zTXt", b"prompt\0\0" + body)))


@pytest.mark.parametrize(
    "bad", [chunk(b"zTXt", b"a\0\0xxxx"), chunk(b"iTXt", b"a\0"), chunk(b"iTXt", b"a\0\1\0\0\0xx")]
)
def test_damage(bad):
    with pytest.raises(DocumentError, match="'a' of this PNG is damaged"):
        png_texts(png(bad))


def test_another_file():
    with pytest.raises(DocumentError, match="no PNG"):
        png_texts(b"GIF89a")


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_signature(rest):
    try:
        texts = png_texts(PNG + rest)
    except DocumentError:
        return
    assert all(isinstance(text, str) for text in texts.values())
