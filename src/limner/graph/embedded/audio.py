"""Tags of FLAC, Ogg (Vorbis, Opus, FLAC) and MP3 files.

Source: RFC 9639 (FLAC), sections 8 and 8.6; RFC 3533 (Ogg); RFC 7845 (Opus in Ogg); ID3v2.3 and 2.4, sections 3 and 4.
"""

from collections.abc import Iterator

LARGEST_TAG = 64 << 20
"""Bytes of all tags of a file together."""

_COMMENT_BLOCK = 4
_OGG_HEADS = (b"\x03vorbis", b"OpusTags")
_MOST_PAGES = 4096
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def flac_texts(data: bytes) -> dict[str, str]:
    """Comments of a FLAC file, by keyword in lower case."""
    place = 4
    while place + 4 <= len(data):
        kind, length = data[place], int.from_bytes(data[place + 1 : place + 4], "big")
        if kind & 0x7F == _COMMENT_BLOCK:
            return _comments(data[place + 4 : place + 4 + length])
        if kind & 0x80:
            break
        place += 4 + length
    return {}


def ogg_texts(data: bytes) -> dict[str, str]:
    """Comments of the first stream of an Ogg file, by keyword in lower case."""
    for number, packet in enumerate(_packets(data)):
        head = next((head for head in _OGG_HEADS if packet.startswith(head)), None)
        if head is not None:
            return _comments(packet[len(head) :])
        if number and packet and packet[0] & 0x7F == _COMMENT_BLOCK:
            return _comments(packet[4:])  # FLAC in Ogg: the block with its header
        if number > 4:
            break
    return {}


def id3_texts(data: bytes) -> dict[str, str]:
    """Texts of an ID3v2 tag: user texts by their description in lower case, and the comment."""
    if data[:3] != b"ID3" or len(data) < 14 or data[3] not in (3, 4):
        return {}
    texts: dict[str, str] = {}
    is_newest = data[3] == 4
    end = min(10 + _synchsafe(data[6:10]), len(data), LARGEST_TAG)
    place = 10
    if data[5] & 0x40:  # an extended header; version 2.4 counts its own size
        place += _synchsafe(data[10:14]) if is_newest else 4 + int.from_bytes(data[10:14], "big")
    while place + 10 <= end and data[place] != 0:
        kind, size = data[place : place + 4], data[place + 4 : place + 8]
        length = _synchsafe(size) if is_newest else int.from_bytes(size, "big")
        body = data[place + 10 : min(place + 10 + length, end)]
        if kind in (b"TXXX", b"COMM") and body:
            keyword, text = _described(body[0], body[4:] if kind == b"COMM" else body[1:])
            texts.setdefault(keyword.lower() if kind == b"TXXX" else "comment", text)
        place += 10 + length
    return texts


def _comments(block: bytes) -> dict[str, str]:
    """A Vorbis comment block: vendor, count, then ``KEYWORD=text`` with lengths before each."""
    texts: dict[str, str] = {}
    place = 4 + int.from_bytes(block[:4], "little")
    count = int.from_bytes(block[place : place + 4], "little")
    place += 4
    for _ in range(count):
        if place + 4 > len(block):
            break
        length = int.from_bytes(block[place : place + 4], "little")
        keyword, equals, text = block[place + 4 : place + 4 + length].decode("utf-8", "replace").partition("=")
        if equals:
            texts.setdefault(keyword.lower(), text)
        place += 4 + length
    return texts


def _packets(data: bytes) -> Iterator[bytes]:
    """Yields the packets of the first stream of an Ogg file."""
    parts: list[bytes] = []
    size = 0
    for segment in _segments(data):
        parts.append(segment)
        size += len(segment)
        if size > LARGEST_TAG:
            return
        if len(segment) < 255:
            yield b"".join(parts)
            parts, size = [], 0


def _segments(data: bytes) -> Iterator[bytes]:
    """Yields the segments of the first stream: a packet is over with one of less than 255 bytes."""
    place = 0
    stream = data[14:18]
    for _ in range(_MOST_PAGES):
        if data[place : place + 4] != b"OggS" or place + 27 > len(data):
            return
        lengths = data[place + 27 : place + 27 + data[place + 26]]
        is_first = data[place + 14 : place + 18] == stream
        place += 27 + len(lengths)
        for length in lengths:
            if is_first:
                yield data[place : place + length]
            place += length


def _synchsafe(raw: bytes) -> int:
    """A number of seven bits a byte."""
    number = 0
    for byte in raw:
        number = number << 7 | byte & 0x7F
    return number


def _described(encoding: int, body: bytes) -> tuple[str, str]:
    """Description and text of a frame; a zero of the encoding's width stands between them."""
    name = _ENCODINGS[encoding] if encoding < len(_ENCODINGS) else "latin-1"
    if encoding in (1, 2):
        end = next((at for at in range(0, len(body) - 1, 2) if body[at : at + 2] == b"\0\0"), len(body))
        first, second = body[:end], body[end + 2 :]
    else:
        first, _, second = body.partition(b"\0")
    return first.decode(name, "replace"), second.decode(name, "replace").rstrip("\0")
