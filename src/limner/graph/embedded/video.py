"""Tags of MP4 (and MOV, M4A) and of WEBM (and MKV) files.

Source: ISO/IEC 14496-12, section 4.2; QuickTime File Format, "Metadata"; RFC 8794 (EBML); RFC 9559
(Matroska), section 5.1.8.
"""

from collections.abc import Iterator
from typing import NamedTuple

LARGEST_TEXT = 64 << 20
"""Bytes of one text."""

_MOST_BOXES = 100_000
_META_PLACES = ((b"moov", b"udta", b"meta"), (b"moov", b"meta"), (b"meta",))
_SHORT_NAMES = {b"\xa9cmt": "comment", b"desc": "description", b"ldes": "description", b"\xa9nam": "title"}

_SEGMENT, _CLUSTER, _TAGS, _TAG, _SIMPLE = 0x18538067, 0x1F43B675, 0x1254C367, 0x7373, 0x67C8
_TAG_NAME, _TAG_TEXT = 0x45A3, 0x4487


class _Span(NamedTuple):
    """A box or element: what it is, and where its content begins and ends."""

    kind: bytes
    start: int
    end: int


def mp4_texts(data: bytes) -> dict[str, str]:
    """Texts of the metadata boxes of an MP4 file, by keyword in lower case."""
    texts: dict[str, str] = {}
    for path in _META_PLACES:
        spans = [_Span(b"", 0, len(data))]
        for step in path:
            spans = [box for span in spans for box in _boxes(data, span.start, span.end) if box.kind == step]
        for meta in spans:
            for keyword, text in _meta_texts(data, meta):
                texts.setdefault(keyword, text)
    return texts


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Span]:
    """Yields the boxes between two places."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, kind, head = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        size = end - start if size == 0 else size
        if size < head:
            return
        yield _Span(kind, start + head, min(start + size, end))
        start += size


def _meta_texts(data: bytes, meta: _Span) -> Iterator[tuple[str, str]]:
    """Keywords and texts of a meta box, which may begin with four bytes of version and flags."""
    skipped = 0 if data[meta.start + 4 : meta.start + 8] == b"hdlr" else 4
    boxes = list(_boxes(data, meta.start + skipped, meta.end))
    keys: list[str] = []
    for box in boxes:
        if box.kind == b"keys":
            keys = [_name(data[key.start : key.end]) for key in _boxes(data, box.start + 8, box.end)]
    for box in boxes:
        if box.kind == b"ilst":
            for item in _boxes(data, box.start, box.end):
                yield from _item(data, item, keys)


def _item(data: bytes, item: _Span, keys: list[str]) -> Iterator[tuple[str, str]]:
    """Keyword and text of one entry: named by number, by a short name, or (``----``) by a box inside."""
    inside = {box.kind: box for box in _boxes(data, item.start, item.end)}
    value = inside.get(b"data")
    number = int.from_bytes(item.kind, "big")
    keyword = keys[number - 1] if 0 < number <= len(keys) else _SHORT_NAMES.get(item.kind, "")
    if b"name" in inside:
        keyword = _name(data[inside[b"name"].start + 4 : inside[b"name"].end])
    if value is not None and keyword and value.end - value.start <= LARGEST_TEXT:
        yield keyword, data[value.start + 8 : value.end].decode("utf-8", "replace")


def _name(raw: bytes) -> str:
    """A keyword; ``com.apple.quicktime.comment`` is a comment."""
    return raw[:200].decode("utf-8", "replace").rpartition("quicktime.")[2].lower()


def matroska_texts(data: bytes) -> dict[str, str]:
    """Texts of the tags of a WEBM or Matroska file, by keyword in lower case."""
    texts: dict[str, str] = {}
    spans = [_Span(b"", 0, len(data))]
    for step in (_SEGMENT, _TAGS, _TAG, _SIMPLE):
        wanted = _key(step)
        spans = [each for span in spans for each in _elements(data, span) if each.kind == wanted]
    for simple in spans:
        inside = {each.kind: data[each.start : each.end] for each in _elements(data, simple)}
        name, text = inside.get(_key(_TAG_NAME)), inside.get(_key(_TAG_TEXT))
        if name and text and len(text) <= LARGEST_TEXT:
            texts.setdefault(name.decode("utf-8", "replace").lower(), text.decode("utf-8", "replace").rstrip("\0"))
    return texts


def _elements(data: bytes, span: _Span) -> Iterator[_Span]:
    """Yields the elements in a span. One of unknown size (a stream's) reaches to the end of the span."""
    place = span.start
    for _ in range(_MOST_BOXES):
        if place + 2 > span.end:
            return
        width = 9 - data[place].bit_length()
        kind = data[place : place + width]
        place += width
        if width > 4 or place >= span.end:
            return
        length_width = 9 - data[place].bit_length()
        if length_width > 8:
            return
        size = int.from_bytes(data[place : place + length_width], "big") & ((1 << 7 * length_width) - 1)
        place += length_width
        unknown = size == (1 << 7 * length_width) - 1
        if unknown and kind == _key(_CLUSTER):
            return  # pictures follow, whose elements cannot be passed over as one
        end = span.end if unknown else min(place + size, span.end)
        yield _Span(kind, place, end)
        place = end


def _key(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
