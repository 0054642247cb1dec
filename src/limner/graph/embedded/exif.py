"""Texts in the EXIF block of JPEG and WEBP pictures.

ComfyUI writes one text a tag, beginning with its keyword: ``prompt:{...}`` under Model, ``workflow:{...}`` under Make,
and further ones under the tags before that.

Source: EXIF 2.32, sections 4.5 and 4.6; WebP Container Specification; ITU T.81, annex B.
"""

import re
from collections.abc import Iterator

from limner.graph.errors import DocumentError

_TAGS = {0x010E: "imagedescription", 0x9286: "usercomment", 0x010F: "make", 0x0110: "model", 0x0131: "software"}
_EXIF_IFD = 0x8769
_TEXT_TYPES = (1, 2, 7)
_KEYED = re.compile(r"([A-Za-z_][\w.-]{0,99}):\s*(?=[{\[\"])")
_MOST_TAGS = 1000
_HEADER = b"Exif\0\0"


def webp_texts(data: bytes) -> dict[str, str]:
    """Texts in the EXIF chunk of a WEBP picture.

    Raises:
        DocumentError: if that chunk is damaged.
    """
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"EXIF":
            return exif_texts(data[place + 8 : place + 8 + length])
        place += 8 + length + length % 2
    return {}


def jpeg_texts(data: bytes) -> dict[str, str]:
    """Texts in the EXIF segment of a JPEG picture.

    Raises:
        DocumentError: if that segment is damaged.
    """
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : place + 2 + length]
        if data[place + 1] == 0xE1 and body.startswith(_HEADER):
            return exif_texts(body)
        place += 2 + max(length, 2)
    return {}


def exif_texts(block: bytes) -> dict[str, str]:
    """Texts of an EXIF block by keyword; those without one by the name of their tag.

    Raises:
        DocumentError: if it is damaged.
    """
    block = block.removeprefix(_HEADER)
    orders = {b"II": "little", b"MM": "big"}
    order = orders.get(block[:2])
    if order is None or len(block) < 8:
        raise DocumentError("The EXIF block of this picture is damaged: it names no byte order.")
    texts: dict[str, str] = {}
    for tag, raw in _entries(block, "little" if order == "little" else "big"):
        text = _text(raw, utf16="utf-16-le" if order == "little" else "utf-16-be").rstrip("\0")
        match = _KEYED.match(text)
        if match:
            texts.setdefault(match.group(1), text[match.end() :])
        elif tag in _TAGS:
            texts.setdefault(_TAGS[tag], text)
    return texts


def _entries(block: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yields tag and bytes of every text in the first directory and the one for EXIF."""

    def number(place: int, size: int) -> int:
        return int.from_bytes(block[place : place + size], "little" if order == "little" else "big")

    directories = [number(4, 4)]
    seen: set[int] = set()
    while directories:
        start = directories.pop()
        if start in seen:
            continue
        seen.add(start)
        for index in range(min(number(start, 2), _MOST_TAGS)):
            place = start + 2 + 12 * index
            tag, kind, count = number(place, 2), number(place + 2, 2), number(place + 4, 4)
            if tag == _EXIF_IFD and len(seen) < 4:
                directories.append(number(place + 8, 4))
            elif kind in _TEXT_TYPES:
                where = place + 8 if count <= 4 else number(place + 8, 4)
                yield tag, block[where : where + count]


def _text(raw: bytes, utf16: str) -> str:
    """A tag's bytes as text. User comments begin with eight bytes that name their code."""
    if raw.startswith(b"UNICODE\0"):
        return raw[8:].decode(utf16, errors="replace")
    if raw.startswith(b"ASCII\0\0\0"):
        raw = raw[8:]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
