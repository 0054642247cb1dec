"""Small pictures of files: ``/limner/thumbnails/{picture}``, and ``/limner/thumbnail`` of any file by its name."""

from pathlib import Path

from aiohttp import hdrs, web

from limner.dialects.comfy.asset_json import DIGEST
from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import StorageError
from limner.server.assets.parts import library_of
from limner.server.bodies import beside
from limner.server.caller import caller_of, folders_of
from limner.server.file_reply import SANDBOX
from limner.server.gallery.answers import unknown_picture
from limner.server.gallery.parts import THUMBNAILS, gallery_of
from limner.server.gallery.thumbnails import SIZES
from limner.server.replies import empty_reply, error_reply
from limner.server.route import route
from limner.storage.folders import ANNOTATIONS, resolve_closed

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


@route("GET", "/limner/thumbnails/{picture}", mirrored=False)
async def thumbnail(request: web.Request) -> web.Response:
    """A file of the gallery by its id, or one by its content (``blake3:...``); ``size`` is 256 or 512."""
    name = request.match_info["picture"]
    return await _sent(request, await beside(lambda: _found(request, name)), name)


@route("GET", "/limner/thumbnail", mirrored=False)
async def thumbnail_of_file(request: web.Request) -> web.Response:
    """A file by ``filename``, ``subfolder`` and ``type``."""
    query, folders = request.query, folders_of(request)
    name, kind = query.get("filename", ""), query.get("type", "output")

    def find() -> Path | None:
        if kind not in ANNOTATIONS or not name:
            return None
        inside = f"{query['subfolder']}/{name}" if query.get("subfolder") else name
        try:
            path = resolve_closed(folders.of_type(kind), inside)
            return path if path.is_file() else None
        except (StorageError, OSError, ValueError):
            return None

    return await _sent(request, await beside(find), name)


def _found(request: web.Request, name: str) -> Path | None:
    if DIGEST.fullmatch(name):
        library = library_of(request)
        known = library.index.with_digest(name.removeprefix("blake3:"))
        return next((path for asset in known if (path := library.path(asset)) is not None), None)
    gallery = gallery_of(request)
    entry = gallery.index.get(name)
    return None if entry is None else gallery.path(entry)


async def _sent(request: web.Request, source: Path | None, name: str) -> web.Response:
    """The thumbnail of a file."""
    if source is None:
        raise unknown_picture(name)
    size = _size(request)
    try:
        made = await request.app[THUMBNAILS].get(caller_of(request).owner, source, size)
    except OSError:
        raise unknown_picture(name) from None
    if made is None:
        return error_reply(404, "no_thumbnail", f"There is no small picture of {source.name!r:.100}.")
    data, tag = made
    kept = FOR_EVER if request.query.get("v") else ASK_AGAIN
    headers = {hdrs.ETAG: f'"{tag}"', hdrs.CACHE_CONTROL: kept, "Content-Security-Policy": SANDBOX}
    if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
        answer = empty_reply(304)
        answer.headers.update(headers)
        return answer
    return web.Response(body=data, content_type="image/webp", headers=headers)


def _size(request: web.Request) -> int:
    """The longest side that a request asks for.

    Raises:
        GraphError: if there are none of that size.
    """
    text = request.query.get("size", "") or str(SIZES[0])
    if text not in {str(size) for size in SIZES}:
        raise refusal("invalid_query", f"size must be {' or '.join(str(size) for size in SIZES)}.")
    return int(text)
