"""Pictures that callers name: results of earlier jobs, data, and files of their own machine."""

import base64
import binascii
import re
from pathlib import Path

import anyio

from limner_client import AsyncClient, ClientError
from limner_mcp.answers import NO_MEDIA_TYPE, Content, media_type_of, path_of, read
from limner_mcp.jobs import state_of

RESOURCE = re.compile(r"limner://jobs/(?P<job>[\w.-]+)/(?P<number>\d+)\.\w+")
DATA = re.compile(r"data:(?P<type>[\w.+/-]*)(?:;[\w=.-]+)*;base64,(?P<data>.*)", re.DOTALL)

LARGEST = 64 << 20
"""Bytes of a file of the caller's machine."""


async def content_of(client: AsyncClient, given: str, *, local: bool) -> Content:
    """What a caller's word for a picture stands for.

    Args:
        client: To fetch results of jobs with.
        given: ``limner://jobs/ID/1.png``, ``data:image/png;base64,...``, or a path.
        local: The caller is a user of this machine, so that paths mean something and may be read.

    Raises:
        ClientError: if there is nothing under that word.
    """
    if RESOURCE.fullmatch(given):
        return await read_resource(client, given)
    if found := DATA.fullmatch(given):
        try:
            return Content(base64.b64decode(found["data"], validate=True), found["type"] or NO_MEDIA_TYPE)
        except binascii.Error as error:
            raise ClientError(f"The data: URI is not in base64 ({error}).") from error
    if local and "://" not in given and not given.startswith("data:"):
        return await _read(Path(given.removeprefix("file:")).expanduser())
    paths = "the path of a file, " if local else ""
    raise ClientError(
        f"{given[:80]!r} is no picture. Give {paths}a data:image/...;base64, URI or limner://jobs/ID/1.png."
    )


async def read_resource(client: AsyncClient, uri: str) -> Content:
    """A file that a job left.

    Raises:
        ClientError: if the caller has no such job, or it left no such file.
    """
    found = RESOURCE.fullmatch(uri)
    if found is None:
        raise ClientError(f"{uri[:80]!r} should look like limner://jobs/ID/1.png.")
    state, number = await state_of(client, found["job"]), int(found["number"])
    if not 1 <= number <= len(state.files):
        raise ClientError(f"Job {state.id} is {state.status} and has {len(state.files)} files; there is no {number}.")
    return await read(client, path_of(state.id, number))


async def _read(path: Path) -> Content:
    """A file of this machine that is a picture by its name."""
    media_type = media_type_of(path.name)
    if not media_type.startswith("image/"):
        raise ClientError(f"{path} is no picture by its name; it should end in .png, .jpg or .webp.")
    place = anyio.Path(path)
    try:
        if (await place.stat()).st_size > LARGEST:
            raise ClientError(f"{path} is larger than {LARGEST >> 20} MiB.")
        return Content(await place.read_bytes(), media_type)
    except OSError as error:
        raise ClientError(f"{path} cannot be read: {error.strerror}.") from error
