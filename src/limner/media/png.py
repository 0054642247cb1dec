"""PNG as fast as the standard library allows.

Pillow spends most of its time in a per-row search for the best filter and in zlib's string matching. Photographs gain
nothing from either: one fixed filter for the whole picture and run-length matching are several times faster and even
smaller. Flat pictures (drawings, text) are the opposite, so a few sampled rows decide. Reading is left to Pillow.
"""

import struct
import zlib
from collections.abc import Mapping

import numpy as np

from limner.graph.errors import NumericsError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG colour type by number of channels: grey, grey and alpha, RGB, RGBA."""
UP, AVERAGE = 2, 3
FLAT_SHARE = 0.6
SAMPLED_ROWS = 16
LONGEST_KEYWORD = 79


def encode_png(pixels: np.ndarray, texts: Mapping[str, str] | None = None) -> bytes:
    """A picture as a PNG file.

    Args:
        pixels: uint8 [h w c] with 1 to 4 channels, or [h w].
        texts: Text chunks by keyword. Keywords that PNG cannot hold (empty, over 79 characters, not Latin-1) are left
            out: metadata must not cost a finished picture.

    Returns:
        The bytes of the file.

    Raises:
        NumericsError: if the array is no picture.

    Cost: about 25 ms for 1024 x 1024 RGB.
    Source: W3C, Portable Network Graphics (Third Edition), sections 9 and 11.
    """
    rows = pixels[..., None] if pixels.ndim == 2 else pixels
    if rows.dtype != np.uint8 or rows.ndim != 3 or rows.shape[2] not in COLOUR_TYPES or 0 in rows.shape:
        raise NumericsError(f"A PNG needs uint8 [h w 1..4]; this is {rows.dtype} {list(rows.shape)}.")
    height, width, channels = rows.shape
    header = struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0)
    chunks = [_chunk(b"IHDR", header)]
    chunks += [_text_chunk(key, text) for key, text in (texts or {}).items() if _is_keyword(key)]
    chunks += [_chunk(b"IDAT", _compressed(rows.reshape(height, width * channels), channels)), _chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def _compressed(rows: np.ndarray, channels: int) -> bytes:
    """Filtered and deflated image data. Shapes: rows [h w*c]."""
    flat = _is_flat(rows)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = UP if flat else AVERAGE
    np.subtract(rows, _above(rows) if flat else _average(rows, channels), out=filtered[:, 1:])
    strategy = zlib.Z_DEFAULT_STRATEGY if flat else zlib.Z_RLE
    deflate = zlib.compressobj(1, zlib.DEFLATED, 15, 9, strategy)
    return deflate.compress(filtered.data) + deflate.flush()


def _is_flat(rows: np.ndarray) -> bool:
    """Whether most bytes equal the one above them, judged by a few rows."""
    if rows.shape[0] < 2:
        return False
    sampled = np.linspace(1, rows.shape[0] - 1, SAMPLED_ROWS).astype(int)
    return bool((rows[sampled] == rows[sampled - 1]).mean() > FLAT_SHARE)


def _above(rows: np.ndarray) -> np.ndarray:
    """The row above each row, zeros above the first."""
    above = np.zeros_like(rows)
    above[1:] = rows[:-1]
    return above


def _average(rows: np.ndarray, channels: int) -> np.ndarray:
    """The mean, rounded down, of the byte above and the same channel of the pixel to the left."""
    above, left = _above(rows), np.zeros_like(rows)
    left[:, channels:] = rows[:, :-channels]
    # floor((a + b) / 2) without leaving 8 bits: common bits, and half of the differing ones
    return (above & left) + ((above ^ left) >> 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _is_keyword(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEYWORD and all(32 <= ord(letter) < 256 for letter in key)


def _text_chunk(key: str, text: str) -> bytes:
    """Latin-1 texts as tEXt, which everybody reads, others as iTXt."""
    keyword = key.encode("latin-1")
    try:
        return _chunk(b"tEXt", keyword + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))
