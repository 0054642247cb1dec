"""Workflows and other files that people keep on the server: ``/userdata``, ``/v2/userdata``.

A file's name is one segment of the path: clients write the ``/`` in it as ``%2F``.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from limner.graph.errors import StorageError, UnknownNameError
from limner.server.bodies import beside, read_bytes
from limner.server.caller import users_of
from limner.server.file_reply import file_reply
from limner.server.limits import check_storage
from limner.server.replies import empty_reply, error_reply, json_reply
from limner.server.route import route
from limner.server.uploads import storing_failed
from limner.server.user_files import UserFiles, exists, file_facts, relative

STYLES = {".css": "text/css"}
"""A page of the front end may load the user's style sheet; opened on its own, one does nothing."""

NOT_THERE = "Requested path not found"


@route("GET", "/userdata")
async def list_files(request: web.Request) -> web.Response:
    """The files in a folder of the user, as ``recurse``, ``split`` and ``full_info`` ask."""
    asked = request.query.get("dir", "")
    if not asked:
        return web.Response(status=400, text="Directory not provided")
    recurse, split, full = (_is_true(request, name) for name in ("recurse", "split", "full_info"))

    def read(files: UserFiles) -> web.Response:
        try:
            folder = files.locate(asked)
        except StorageError:
            return web.Response(status=403, text="Invalid directory")
        if not exists(folder, Path.is_dir):
            return web.Response(status=404, text="Directory not found")
        return json_reply([_listed(path, folder, split, full) for path in files.below(folder, recurse=recurse)])

    return await _with_files(request, read)


@route("GET", "/v2/userdata")
async def list_tree(request: web.Request) -> web.Response:
    """All that lies below a path of the user's folder."""
    asked = request.query.get("path", "").strip("/")

    def read(files: UserFiles) -> web.Response:
        try:
            folder = files.locate(asked or ".")
        except StorageError:
            return web.Response(status=400, text="Invalid path requested")
        if exists(folder, Path.is_dir):
            return json_reply(files.tree(folder))
        if not asked:
            return json_reply([])  # The user has stored nothing yet.
        if exists(folder, Path.exists):
            return web.Response(status=400, text="Requested path is not a directory")
        return web.Response(status=404, text=NOT_THERE)

    return await _with_files(
        request, read, unknown=lambda: web.Response(status=403, text="Invalid user specified in request")
    )


@route("GET", "/userdata/{file}", "/userdata/")
async def read_file(request: web.Request) -> web.StreamResponse:
    """A file of the user."""
    return await _with_name(request, lambda files, name: _file(files.locate(name)))


@route("POST", "/userdata/{file}")
async def write_file(request: web.Request) -> web.StreamResponse:
    """Stores the body as a file of the user."""
    await check_storage(request)
    data, overwrite, full = await read_bytes(request), _may_overwrite(request), _is_true(request, "full_info")
    return await _with_name(
        request, lambda files, name: _told(files.write(name, data, overwrite=overwrite), files.root, full)
    )


@route("DELETE", "/userdata/{file}")
async def delete_file(request: web.Request) -> web.StreamResponse:
    """Removes a file of the user."""

    def delete(files: UserFiles, name: str) -> web.Response:
        files.delete(name)
        return empty_reply(204)

    return await _with_name(request, delete)


@route("POST", "/userdata/{file}/move/{target}")
async def move_file(request: web.Request) -> web.StreamResponse:
    """Gives a file of the user another name."""
    target, overwrite = request.match_info["target"], _may_overwrite(request)
    full = _is_true(request, "full_info")
    return await _with_name(
        request, lambda files, name: _told(files.move(name, target, overwrite=overwrite), files.root, full)
    )


async def _with_name(request: web.Request, work: Callable[[UserFiles, str], web.StreamResponse]) -> web.StreamResponse:
    """Works with the file that the path names; what cannot be done becomes the status that clients know."""
    name = request.match_info.get("file", "")
    if not name.strip():
        return empty_reply(400)

    def answer(files: UserFiles) -> web.StreamResponse:
        try:
            return work(files, name)
        except StorageError:
            return empty_reply(403)
        except FileNotFoundError:
            return empty_reply(404)
        except FileExistsError:
            return web.Response(status=409, text="File already exists")
        except (OSError, ValueError) as error:
            raise storing_failed(error if isinstance(error, OSError) else OSError(22, str(error)), name) from error

    return await _with_files(request, answer)


async def _with_files(
    request: web.Request,
    work: Callable[[UserFiles], web.StreamResponse],
    unknown: Callable[[], web.StreamResponse] | None = None,
) -> Any:
    """Works with the files of the request's user, in a thread."""
    users, named = users_of(request), request.headers.get("comfy-user")

    def answer() -> web.StreamResponse:
        try:
            user = users.identify(named)
        except UnknownNameError as error:
            return unknown() if unknown else error_reply(400, "unknown_user", str(error))
        except StorageError as error:
            return error_reply(403, "forbidden", str(error))
        return work(users.files(user))

    return await beside(answer)


def _file(path: Path) -> web.StreamResponse:
    return file_reply(path, also=STYLES) if exists(path, Path.is_file) else empty_reply(404)


def _told(path: Path, root: Path, full: bool) -> web.Response:
    return json_reply(file_facts(path, root) if full else relative(path, root))


def _listed(path: Path, folder: Path, split: bool, full: bool) -> Any:
    if full:
        return file_facts(path, folder)
    name = relative(path, folder)
    return [name, *PurePosixPath(name).parts] if split else name


def _is_true(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() == "true"


def _may_overwrite(request: web.Request) -> bool:
    return request.query.get("overwrite", "true").lower() != "false"
