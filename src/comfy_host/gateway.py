"""The worker's private HTTP servers: one with the routes of packs, one with what the server itself asks.

Both listen on Unix sockets that only this user can open, and only when there are packs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from comfy_host.adapter import definition_of, node_info
from comfy_host.loading import Loaded
from comfy_host.switchboard import LARGEST_BODY, Switchboard
from limner.backends.in_process_validation import ask
from limner.graph.catalog import PackGateway, PackRoute
from limner.graph.validation import Validation

LOG = logging.getLogger(__name__)

LONGEST_SOCKET = 100
"""Characters of a socket's path; the system's limit is 107."""

START_SECONDS = 20.0

Handler = Callable[[web.Request], Any]


class Gateway:
    """Serves what packs offer.

    Args:
        switchboard: What packs left.
        loaded: What packs brought.
        web_folders: Folders of scripts by name; asked when the gateway starts.
    """

    def __init__(self, switchboard: Switchboard, loaded: Loaded, web_folders: Callable[[], Mapping[str, str]]) -> None:
        self._board, self._web = switchboard, web_folders
        self._classes, self._definitions = loaded.classes, loaded.definitions
        self._runners: list[web.AppRunner] = []

    def start(self, folder: Path, label: str = "") -> PackGateway:
        """Begins to serve, with sockets in a folder; says where and what.

        Args:
            folder: Where the sockets come.
            label: Tells them from others; the process's number if absent.

        Raises:
            OSError: if a socket cannot be made.
        """
        return self._board.submit(self._start(folder, label or str(os.getpid()))).result(START_SECONDS)

    def close(self) -> None:
        """Ends the serving."""
        for runner in self._runners:
            with contextlib.suppress(Exception):  # the worker ends anyway
                self._board.submit(runner.cleanup()).result(1.0)
        self._board.close()

    async def _start(self, folder: Path, label: str) -> PackGateway:
        board = self._board
        _add_routes(board)
        folder = socket_folder(folder)
        outer = await self._listen(board.app, folder / f"packs-{label}.sock")
        inner = await self._listen(self._inner(), folder / f"inner-{label}.sock")
        return PackGateway(
            socket=str(outer),
            inner=str(inner),
            routes=tuple(_routes(board.app)),
            web={str(name): str(path) for name, path in self._web().items()},
            handles_prompts=bool(board.prompt_handlers),
        )

    async def _listen(self, application: web.Application, path: Path) -> Path:
        path.unlink(missing_ok=True)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        await web.UnixSite(runner, path).start()
        path.chmod(0o600)
        return path

    # What the server asks

    def _inner(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_get("/object_info", self._object_info)
        application.router.add_post("/types", self._types)
        application.router.add_post("/validate", self._validate)
        application.router.add_post("/prompt", self._prompt)
        application.router.add_get("/messages", self._messages)
        return application

    async def _object_info(self, request: web.Request) -> web.Response:
        wanted = request.query.getall("name", [])
        names = wanted or list(self._classes)
        listing = await asyncio.to_thread(self._infos, names)
        return web.Response(text=listing, content_type="application/json")

    def _infos(self, names: list[str]) -> str:
        """The nodes of these names; one whose class fails is left out."""
        found = {}
        for name in names:
            known = self._classes.get(name)
            if known is None:
                continue
            try:
                info = node_info(known.kind, name, known.display_name, known.module)
                found[name] = json.dumps(info, default=as_json)
            except Exception as error:  # the class's own code
                LOG.warning("Node %s of %s is not listed: %r", name, known.module, error)
        return "{" + ", ".join(f"{json.dumps(name)}: {text}" for name, text in found.items()) + "}"

    async def _types(self, request: web.Request) -> web.Response:
        names = [name for name in await request.json() if name in self._classes]
        types = await asyncio.to_thread(self._described, names)
        return web.Response(body=msgspec.json.encode(types, enc_hook=str), content_type="application/json")

    def _described(self, names: list[str]) -> dict[str, Any]:
        found = {}
        for name in names:
            known = self._classes[name]
            try:
                found[name] = definition_of(known.kind, name, known.display_name, known.module).type
            except Exception as error:  # the class's own code
                LOG.warning("Node %s of %s cannot be described: %r", name, known.module, error)
        return found

    async def _validate(self, request: web.Request) -> web.Response:
        questions = msgspec.json.decode(await request.read(), type=list[Validation])
        verdicts = await asyncio.to_thread(ask, self._definitions, questions)
        return web.Response(body=msgspec.json.encode(verdicts, enc_hook=str), content_type="application/json")

    async def _prompt(self, request: web.Request) -> web.Response:
        body = await request.json()
        changed = await asyncio.to_thread(self._board.handle_prompt, body)
        return web.json_response(changed, dumps=_dumps)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/octet-stream"
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                data = await self._board.messages()
                try:
                    await response.write(data)
                except ConnectionError:
                    self._board.return_messages(data)
                    raise
        return response


def as_json(value: Any) -> Any:
    """What JSON has no word for, as packs mean it."""
    if isinstance(value, set | frozenset | range):
        return list(value)
    return {key: value[key] for key in value.keys()} if hasattr(value, "keys") else str(value)  # noqa: SIM118


def _dumps(value: Any) -> str:
    return json.dumps(value, default=as_json)


def socket_folder(folder: Path) -> Path:
    """The folder, or a short one of our own where the system could not name a socket in it."""
    if len(str(folder / f"inner-{os.getpid()}.sock")) > LONGEST_SOCKET:
        return Path(tempfile.mkdtemp(prefix="limner-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _add_routes(board: Switchboard) -> None:
    """Adds the routes that packs declared; a second one for the same method and path is left out."""
    for route in board.routes:
        try:
            route.register(board.app.router)
        except (RuntimeError, ValueError) as error:
            LOG.warning("A route of a node pack is left out: %s", error)


def _routes(application: web.Application) -> Iterator[PackRoute]:
    """The routes of an application, by method and pattern."""
    for resource in application.router.resources():
        pattern = _pattern(resource)
        methods = tuple(dict.fromkeys(route.method for route in resource))
        if pattern is not None and methods:
            yield PackRoute(methods=methods, pattern=pattern)


def _pattern(resource: web.AbstractResource) -> str | None:
    info: Mapping[str, Any] = resource.get_info()
    if "path" in info:
        return re.escape(info["path"])
    if "pattern" in info:
        return info["pattern"].pattern
    return re.escape(info["prefix"]) + "(/.*)?" if "prefix" in info else None
