"""Pictures and other files: ``/view``."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from aiohttp import hdrs, web

from limner.dialects.comfy.asset_json import PREFIX, read_digest
from limner.graph.errors import StorageError
from limner.server.assets.parts import assets_of
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.file_reply import SANDBOX, disposition, file_reply
from limner.server.pictures import Rendition
from limner.server.replies import empty_reply
from limner.server.route import PICTURES, route
from limner.storage.folders import ANNOTATIONS, Folders, resolve

VECTOR_IMAGE = {".svg": "image/svg+xml"}
"""Shown only where a browser loads it as a picture of a page, since scripts in it do not run there."""


@route("GET", "/view")
async def view(request: web.Request) -> web.StreamResponse:
    """A file from the input, output or temp folder; with ``preview`` or ``channel`` re-encoded."""
    query = request.query
    if query.get("filename", "").startswith(PREFIX):
        found = await _by_content(request, query["filename"])
    else:
        found = _find(folders_of(request), query)
    if isinstance(found, int):
        return empty_reply(found)
    wanted = rendition(query)
    if wanted is None:
        within_page = request.headers.get("Sec-Fetch-Dest") == "image"
        reply = file_reply(found, also=VECTOR_IMAGE if within_page else None)
        if found.suffix.lower() in VECTOR_IMAGE:
            reply.headers.add(hdrs.VARY, "Sec-Fetch-Dest")
        return reply
    return await _encoded(request, found, wanted)


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


async def _by_content(request: web.Request, name: str) -> Path | int:
    """A file with some content, or the status of the refusal."""
    library, digest = assets_of(request), read_digest(name)
    if library is None:
        return 404
    found = await beside(lambda: library.with_digest(digest))
    return found[0][1] if found else 404


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


async def _encoded(request: web.Request, path: Path, wanted: Rendition) -> web.Response:
    state = path.stat()
    tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}-{wanted.format}-{wanted.quality}-{wanted.channel}"'
    headers = {hdrs.CONTENT_DISPOSITION: disposition(path.name), "Content-Security-Policy": SANDBOX, hdrs.ETAG: tag}
    if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
        return web.Response(status=304, headers=headers)
    try:
        body = await request.app[PICTURES].encode(path, wanted)
    except OSError:
        return empty_reply(404)
    return web.Response(body=body, content_type=f"image/{wanted.format}", headers=headers)
