"""Small forms in memory: fields, and pictures that become input pictures under the name of their content."""

import asyncio
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from limner.graph.errors import DocumentError
from limner.server.pictures import open_picture, readable
from limner.server.whole_files import store_whole

MOST_PARTS = 100
SILENCE = 30.0
"""Seconds that a client may be silent in the middle of a form,"""

PATIENCE = 600.0
"""and that the whole form may take to arrive."""

SUFFIXES = {"JPEG": ".jpg", "JPEG2000": ".jp2"}


@dataclass
class Form:
    """A form's parts.

    Attributes:
        fields: Texts by name; of equal names the last.
        files: Bytes by name, in order.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)


async def read_form(request: web.Request) -> Form:
    """Reads a multipart form that fits into the largest body.

    Raises:
        DocumentError: if it is none.
        HTTPRequestEntityTooLarge: above the application's limit.
        HTTPRequestTimeout: if it does not arrive in time.
    """
    if not request.content_type.startswith("multipart/"):
        raise DocumentError("Send a multipart/form-data body.")
    try:
        async with asyncio.timeout(PATIENCE):
            return await _parts(await request.multipart(), request.client_max_size)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text="The form did not arrive in time.") from error
    except (ValueError, AssertionError, HttpProcessingError) as error:
        raise DocumentError(f"The form cannot be read ({error}).") from error


async def _parts(reader: MultipartReader, limit: int) -> Form:
    form, size = Form(), 0
    for _ in range(MOST_PARTS):
        async with asyncio.timeout(SILENCE):
            part = await reader.next()
        if part is None:
            return form
        if isinstance(part, MultipartReader):
            raise DocumentError("A form in a form was sent; send plain parts.")
        data = await _read(part, limit - size)
        size += len(data)
        _keep(form, part, data)
    raise DocumentError(f"The form has more than {MOST_PARTS} parts.")


async def _read(part: BodyPartReader, left: int) -> bytes:
    data = bytearray()
    while chunk := await _chunk(part):
        data += chunk
        if len(data) > left:
            raise web.HTTPRequestEntityTooLarge(max_size=left, actual_size=len(data))
    return bytes(data)


async def _chunk(part: BodyPartReader) -> bytes:
    async with asyncio.timeout(SILENCE):
        return await part.read_chunk(1 << 18)


def _keep(form: Form, part: BodyPartReader, data: bytes) -> None:
    name = (part.name or "").removesuffix("[]")
    if part.filename is not None:
        form.files.setdefault(name, []).append(data)
    else:
        form.fields[name] = data.decode("utf-8", "replace")


@dataclass(frozen=True)
class InputPicture:
    """A picture in the input folder.

    Attributes:
        name: As ``LoadImage`` names it.
        size: Width and height.
        alpha: It has transparent parts, or could have.
    """

    name: str
    size: tuple[int, int]
    alpha: bool


def keep_picture(data: bytes, folder: Path, subfolder: str) -> InputPicture:
    """Puts a picture among the input pictures, under the name of its content. Blocks.

    Raises:
        DocumentError: if it is none, or a damaged or too large one.
        StorageError: if it cannot be written.
    """
    with open_picture(io.BytesIO(data)) as picture, readable("what was sent"):
        kind, size = picture.format or "PNG", picture.size
        alpha = "A" in picture.getbands() or "transparency" in picture.info
        picture.load()  # A picture that ends in the middle is told now, not by a job that fails.
    suffix = SUFFIXES.get(kind, f".{kind.lower()}")
    name = f"{hashlib.sha256(data).hexdigest()[:32]}{suffix}"
    path = folder / subfolder / name
    if path.exists():
        path.touch()  # It is asked for again, so it is not old.
    else:
        store_whole(path, data)
    return InputPicture(f"{subfolder}/{name}", size, alpha)
