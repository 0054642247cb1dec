"""Pictures as A1111's answers hold them: in the asked format with their settings inside, and all of them on one sheet.

Pillow is imported by the first picture that needs it, so that the server starts without it.
"""

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from limner.server.pictures import open_picture, readable

if TYPE_CHECKING:
    from PIL import Image

USER_COMMENT = 0x9286
"""EXIF's tag for a text. Source: Exif 2.32, section 4.6.5."""

EXIF_BLOCK = 0x8769
UTF_16 = b"UNICODE\x00"
"""Says how the text is encoded."""


def encoded(png: bytes, form: str, quality: int, text: str) -> bytes:
    """A picture in the asked format.

    Args:
        png: As it was saved.
        form: ``png`` gives it as it is; ``jpeg`` or ``webp``.
        quality: Of the last two, 0..100.
        text: Its settings, for the last two; empty: none.
    """
    if form == "png":
        return png
    with open_picture(io.BytesIO(png)) as picture, readable("a picture"):
        shown = picture.convert("RGB")
    exif = _exif(text) if text else b""
    buffer = io.BytesIO()
    shown.save(buffer, form.upper(), quality=quality, exif=exif)
    return buffer.getvalue()


def _exif(text: str) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(EXIF_BLOCK)[USER_COMMENT] = UTF_16 + text.encode("utf-16-be", "replace")
    return exif.tobytes()


def sheet(pictures: Sequence[bytes], rows: int, text: str = "") -> bytes:
    """All pictures side by side, as a PNG file.

    Args:
        pictures: Files.
        rows: How many; below 1: as many as make it nearly square.
        text: Its settings; empty: none.
    """
    from PIL import Image

    shown = [opened(data) for data in pictures]
    rows = min(rows if rows > 0 else max(1, round(math.sqrt(len(shown)))), len(shown))
    columns = math.ceil(len(shown) / rows)
    width, height = max(one.width for one in shown), max(one.height for one in shown)
    whole = Image.new("RGB", (columns * width, rows * height))
    for number, picture in enumerate(shown):
        whole.paste(picture, (number % columns * width, number // columns * height))
    return packed(whole, text)


def unfinished(preview: bytes, size: tuple[int, int]) -> bytes:
    """What a drawing looked like when it was stopped, at its size, as a PNG file."""
    return packed(opened(preview).resize(size))


def packed(picture: "Image.Image", text: str = "") -> bytes:
    """A picture as a PNG file. Args: text: Its settings; empty: none."""
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    if text:
        told.add_itxt("parameters", text)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, pnginfo=told)
    return buffer.getvalue()


def opened(data: bytes) -> "Image.Image":
    """The picture of a file, without transparency."""
    with open_picture(io.BytesIO(data)) as picture, readable("a picture"):
        return picture.convert("RGB")
