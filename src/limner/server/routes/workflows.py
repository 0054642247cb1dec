"""Saved workflows with versions: ``/limner/workflows``. Names may have folders; a client writes their ``/`` as ``%2F``.

A workflow has an ETag. Who saves with ``If-Match`` does not overwrite what somebody else saved in the meantime: the
answer is 412, with theirs.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import hdrs, web

from limner.dialects.comfy.prompt_request import read_json
from limner.graph.errors import DocumentError, StorageError, UnknownNameError
from limner.server.bodies import beside, read_bytes, read_object
from limner.server.caller import users_of
from limner.server.limits import check_storage
from limner.server.parts.workflows import WORKFLOWS
from limner.server.replies import error_reply, json_reply
from limner.server.route import route
from limner.server.uploads import storing_failed
from limner.server.user_files import UserFiles
from limner.server.workflows.store import ChangedError, Condition, Saved, Workflows

Work = Callable[[Workflows, UserFiles], web.Response]


@route("GET", "/limner/workflows")
async def all_workflows(request: web.Request) -> web.Response:
    """Names, sizes and times of the saved workflows, the latest first."""
    return await _with_files(request, lambda store, files: json_reply({"workflows": store.listed(files)}))


@route("GET", "/limner/workflows/{workflow}")
async def one_workflow(request: web.Request) -> web.Response:
    """A workflow as it was saved, with its ETag."""
    name, known = request.match_info["workflow"], request.headers.get(hdrs.IF_NONE_MATCH, "")

    def read(store: Workflows, files: UserFiles) -> web.Response:
        data, saved = store.read(files, name)
        headers = {hdrs.ETAG: f'"{saved.etag}"', hdrs.CACHE_CONTROL: "no-cache"}
        if _tag(known) == saved.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, headers=headers, content_type="application/json", charset="utf-8")

    return await _with_files(request, read)


@route("PUT", "/limner/workflows/{workflow}")
async def save(request: web.Request) -> web.Response:
    """Saves the body; ``If-Match`` and ``If-None-Match: *`` say what must be there."""
    await check_storage(request)
    name, data, condition = request.match_info["workflow"], await read_bytes(request), _condition(request)
    try:
        if not isinstance(await beside(lambda: read_json(data)), dict):
            return error_reply(400, "invalid_body", "A workflow is a JSON object.")
    except DocumentError as error:
        return error_reply(400, "invalid_body", str(error))

    def write(store: Workflows, files: UserFiles) -> web.Response:
        try:
            saved = store.write(files, name, data, condition)
        except ChangedError as error:
            return _changed(store, files, name, error)
        return _told(saved, 200)

    return await _with_files(request, write)


@route("DELETE", "/limner/workflows/{workflow}")
async def delete(request: web.Request) -> web.Response:
    """Puts a workflow into the trash; the answer says under which id it comes back."""
    name = request.match_info["workflow"]
    return await _with_files(request, lambda store, files: json_reply({"trashed": store.throw_away(files, name)}))


@route("POST", "/limner/workflows/{workflow}/move")
async def move(request: web.Request) -> web.Response:
    """Gives a workflow another name: ``{"to": name, "overwrite": false}``."""
    name, body = request.match_info["workflow"], await _body(request)
    target = body.get("to")
    if not isinstance(target, str) or not target.strip():
        return error_reply(400, "invalid_body", "'to' should be the new name.")
    overwrite = body.get("overwrite") is True
    return await _with_files(
        request, lambda store, files: _told(store.move(files, name, target, overwrite=overwrite), 200)
    )


@route("GET", "/limner/workflows/{workflow}/versions")
async def versions(request: web.Request) -> web.Response:
    """The last versions of a workflow, the latest first."""
    name = request.match_info["workflow"]
    return await _with_files(request, lambda store, files: json_reply({"versions": store.versions(files, name)}))


@route("GET", "/limner/workflows/{workflow}/versions/{number}")
async def version(request: web.Request) -> web.Response:
    """One of them."""
    name, number = request.match_info["workflow"], request.match_info["number"]
    if not number.isdecimal() or len(number) > 9:
        return error_reply(404, "not_found", f"There is no version {number!r:.40}.")

    def read(store: Workflows, files: UserFiles) -> web.Response:
        data = store.version(files, name, int(number))
        return web.Response(body=data, content_type="application/json", charset="utf-8")

    return await _with_files(request, read)


@route("GET", "/limner/workflow-trash")
async def trash(request: web.Request) -> web.Response:
    """The workflows in the trash, the latest first; after thirty days they are gone."""
    return await _with_files(request, lambda store, files: json_reply({"trash": store.thrown_away(files)}))


@route("POST", "/limner/workflow-trash/{trashed}/restore")
async def restore(request: web.Request) -> web.Response:
    """Brings a workflow back, under another name if its own is taken."""
    identity = request.match_info["trashed"]
    return await _with_files(request, lambda store, files: _told(store.restore(files, identity), 200))


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        return dict(await read_object(request))
    except DocumentError:
        return {}


def _condition(request: web.Request) -> Condition:
    wanted = request.headers.get(hdrs.IF_MATCH)
    absent = request.headers.get(hdrs.IF_NONE_MATCH, "").strip() == "*"
    return Condition(None if wanted is None else _tag(wanted), absent)


def _tag(header: str) -> str:
    return header.strip().removeprefix("W/").strip('"')


def _told(saved: Saved, status: int) -> web.Response:
    return json_reply(asdict(saved), status, ETag=f'"{saved.etag}"')


def _changed(store: Workflows, files: UserFiles, name: str, error: ChangedError) -> web.Response:
    """412 with what is there now; null: it was deleted."""
    theirs: Any = None
    headers = {}
    if error.etag:
        data, saved = store.read(files, name)
        theirs = {**asdict(saved), "workflow": msgspec.Raw(data)}
        headers = {"ETag": f'"{saved.etag}"'}
    message = "Somebody else saved this workflow in the meantime." if error.etag else "This workflow is not there."
    body = {"error": {"type": "changed", "message": message, "details": "", "extra_info": {}}, "theirs": theirs}
    return json_reply(body, 412, **headers)


async def _with_files(request: web.Request, work: Work) -> web.Response:
    """Works with the caller's files in a thread; what cannot be done becomes a status and a sentence."""
    store, users = request.app[WORKFLOWS], users_of(request)
    named = request.headers.get("comfy-user")

    def answer() -> web.Response:
        try:
            return work(store, users.files(users.identify(named)))
        except (StorageError, UnknownNameError) as error:
            return error_reply(403, "forbidden", str(error))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return error_reply(404, "not_found", "There is no such workflow.")
        except FileExistsError:
            return error_reply(409, "exists", "Another workflow has this name.")
        except (OSError, ValueError) as error:
            raise storing_failed(error if isinstance(error, OSError) else OSError(22, str(error)), "it") from error

    return await beside(answer)
