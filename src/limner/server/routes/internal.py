"""Where files lie, for the front end: ``/internal/folder_paths``, ``/internal/files``."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.replies import json_reply
from limner.server.route import route
from limner.storage.folders import ANNOTATIONS


@route("GET", "/internal/folder_paths", mirrored=False)
async def folder_paths(request: web.Request) -> web.Response:
    """The folders that are searched, by model kind."""
    folders = folders_of(request)
    return json_reply({kind: [str(root) for root in folders.roots(kind)] for kind in folders.kinds()})


@route("GET", "/internal/files/{type}", mirrored=False)
async def files(request: web.Request) -> web.Response:
    """The files in the input, output or temp folder, newest first; with ``recursive=true`` those below it too."""
    kind, recursive = request.match_info["type"], request.query.get("recursive", "").lower() == "true"
    if kind not in ANNOTATIONS:
        return json_reply({"error": "Invalid directory type"}, 400)
    folder = folders_of(request).of_type(kind)
    return await beside(lambda: json_reply(newest_first(folder, recursive=recursive)))


def newest_first(folder: Path, *, recursive: bool) -> list[str]:
    """Names of the visible files in a folder, those changed last first; none if there is no such folder."""
    found = sorted(_files(folder, recursive), key=lambda entry: (-entry[0], entry[1]))
    return [name for _, name in found]


def _files(folder: Path, recursive: bool) -> Iterator[tuple[int, str]]:
    """When each file was changed, in nanoseconds, and its name. One that vanishes meanwhile is left out."""
    for path in _visible(folder, recursive):
        with contextlib.suppress(OSError):
            state = path.stat()
            if stat.S_ISREG(state.st_mode):
                yield state.st_mtime_ns, path.relative_to(folder).as_posix()


def _visible(folder: Path, recursive: bool) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))
