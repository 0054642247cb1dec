"""Files without what they carry beside their content: workflows, prompts, places. Their pixels stay as they are.

One function a format; what is of another format gives None, and then nobody may say that it carries nothing.
"""

from collections.abc import Iterator

PNG = b"\x89PNG\r\n\x1a\n"
PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"comf", b"tIME"})

JPEG = b"\xff\xd8"
ENTROPY_CODED = 0xDA
NEEDED = frozenset({0xE0, 0xE2, 0xEE})
"""Application segments that say how colours are to be read: JFIF, profiles, Adobe's."""

WEBP_TEXTS = frozenset({b"EXIF", b"XMP "})
WEBP_FLAGS = 0x08 | 0x04
"""Bits that say that a WebP has EXIF and XMP."""


def without_texts(data: bytes) -> bytes | None:
    """A picture that carries nothing; None if it is of a format that cannot be told apart here, or damaged."""
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(JPEG):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _png(data: bytes) -> bytes | None:
    kept, place = [PNG], len(PNG)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        if end > len(data):
            return None
        if kind not in PNG_TEXTS:
            kept.append(data[place:end])
        if kind == b"IEND":
            return b"".join(kept)
        place = end
    return None


def _jpeg(data: bytes) -> bytes | None:
    kept, place = [JPEG], len(JPEG)
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == ENTROPY_CODED:
            return b"".join([*kept, data[place:]])
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if end > len(data) or end <= place + 2:
            return None
        if marker != 0xFE and not (0xE0 <= marker <= 0xEF and marker not in NEEDED):
            kept.append(data[place:end])
        place = end
    return None


def _webp(data: bytes) -> bytes | None:
    kept = []
    for kind, body in _riff(data):
        if kind == b"VP8X" and len(body) >= 10:
            body = bytes([body[0] & ~WEBP_FLAGS]) + body[1:]
        if kind not in WEBP_TEXTS:
            kept.append(kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2))
    inside = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside if kept else None


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
