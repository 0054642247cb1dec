"""Scripts that node packs bring for web clients: ``/extensions``."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from aiohttp import hdrs, web

from limner.graph.errors import StorageError
from limner.server.bodies import beside
from limner.server.packs.folders import scripts
from limner.server.replies import empty_reply, json_reply
from limner.server.route import PACKS, SERVICE, route
from limner.storage.folders import resolve_closed

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webp": "image/webp", ".woff2": "font/woff2"}
"""What Python's own table does not have in every version."""


@route("GET", "/extensions")
async def all_scripts(request: web.Request) -> web.Response:
    """The scripts that a web client should load."""
    web_folders = _web_folders(request)

    def read() -> web.Response:
        return json_reply(
            [
                f"/extensions/{quote(name)}/{quote(script)}"
                for name, folder in web_folders.items()
                for script in scripts(folder)
            ]
        )

    return await beside(read)


@route("GET", "/extensions/{pack}/{file:.+}", mirrored=False)
async def script(request: web.Request) -> web.StreamResponse:
    """A file of a pack's web folder, under its own type: it is code that the person who runs the server installed."""
    web_folders, place = _web_folders(request), request.match_info

    def find() -> web.StreamResponse:
        path = _find(web_folders, place["pack"], place["file"])
        if path is None:
            return empty_reply(404)
        kind = TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: kind})

    return await beside(find)


def _web_folders(request: web.Request) -> dict[str, Path]:
    """The folders of scripts: those that the server was made with, and those that packs have now."""
    return {**request.app[SERVICE].web_folders(), **request.app[PACKS].web_folders()}


def _find(folders: Mapping[str, Path], name: str, file: str) -> Path | None:
    if name not in folders:
        return None
    try:
        path = resolve_closed(folders[name], file)
        return path if path.is_file() else None
    except (StorageError, OSError, ValueError):
        return None
