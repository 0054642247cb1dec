"""Models as files: ``/view_metadata``, ``/experiment/models`` and the pictures that lie beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from limner.graph.catalog import Lists
from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.bodies import beside
from limner.server.model_headers import read_metadata
from limner.server.model_pictures import RENDITION, picture_beside, picture_inside
from limner.server.replies import empty_reply, json_reply
from limner.server.route import PICTURES, SERVICE, route
from limner.storage.folders import MODEL_SUFFIXES, Folders, resolve

UNLISTED = ("configs", "custom_nodes")


@route("GET", "/view_metadata/{folder}")
async def metadata(request: web.Request) -> web.Response:
    """What a safetensors file says about itself."""
    folders, name = request.app[SERVICE].folders, request.query.get("filename", "")
    if not name.lower().endswith(".safetensors"):
        return empty_reply(404)

    def read() -> web.Response:
        try:
            found = read_metadata(folders.find(request.match_info["folder"], name))
        except (UnknownNameError, StorageError, OSError, ValueError):
            return empty_reply(404)
        return empty_reply(404) if found is None else json_reply(found)

    return await beside(read)


@route("GET", "/experiment/models")
async def kinds(request: web.Request) -> web.Response:
    """The kinds of models and where they are looked for."""
    folders = request.app[SERVICE].folders
    shown = (kind for kind in folders.kinds() if kind not in UNLISTED)
    return json_reply([{"name": kind, "folders": [str(root) for root in folders.roots(kind)]} for kind in shown])


@route("GET", "/experiment/models/{folder}")
async def files(request: web.Request) -> web.Response:
    """The model files of a kind, with sizes in bytes and times in seconds since 1970."""
    service, kind = request.app[SERVICE], request.match_info["folder"]
    if kind not in service.folders.kinds():
        return empty_reply(404)
    return await beside(lambda: json_reply(list(_listed(service.folders, service.lists, kind))))


@route("GET", "/experiment/models/preview/{folder}/{index}/{file:.+}")
async def preview(request: web.Request) -> web.Response:
    """The picture of a model: one beside it, or the one in its header."""
    folders, place = request.app[SERVICE].folders, request.match_info
    path = await beside(lambda: _model(folders, place["folder"], place["index"], place["file"]))
    if path is None:
        return empty_reply(404)
    pictures, source = request.app[PICTURES], await beside(lambda: picture_beside(path))
    state = await beside((source or path).stat)
    tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
        return web.Response(status=304, headers={hdrs.ETAG: tag})
    try:
        if source:
            body = await pictures.encode(source, RENDITION)
        else:
            body = await pictures.run(lambda: picture_inside(path))
    except (DocumentError, OSError):
        body = None
    if body is None:
        return empty_reply(404)
    return web.Response(body=body, content_type="image/webp", headers={hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "no-cache"})


def _listed(folders: Folders, lists: Lists, kind: str) -> Iterator[dict[str, Any]]:
    """The files of a kind. ``pathIndex`` says in which of its folders one is; built-in ones are in none of them."""
    roots = folders.roots(kind)
    for name in lists(kind):
        try:
            path = folders.find(kind, name)
            state = path.stat()
        except (UnknownNameError, StorageError, OSError):
            continue  # It is gone since the folder was read.
        index = next((number for number, root in enumerate(roots) if path == root / name), len(roots))
        times = {"modified": state.st_mtime, "created": state.st_ctime}
        yield {"name": name, "pathIndex": index, **times, "size": state.st_size}


def _model(folders: Folders, kind: str, index: str, name: str) -> Path | None:
    """The file of a model; None if it is no model, or not there. Nothing but models has previews."""
    if kind not in folders.kinds() or not index.isdecimal() or len(index) > 4:
        return None
    roots = folders.roots(kind)
    if int(index) >= len(roots) or Path(name).suffix.lower() not in MODEL_SUFFIXES:
        return None
    try:
        path = resolve(roots[int(index)], name)
        return path if path.is_file() else None
    except (StorageError, OSError, ValueError):
        return None
