"""The folders that models are looked for in: listed with their state; folders of other programs are added by reference.

``/limner/models/folders`` and ``/limner/models/tokens``.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.graph.errors import LimnerError, WorkerLostError
from limner.hub.added_folders import add_folder, added_folders, folders_in, remove_folder
from limner.hub.kinds import UNFETCHED
from limner.hub.room import free_bytes
from limner.hub.tokens import SERVICES, keep_token, with_tokens
from limner.server.bodies import apart, beside, read_object
from limner.server.model_watch import MODEL_WATCH
from limner.server.replies import json_reply
from limner.server.route import CATALOG, SERVICE, route
from limner.server.routes.pulls import pulls_of, refused
from limner.storage.folders import Folders


@route("GET", "/limner/models/folders", access=Scope.MODELS)
async def all_folders(request: web.Request) -> web.Response:
    """Roots and added folders, with their state, how many files each has, and the room on their disks."""
    folders = request.app[SERVICE].folders
    return json_reply(await beside(lambda: _told(folders)))


@route("POST", "/limner/models/folders/look", access=Scope.ADMIN)
async def look(request: web.Request) -> web.Response:
    """What is in a folder of the server's machine that might be added: ``{"path": ...}``."""
    path = Path(str((await read_object(request)).get("path") or ""))
    return await _answer(lambda: _shown(path, folders_in(path)))


@route("POST", "/limner/models/folders", access=Scope.ADMIN)
async def add(request: web.Request) -> web.Response:
    """Adds a folder by reference: ``{"path": ...}``. Nothing is copied; the worker is started anew to see it."""
    path, folders = Path(str((await read_object(request)).get("path") or "")), request.app[SERVICE].folders

    def work() -> dict[str, Any]:
        added = add_folder(path, folders.data)
        folders.add(added.folders)
        return _shown(added.root, added)

    return await _changed(request, work)


@route("DELETE", "/limner/models/folders", access=Scope.ADMIN)
async def drop(request: web.Request) -> web.Response:
    """Looks into an added folder no longer: ``{"path": ...}``. Nothing in it is touched."""
    path, folders = str((await read_object(request)).get("path") or ""), request.app[SERVICE].folders

    def work() -> dict[str, Any]:
        gone = remove_folder(path, folders.data)
        folders.drop(gone)
        return {"path": path, "removed": True}

    return await _changed(request, work)


@route("GET", "/limner/models/tokens", access=Scope.MODELS)
async def tokens(request: web.Request) -> web.Response:
    """For which services there is a token; the tokens themselves are never told."""
    accounts = pulls_of(request).puller.accounts
    return json_reply({service: bool(getattr(accounts, service)) for service in SERVICES})


@route("PUT", "/limner/models/tokens", access=Scope.ADMIN)
async def give_token(request: web.Request) -> web.Response:
    """Keeps a service's token on the server: ``{"service": ..., "token": ...}``; an empty one is forgotten."""
    body, data, puller = await read_object(request), request.app[SERVICE].folders.data, pulls_of(request).puller
    service, token = str(body.get("service") or ""), str(body.get("token") or "").strip()

    def work() -> dict[str, Any]:
        keep_token(data, service, token)
        puller.accounts = with_tokens(puller.accounts.without(service), data)
        return {service: bool(token)}

    return await _answer(work)


async def _answer(work: Callable[[], dict[str, Any]]) -> web.Response:
    try:
        return json_reply(await beside(work))
    except LimnerError as error:
        return refused(error)


async def _changed(request: web.Request, work: Callable[[], dict[str, Any]]) -> web.Response:
    """Changes the folders, tells pages, and has the worker see it: jobs that run finish first."""
    answer = await _answer(work)
    if answer.status == 200:
        request.app[MODEL_WATCH].nudge()
        dispatcher, watch = request.app[SERVICE].dispatcher, request.app[CATALOG]

        def renew() -> None:
            with contextlib.suppress(WorkerLostError):  # It is tried again, and the log says why.
                dispatcher.restart(600.0)
                watch.look()

        request.app[MODEL_WATCH].later(apart(renew))
    return answer


def _told(folders: Folders) -> dict[str, Any]:
    added = added_folders(folders.data)
    roots = [{**_place(root), "role": "root", "first": root == folders.model_roots[0]} for root in folders.model_roots]
    for root, kinds in added.items():
        inside = {kind: [str(path) for path in paths] for kind, paths in kinds.items()}
        roots.append({**_place(Path(root)), "role": "added", "kinds": inside})
    known = {str(path) for kinds in added.values() for paths in kinds.values() for path in paths}
    others = sorted(
        {str(path) for kind, paths in folders.extra.items() if kind not in UNFETCHED for path in paths} - known
    )
    roots += [{**_place(Path(path)), "role": "settings"} for path in others]
    kinds = [
        {"kind": kind, "files": len(folders.list(kind)), "place": str(folders.place(kind))}
        for kind in folders.kinds()
        if kind not in UNFETCHED
    ]
    return {"folders": roots, "kinds": kinds}


def _place(path: Path) -> dict[str, Any]:
    """A folder's state: ``there``, ``missing``, ``unreadable``."""
    if not path.is_dir():
        return {"path": str(path), "state": "missing", "free": None, "total": None}
    readable = os.access(path, os.R_OK | os.X_OK)
    state = "there" if readable else "unreadable"
    try:
        free = free_bytes(path)
    except OSError:
        free = None
    return {"path": str(path), "state": state, "free": free, "writable": os.access(path, os.W_OK)}


def _shown(root: Path, found: Any) -> dict[str, Any]:
    counts = dict(_counts(found.folders))
    return {"path": str(root), "program": found.program, "kinds": counts, "notes": list(found.notes)}


def _counts(kinds: dict[str, tuple[Path, ...]]) -> Iterator[tuple[str, int]]:
    probe = Folders(data=Path(), input=Path(), output=Path(), temp=Path(), user=Path(), extra=kinds)
    for kind in kinds:
        with contextlib.suppress(LimnerError):
            yield kind, len(probe.list(kind))
