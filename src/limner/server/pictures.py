"""Encodes pictures for ``/view`` and joins masks: in threads of its own, with a small cache of what was encoded.

Pillow is imported by the first picture, so that the server starts without it.
"""

import asyncio
import io
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from limner.graph.errors import DocumentError

if TYPE_CHECKING:
    from PIL import Image

THREADS = 2
CACHE_BYTES = 32 << 20
MAX_PIXELS = 1 << 26
"""Larger pictures are refused: to encode one takes some 20 bytes of memory a pixel, and many seconds."""

DAMAGED = (ValueError, SyntaxError, LookupError, TypeError, EOFError, ArithmeticError, struct.error, zlib.error)
"""What Pillow raises over files that are not what they say, beside OSError."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM", "TGA", "PSD", "JPEG2000", "QOI")
"""Formats that are opened. Pillow knows more, but some of them run other programs (EPS) or have few eyes on them."""

Result = TypeVar("Result")


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """How a picture is wanted.

    Attributes:
        format: ``webp``, ``jpeg`` or ``png``.
        quality: 0..100, for the first two.
        channel: ``rgb``: without alpha; ``a``: black with the picture's alpha; else as it is.
        longest: Longest side in pixels; larger pictures are made smaller. 0: as it is.
    """

    format: str
    quality: int = 90
    channel: str = "rgba"
    longest: int = 0


class Pictures:
    """Encodes pictures beside the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pictures")
        self._cache: OrderedDict[tuple[str, int, int, Rendition], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    async def encode(self, path: Path, wanted: Rendition) -> bytes:
        """A picture in another form.

        Raises:
            DocumentError: if the file is no picture, or too large a one.
            OSError: if it cannot be read.
        """
        return await self.run(lambda: self._encoded(path, wanted))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Runs other work on pictures in the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Lets the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _encoded(self, path: Path, wanted: Rendition) -> bytes:
        state = path.stat()
        key = (str(path), state.st_mtime_ns, state.st_size, wanted)
        with self._lock:
            held = self._cache.get(key)
            if held is not None:
                self._cache.move_to_end(key)
                return held
        encoded = encode(path, wanted)
        with self._lock:
            if key not in self._cache and len(encoded) < CACHE_BYTES // 2:
                self._cache[key] = encoded
                self._bytes += len(encoded)
            while self._bytes > CACHE_BYTES:
                self._bytes -= len(self._cache.popitem(last=False)[1])
        return encoded


def encode(source: Path | io.BytesIO, wanted: Rendition) -> bytes:
    """The bytes of a picture in the wanted form.

    Raises:
        DocumentError: if the file is no picture, or too large a one.
    """
    buffer = io.BytesIO()
    with open_picture(source) as picture, readable(_name(source)):
        shown = _channel(picture, wanted)
        if wanted.longest:
            shown.thumbnail((wanted.longest, wanted.longest))
        if wanted.format == "png":
            shown.save(buffer, "PNG", compress_level=4)
        else:
            shown.save(buffer, wanted.format.upper(), quality=wanted.quality)
    return buffer.getvalue()


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Raises DocumentError for what codecs raise over damaged or hostile pictures, of which each has its own words."""
    try:
        yield
    except DAMAGED as error:
        raise DocumentError(f"{name} is damaged, or cannot be shown in this form ({type(error).__name__}).") from error
    except OSError as error:
        if error.errno is None:  # A codec's, not the disk's.
            raise DocumentError(f"{name} is damaged, or cannot be shown in this form.") from error
        raise


def _name(source: Path | io.BytesIO) -> str:
    return source.name if isinstance(source, Path) else "what was sent"


def open_picture(source: Path | io.BytesIO) -> "Image.Image":
    """Opens a picture without reading its pixels yet.

    Raises:
        DocumentError: if it is none, or has more than ``MAX_PIXELS``.
        OSError: if the file cannot be read.
    """
    from PIL import Image, UnidentifiedImageError  # Loaded by the first picture only.

    name = _name(source)
    with readable(name):
        try:
            picture = Image.open(source, formats=FORMATS)
        except UnidentifiedImageError as error:  # Its text has the whole path in it.
            raise DocumentError(f"{name} is not a picture that can be shown.") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DocumentError(f"{name} is not a picture that can be shown ({error}).") from error
    if picture.width * picture.height > MAX_PIXELS:
        picture.close()
        raise DocumentError(f"{name} has {picture.width} x {picture.height} pixels; at most {MAX_PIXELS} are shown.")
    return picture


def picture_size(source: Path) -> tuple[int, int]:
    """Width and height of a picture. Raises what ``open_picture`` does."""
    with open_picture(source) as picture:
        return picture.size


def _channel(picture: "Image.Image", wanted: Rendition) -> "Image.Image":
    from PIL import Image

    if wanted.channel == "a":
        alpha = _alpha(picture)
        shown = Image.new("RGBA", alpha.size, (0, 0, 0, 255))
        shown.putalpha(alpha)
        return shown
    if wanted.channel == "rgb" or wanted.format == "jpeg":
        return _without_alpha(picture)
    if picture.mode in ("RGB", "RGBA", "L"):
        return picture
    return picture.convert("RGBA" if _has_alpha(picture) else "RGB")


def _without_alpha(picture: "Image.Image") -> "Image.Image":
    """The colours as they are, not blended with anything."""
    from PIL import Image

    if picture.mode == "RGBA":
        red, green, blue, _ = picture.split()
        return Image.merge("RGB", (red, green, blue))
    return picture.convert("RGB")


def _alpha(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if _has_alpha(picture):
        return picture.convert("RGBA").getchannel("A")
    return Image.new("L", picture.size, 255)


def _has_alpha(picture: "Image.Image") -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def join_mask(original: Path, mask: Path, target: Path) -> None:
    """Writes the original as an RGBA PNG with the mask picture's alpha; the original's texts are kept.

    Raises:
        DocumentError: if one of them is no picture, or the sizes differ.
    """
    from PIL.PngImagePlugin import PngInfo

    with open_picture(original) as base, open_picture(mask) as drawn, readable(original.name):
        if base.size != drawn.size:
            raise DocumentError(
                f"The mask has {drawn.width} x {drawn.height} pixels and {original.name} {base.width} x {base.height}: "
                "draw the mask at the picture's size."
            )
        texts = PngInfo()
        for key, text in getattr(base, "text", {}).items():
            texts.add_text(key, text)
        joined = base.convert("RGBA")
        joined.putalpha(_alpha(drawn))
        joined.save(target, "PNG", compress_level=4, pnginfo=texts)
