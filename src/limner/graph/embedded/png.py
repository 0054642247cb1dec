"""The texts that a PNG carries, animated ones included.

Reads chunks only, never pixels, and never more than it promised: a text that unpacks to more than the limit is refused.
"""

import zlib
from collections.abc import Iterator

from limner.graph.errors import DocumentError

PNG = b"\x89PNG\r\n\x1a\n"

LARGEST_TEXT = 64 << 20
"""Bytes of one unpacked text."""

_LARGEST_TOTAL = 128 << 20


def png_texts(data: bytes) -> dict[str, str]:
    """Texts of a PNG by keyword, from ``tEXt``, ``zTXt``, ``iTXt`` and ``comf`` chunks. The first of several counts.

    ``comf`` is ComfyUI's own: it stands behind the pixels of animated pictures and holds what a tEXt chunk does. A file
    that was cut off gives what was read until then.

    Raises:
        DocumentError: if it is no PNG, or a text is larger than the limit or damaged.

    Source: PNG specification (third edition), sections 5.3, 11.3.3.
    """
    if not data.startswith(PNG):
        raise DocumentError("This is no PNG picture: it does not begin with the PNG signature.")
    texts: dict[str, str] = {}
    total = 0
    for kind, body in _chunks(data):
        if kind not in (b"tEXt", b"zTXt", b"iTXt", b"comf"):
            continue
        keyword, _, rest = body.partition(b"\0")
        name = keyword.decode("latin-1")
        if name in texts:
            continue
        text = _international(name, rest) if kind == b"iTXt" else _plain(name, rest, packed=kind == b"zTXt")
        total += len(text)
        if total > _LARGEST_TOTAL:
            raise DocumentError(f"The texts of this PNG are larger than {_LARGEST_TOTAL >> 20} MiB together.")
        texts[name] = text
    return texts


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields (type, data) of every whole chunk."""
    place = len(PNG)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        if place + 12 + length > len(data):
            return
        yield kind, data[place + 8 : place + 8 + length]
        if kind == b"IEND":
            return
        place += 12 + length


def _plain(name: str, rest: bytes, *, packed: bool) -> str:
    """The text of a tEXt chunk, or of a zTXt chunk, whose first byte is the method of compression."""
    body = _unpacked(name, rest[1:]) if packed else rest
    try:
        return body.decode("utf-8")  # not what the specification says, but what many programs write
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _international(name: str, rest: bytes) -> str:
    """The text of an iTXt chunk: flag, method, language, translated keyword, text."""
    if len(rest) < 2:
        raise DocumentError(f"The text {name!r} of this PNG is damaged: its chunk ends too early.")
    _language, _, after = rest[2:].partition(b"\0")
    _translated, _, body = after.partition(b"\0")
    return (_unpacked(name, body) if rest[0] else body).decode("utf-8", errors="replace")


def _unpacked(name: str, body: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(body, LARGEST_TEXT)
    except zlib.error as error:
        raise DocumentError(f"The text {name!r} of this PNG is damaged: {error}.") from error
    if unpacker.unconsumed_tail:
        raise DocumentError(f"The text {name!r} of this PNG unpacks to more than {LARGEST_TEXT >> 20} MiB.")
    return text
