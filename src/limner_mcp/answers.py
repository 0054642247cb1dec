"""What tools answer: a few words, the pictures themselves as far as a host can take them, and links to all files."""

import base64
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcp.types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from limner_client import AsyncClient
from limner_mcp.jobs import State

SCHEME = "limner"

SHOWN_BYTES = 600_000
"""Of all pictures that one answer shows: hosts refuse more than about a megabyte, and as text it is a third more."""

SMALLER = "webp;80"
"""How a picture is shown whose own file is too large for that."""

NO_MEDIA_TYPE = "application/octet-stream"

MEDIA_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "opus": "audio/ogg",
}
"""Of files by their endings, the same on every machine."""

OTHER = "bin"
"""The ending of resources that are none of these."""


@dataclass(frozen=True)
class Content:
    """A file's bytes, and what they are."""

    data: bytes
    media_type: str = NO_MEDIA_TYPE

    @property
    def uri(self) -> str:
        """All of it as one word."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


@dataclass(frozen=True)
class Entry:
    """A file as a resource.

    Attributes:
        uri: Under which it can be read.
        path: Where the server answers with it.
        file: What is told of it.
    """

    uri: str
    path: str
    file: Mapping[str, Any]


def media_type_of(name: str) -> str:
    """What a file is, by its name's ending."""
    return MEDIA_TYPES.get(_ending(name), NO_MEDIA_TYPE)


def entries_of(state: State) -> list[Entry]:
    """The files of a job: ``limner://jobs/ID/1.png`` and so on."""
    return [
        Entry(f"{SCHEME}://jobs/{state.id}/{number}.{_ending(file['filename'])}", path_of(state.id, number), file)
        for number, file in enumerate(state.files, 1)
    ]


def path_of(job: str, number: int) -> str:
    """Where the server answers with a file of a job, counted from 1."""
    return f"/runs/{job}/files/{number}"


def _ending(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in MEDIA_TYPES else OTHER


async def answer(client: AsyncClient, state: State, facts: Mapping[str, Any]) -> CallToolResult:
    """A job's answer.

    Args:
        client: To fetch pictures with.
        state: How the job stands.
        facts: What else there is to tell, the seed for example.
    """
    entries = entries_of(state)
    files = [{"uri": entry.uri, **entry.file} for entry in entries]
    told = {"job": state.id, "status": state.status, **facts, "files": files, "error": state.error}
    told |= {"texts": list(state.texts)} if state.texts else {}
    told |= {"notes": list(state.notes)} if state.notes else {}
    content: list[ContentBlock] = [
        TextContent(type="text", text=" ".join([_words(state, entries, facts), *state.notes]))
    ]
    content += await _shown(client, [entry for entry in entries if entry.file["type"] == "image"])
    content += [_link(entry) for entry in entries]
    return CallToolResult(content=content, structured_content=told)


def _words(state: State, entries: Sequence[Entry], facts: Mapping[str, Any]) -> str:
    """What a model that sees text only has to know."""
    listed = "".join(f", {name} {value}" for name, value in facts.items() if isinstance(value, str | int))
    match state.status:
        case "succeeded":
            return f"Job {state.id} made {', '.join(entry.uri for entry in entries) or 'no files'}{listed}."
        case "failed":
            return f"Job {state.id} failed: {state.error}"
        case "canceled":
            return f"Job {state.id} was cancelled."
        case _:
            return f"Job {state.id} is {state.status}{listed}. Ask job_status for it, or stop it with cancel."


def _link(entry: Entry) -> ResourceLink:
    return ResourceLink(
        type="resource_link", uri=entry.uri, name=entry.file["filename"], mime_type=entry.file["media_type"]
    )


async def _shown(client: AsyncClient, entries: Sequence[Entry]) -> list[ImageContent]:
    """The pictures that fit, the first ones first."""
    shown: list[ImageContent] = []
    left = SHOWN_BYTES
    for entry in entries:
        content = await read(client, entry.path)
        if len(content.data) > left:
            content = await _smaller(client, entry.file["url"])
        if len(content.data) > left:
            break
        left -= len(content.data)
        data = base64.b64encode(content.data).decode()
        shown.append(ImageContent(type="image", data=data, mime_type=content.media_type))
    return shown


async def read(client: AsyncClient, path: str, query: Mapping[str, str] | None = None) -> Content:
    """A file of the server."""
    async with client.request("GET", path, params=query or {}) as response:
        return Content(await response.read(), response.content_type)


async def _smaller(client: AsyncClient, url: str) -> Content:
    """A picture that is shown at an address, coded with loss."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    place = {name: query[name] for name in ("filename", "subfolder", "type") if name in query}
    return await read(client, "/view", {**place, "preview": SMALLER})
