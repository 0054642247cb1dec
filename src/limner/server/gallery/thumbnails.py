"""Small pictures of files: made once for each state of a file, kept on disk under a name of that state."""

import hashlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from limner.graph.errors import LimnerError
from limner.graph.film_formats import SELF_CONTAINED
from limner.server.bodies import beside
from limner.server.pictures import Pictures, Rendition, encode
from limner.storage.gallery_index import media_of

SIZES = (256, 512)
"""Longest sides in pixels."""

QUALITY = 80

MOST_BYTES = 2 << 30
"""Bytes of thumbnails that are kept for an owner; beyond them the oldest go when the server starts."""

FOLDER = "thumbnails"

LOG = logging.getLogger(__name__)


class Thumbnails:
    """Makes and keeps thumbnails.

    Args:
        pictures: Whose threads make them.
        folder: Where they are kept, by owner.
    """

    def __init__(self, pictures: Pictures, folder: Callable[[str], Path]) -> None:
        self._pictures, self._folder = pictures, folder

    async def get(self, owner: str, source: Path, size: int) -> tuple[bytes, str] | None:
        """A WebP and its tag; None if there can be none of this file.

        Raises:
            OSError: if the file cannot be read.
        """
        tag = await beside(lambda: tag_of(source, size))
        kept = self._folder(owner) / tag[:2] / f"{tag}.webp"
        held = await beside(lambda: _read(kept))
        if held is None:
            held = await self._pictures.run(lambda: _make(source, size, kept))
        return (held, tag) if held else None


def tag_of(source: Path, size: int) -> str:
    """A name for a thumbnail of a file as it is now.

    Raises:
        OSError: if there is no such file.
    """
    state = source.stat()
    text = f"{source}\0{state.st_mtime_ns}\0{state.st_size}\0{size}"
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def remove_surplus(folder: Path, most: int = MOST_BYTES) -> int:
    """Removes the oldest thumbnails beyond a number of bytes; gives how many. Blocks."""
    found = []
    for path in folder.glob("*/*.webp"):
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((state.st_mtime_ns, state.st_size, path))
    surplus, removed = sum(size for _, size, _ in found) - most, 0
    for _, size, path in sorted(found):
        if surplus <= 0:
            break
        path.unlink(missing_ok=True)
        surplus, removed = surplus - size, removed + 1
    return removed


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _make(source: Path, size: int, kept: Path) -> bytes | None:
    """A thumbnail, which is kept too; None if the file is no picture and no film."""
    wanted = Rendition(format="webp", quality=QUALITY, longest=size)
    try:
        made = encode(source, wanted) if media_of(source.name) == "image" else _frame(source, wanted)
    except LimnerError as error:
        LOG.debug("no thumbnail of %s: %s", source.name, error)
        return None
    if made is not None:
        _keep(kept, made)
    return made


def _keep(path: Path, data: bytes) -> None:
    beside_it = path.with_name(f".{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside_it.write_bytes(data)
        beside_it.replace(path)
    except OSError as error:
        LOG.warning("A thumbnail cannot be kept: %s", error)
        beside_it.unlink(missing_ok=True)


def _frame(source: Path, wanted: Rendition) -> bytes | None:
    """The first frame of a film; None if it has none, or nothing here can read films."""
    import io

    try:
        import av  # Optional, and loaded by the first film only.
    except ImportError:
        return None
    buffer = io.BytesIO()
    try:
        with av.open(str(source), options=dict(SELF_CONTAINED)) as container:
            frame = next(container.decode(video=0), None)
            if frame is None:
                return None
            picture = frame.to_image()
    except (av.FFmpegError, IndexError, ValueError):
        return None
    picture.thumbnail((wanted.longest, wanted.longest))
    picture.save(buffer, "WEBP", quality=wanted.quality)
    return buffer.getvalue()
