"""Looks at the beginning of a remote file, to learn what kind of model it is before it is decided where it goes."""

import re
from pathlib import PurePosixPath

import aiohttp
import msgspec

from limner.hub.answers import range_headers
from limner.hub.kind_keys import LANGUAGE_MODELS
from limner.hub.refusal import PullError
from limner.hub.source import RemoteFile
from limner.hub.web import Web
from limner.storage.tensor_marks import kind_of_tensors

FIRST = 256 << 10
"""Bytes that hold the header of most files."""

LARGEST = 32 << 20
"""Bytes of the largest header that is fetched for this."""

_ARCHITECTURE = re.compile(rb"general\.architecture\x08\x00\x00\x00(.{8})", re.DOTALL)


async def kind_of_remote(web: Web, file: RemoteFile) -> str:
    """The kind that a file's header tells; empty if it tells none, or the server sends no parts of files.

    Raises:
        PullError: if the file may not be had.
    """
    suffix = PurePosixPath(file.name).suffix.lower()
    if suffix == ".gguf":
        return _kind_of_gguf(await _beginning(web, file, FIRST))
    if suffix not in (".safetensors", ".sft"):
        return ""
    start = await _beginning(web, file, FIRST)
    length = int.from_bytes(start[:8], "little")
    if len(start) < 8 + length <= LARGEST:
        start = await _beginning(web, file, 8 + length)
    try:
        entries = msgspec.json.decode(start[8 : 8 + length], type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return kind_of_tensors(entries)


async def _beginning(web: Web, file: RemoteFile, length: int) -> bytes:
    """The first bytes; none if the server would send all of it."""

    async def take(answer: aiohttp.ClientResponse) -> bytes:
        return (await answer.content.read(-1))[:length] if answer.status == 206 else b""

    headers = range_headers(0, length, "")
    return await web.ask(file.url, take, token=file.token, gate=file.gate, headers=headers)


def _kind_of_gguf(start: bytes) -> str:
    found = _ARCHITECTURE.search(start)
    if found is None:
        return ""
    begin = found.end()
    name = start[begin : begin + int.from_bytes(found[1], "little")].decode("utf-8", "replace")
    return "text_encoders" if name in LANGUAGE_MODELS else "diffusion_models"


def no_kind(file: RemoteFile) -> PullError:
    """What to say if nothing tells where a file belongs."""
    return PullError(
        "choose",
        f"Nothing tells what kind of model {file.name} is. Say it: --into checkpoints, loras, vae, text_encoders, "
        "diffusion_models, controlnet, upscale_models, embeddings ...",
    )
