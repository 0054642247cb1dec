"""Pictures and other files: ``/view``."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from aiohttp import hdrs, web

from limner.graph.errors import StorageError
from limner.server.pictures import Rendition
from limner.server.replies import empty_reply
from limner.server.route import PICTURES, SERVICE, route
from limner.storage.folders import ANNOTATIONS, Folders, resolve

SHOWN_KINDS = ("image/", "audio/", "video/")
SHOWN_TYPES = frozenset({"application/json", "text/plain"})
"""What is sent under its own type, but for XML; a browser would run or open the rest in the server's origin."""

FURTHER_TYPES = {".avif": "image/avif", ".flac": "audio/flac", ".jxl": "image/jxl", ".webp": "image/webp"}
"""What Python's own table does not have in every version."""

BYTES = "application/octet-stream"
SANDBOX = "default-src 'none'; sandbox"


@route("GET", "/view")
async def view(request: web.Request) -> web.StreamResponse:
    """A file from the input, output or temp folder; with ``preview`` or ``channel`` re-encoded."""
    query = request.query
    found = _find(request.app[SERVICE].folders, query)
    if isinstance(found, int):
        return empty_reply(found)
    headers = {hdrs.CONTENT_DISPOSITION: disposition(found.name), "Content-Security-Policy": SANDBOX}
    wanted = rendition(query)
    if wanted is None:
        return _file(found, headers)
    return await _encoded(request, found, wanted, headers)


def rendition(query: Mapping[str, str]) -> Rendition | None:
    """The form that the query asks for; None: the file as it is."""
    channel = query.get("channel", "rgba")
    if "preview" in query:
        kind, _, rest = query["preview"].partition(";")
        form = "jpeg" if kind == "jpeg" and "a" not in query.get("channel", "") else "webp"
        last = rest.rpartition(";")[2]
        quality = min(int(last), 100) if last.isdecimal() and len(last) < 4 else 90
        return Rendition(format=form, quality=quality, channel="rgb" if channel == "rgb" else "rgba")
    return Rendition(format="png", channel=channel) if channel in ("rgb", "a") else None


def disposition(name: str) -> str:
    """The header that tells a file's name."""
    safe = "".join(letter if letter.isprintable() and letter not in '"\\' else "_" for letter in name)
    return f'filename="{safe}"'


def content_type(name: str) -> str:
    """The type by a file's name, if a browser may show it; else just bytes."""
    kind = FURTHER_TYPES.get(PurePosixPath(name).suffix.lower()) or mimetypes.guess_type(name)[0] or BYTES
    shown = kind in SHOWN_TYPES or (kind.startswith(SHOWN_KINDS) and not kind.endswith("xml"))
    return kind if shown else BYTES


def _find(folders: Folders, query: Mapping[str, str]) -> Path | int:
    """The file that is asked for, or the status of the refusal. Only the last part of ``filename`` counts."""
    asked = query.get("filename")
    if asked is None:
        return 404
    bare, kind = folders.annotated(asked, query.get("type", "output"))
    if not bare or bare.startswith(("/", "\\")) or ".." in bare or "\0" in bare or kind not in ANNOTATIONS:
        return 400
    try:
        folder = folders.of_type(kind)
        if query.get("subfolder"):
            folder = resolve(folder, query["subfolder"])
    except StorageError:
        return 403
    try:
        path = resolve(folder, PurePosixPath(bare.replace("\\", "/")).name)
        return path if path.is_file() else 404
    except StorageError:
        return 400
    except (OSError, ValueError):
        return 404


def _file(path: Path, headers: dict[str, str]) -> web.FileResponse:
    kind = content_type(path.name)
    if kind == BYTES:
        headers[hdrs.CONTENT_DISPOSITION] = f"attachment; {headers[hdrs.CONTENT_DISPOSITION]}"
    return web.FileResponse(path, headers=headers | {hdrs.CONTENT_TYPE: kind}, chunk_size=1 << 18)


async def _encoded(request: web.Request, path: Path, wanted: Rendition, headers: dict[str, str]) -> web.Response:
    state = path.stat()
    tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}-{wanted.format}-{wanted.quality}-{wanted.channel}"'
    headers[hdrs.ETAG] = tag
    if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
        return web.Response(status=304, headers=headers)
    try:
        body = await request.app[PICTURES].encode(path, wanted)
    except OSError:
        return empty_reply(404)
    return web.Response(body=body, content_type=f"image/{wanted.format}", headers=headers)
