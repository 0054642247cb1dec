"""Reads uploads of Comfy API v2: to disk while the content is hashed, never as a whole in memory.

Its clients write the path of a file into the part's header as it is, quotes included, so the header is read with a
pattern of our own and only for the part's name.
"""

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from blake3 import blake3

from limner.dialects.comfy_v2.refusals import invalid_field
from limner.graph.errors import DocumentError
from limner.server.uploads import MOST_FIELDS, next_part, read_chunk, read_short, storing_failed

ENVELOPE = 1 << 20
"""Bytes that a form may be larger than its file."""

MOST_TEXT = 1 << 20
NAME = re.compile(r'(?:^|;)\s*name\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)


@dataclass
class Received:
    """A form.

    Attributes:
        file: Where the bytes lie until they are put in place; None: there were none.
        size: Of the bytes.
        digest: Their BLAKE3.
        type: The media type that came with them, or empty.
        fields: The other parts; of equal names the last.
        tags: All parts of this name.
    """

    file: Path | None = None
    size: int = 0
    digest: str = ""
    type: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)

    def discard(self) -> None:
        """Removes the bytes, if they were not put in place."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


async def receive(request: web.Request, folder: Path, limit: int) -> Received:
    """Reads a form whose part ``file`` goes to ``folder`` under a name of its own.

    Raises:
        GraphError: if it is no form.
        HTTPRequestEntityTooLarge: if the file has more than ``limit`` bytes.
    """
    if not request.content_type.startswith("multipart/"):
        raise invalid_field("Send a multipart/form-data body with the bytes in a part 'file'.")
    if (request.content_length or 0) > limit + ENVELOPE:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=request.content_length or 0)
    received = Received()
    try:
        await _read(request, received, folder, limit)
    except (ValueError, AssertionError, HttpProcessingError, DocumentError) as error:
        received.discard()
        raise invalid_field(f"The form cannot be read ({error}).") from error
    except BaseException:
        received.discard()
        raise
    return received


async def _read(request: web.Request, received: Received, folder: Path, limit: int) -> None:
    reader = await request.multipart()
    parts = text = 0
    while (part := await next_part(reader)) is not None:
        parts += 1
        name = _name(part)
        if name == "file" and received.file is None:
            received.type = part.headers.get(hdrs.CONTENT_TYPE, "")
            await _store(part, received, folder, limit)
            continue
        value = (await read_short(part)).decode("utf-8", "replace")
        text += len(value)
        if parts > MOST_FIELDS or text > MOST_TEXT:
            raise DocumentError("it has more parts or longer ones than any upload")
        received.fields[name] = value
        if name == "tags":
            received.tags.append(value)


def _name(part: BodyPartReader) -> str:
    found = NAME.search(part.headers.get(hdrs.CONTENT_DISPOSITION, ""))
    return (found[1] or found[2] or "") if found else ""


async def _store(part: BodyPartReader, received: Received, folder: Path, limit: int) -> None:
    received.file = folder / f".upload-{secrets.token_hex(8)}"
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await _copy(part, received, received.file, limit)
    except ConnectionError:
        raise
    except OSError as error:
        raise storing_failed(error, "The upload") from error


async def _copy(part: BodyPartReader, received: Received, target: Path, limit: int) -> None:
    digest = blake3()
    with await asyncio.to_thread(target.open, "wb") as file:
        while chunk := await read_chunk(part):
            received.size += len(chunk)
            if received.size > limit:
                raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=received.size)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    received.digest = digest.hexdigest()
