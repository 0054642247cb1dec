"""Pictures that bodies name instead of bringing them along as files: as a text, or by an address on the web.

An address is fetched as guardedly as models are: this server must not be led into the network that it stands in. An
address of this server itself, as its own answers give them, is read from the caller's folders.
"""

import asyncio
import base64
import binascii
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import aiohttp
from aiohttp import web

from limner.graph.errors import DocumentError, LimnerError
from limner.hub.addresses import Addresses
from limner.hub.patience import Patience
from limner.hub.refusal import PullError
from limner.hub.web import Web
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.form_parts import InputPicture, keep_picture
from limner.server.limits import check_storage
from limner.server.public_address import address_of
from limner.server.route import SERVICE
from limner.storage.contacted_hosts import PICTURES
from limner.storage.folders import Folders, resolve

ADDRESSES = ("http://", "https://")
PATIENCE = 30.0
"""Seconds that a picture may take to come."""

TRIES = 2


async def sent_bytes(request: web.Request, text: str) -> bytes:
    """What a text stands for: an address, a data URI, or base64 without a head.

    Raises:
        DocumentError: if it stands for nothing, or what it names cannot be had; says why.
    """
    if not text.startswith(ADDRESSES):
        return await beside(lambda: decoded(text))
    own = f"{address_of(request)}/view?"
    if text.startswith(own):
        query = dict(urllib.parse.parse_qsl(text.removeprefix(own)))
        folders = folders_of(request)
        return await beside(lambda: _own(folders, query))
    service = request.app[SERVICE]
    settings = service.settings
    return await fetched(
        text,
        settings.max_upload,
        private=settings.private_sources,
        asked=lambda host: service.hosts.note(host, PICTURES),
    )


async def sent_picture(request: web.Request, text: str, subfolder: str) -> InputPicture:
    """What a text stands for, among the caller's input pictures.

    Raises:
        DocumentError: if it is no picture, or cannot be had.
        GraphError: if the caller may store nothing more.
        StorageError: if it cannot be written.
    """
    await check_storage(request)
    data, folder = await sent_bytes(request, text), folders_of(request).input
    return await beside(lambda: keep_picture(data, folder, subfolder))


def decoded(text: str) -> bytes:
    """The bytes of a data URI or of base64.

    Raises:
        DocumentError: if it is neither.
    """
    head, comma, body = text.partition(",") if text.startswith("data:") else ("", "", text)
    if head and (not comma or not head.endswith(";base64")):
        raise DocumentError("A data URI should read data:image/png;base64,...")
    packed = "".join(body.split()).rstrip("=")
    if not packed:
        raise DocumentError("A picture was expected (an address, a data URI or base64), but the text is empty.")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError(f"This is neither an address, a data URI nor base64: {text[:40]!r}.") from error


async def fetched(address: str, largest: int, *, private: bool, asked: Callable[[str], None] | None = None) -> bytes:
    """What is at an address on the web.

    Args:
        address: Begins with http:// or https://.
        largest: Bytes; more are not taken.
        private: It may be in this server's own network.
        asked: Is told of every host that is asked.

    Raises:
        DocumentError: if it cannot be had.
    """

    async def take(answer: aiohttp.ClientResponse) -> bytes:
        return await _whole(answer, largest)

    patience = Patience(tries=TRIES, longest=PATIENCE / 10)
    try:
        async with asyncio.timeout(PATIENCE), Web(Addresses(private=private), patience, asked) as asking:
            return await asking.ask(address, take)
    except PullError as error:
        raise DocumentError(_told(address, error)) from error
    except ValueError as error:
        raise DocumentError(f"{address!r:.200} is, or leads to, no address on the web ({error}).") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DocumentError(f"{address!r:.200} did not answer with a picture in {PATIENCE:.0f} seconds.") from error


def _told(address: str, error: PullError) -> str:
    if error.code != "refused":
        return str(error)
    return (
        f"{address!r:.200} may not be asked: it is no http(s) address of the public internet. Send the picture itself "
        "as a data URI, or start the server with --allow-private-sources if that network is yours."
    )


async def _whole(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    data = bytearray()
    async for piece in answer.content.iter_any():
        data += piece
        if len(data) > largest:
            raise PullError("unreachable", f"{answer.url} has more than {largest} bytes, which is the most taken here.")
    return bytes(data)


def _own(folders: Folders, query: Mapping[str, str]) -> bytes:
    """A file that this server made for the caller."""
    try:
        folder = resolve(folders.of_type(query.get("type", "output")), query.get("subfolder") or ".")
        return _file(folder, query.get("filename", "")).read_bytes()
    except (LimnerError, OSError, ValueError) as error:
        raise DocumentError(f"There is no file {query.get('filename', '')!r:.100} here.") from error


def _file(folder: Path, name: str) -> Path:
    return resolve(folder, PurePosixPath(name.replace("\\", "/")).name)
