"""The server's side of node packs: their routes, web folders, messages, validation and live listings.

Packs live in the worker, which serves them on Unix sockets; the catalog says where. When the worker was started anew,
the next catalog names other sockets.
"""

import asyncio
import contextlib
import json
import logging
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, UnixConnector, web

from limner.dialects.comfy.frames import Frame, message
from limner.graph.catalog import Catalog, PackGateway
from limner.graph.errors import WorkerLostError
from limner.graph.node_type import NodeType
from limner.graph.validation import Raised, Validation, Verdict
from limner.server.hub import Hub
from limner.server.packs.proxy import forward
from limner.storage.folders import Folders

LOG = logging.getLogger(__name__)

SECONDS = 30.0
"""How long a question to packs may take; one that takes longer is answered without them."""

PAUSE = 0.5
"""Seconds between attempts to hear the worker's messages."""

ANYTHING = re.compile(r"/\{\w+:\.[*+]\}|/\{\w+\}")
"""Paths that answer whatever nothing else knows: routes of packs come before them."""

_HEAD = struct.Struct(">cI")
_BINARY = struct.Struct(">II")


class Packs:
    """Everything that requests need of node packs. Its methods belong to the event loop, unless they say otherwise.

    Args:
        catalog: Gives the catalog of now, or None.
        hub: Tells clients what packs say.
        folders: Looks into the folders that packs add.
        mirror: Below this prefix all routes are served too.
    """

    def __init__(self, catalog: Callable[[], Catalog | None], hub: Hub, folders: Folders, mirror: str) -> None:
        self._catalog, self._hub, self._folders, self._mirror = catalog, hub, folders, mirror
        self._adopted: PackGateway | None = None
        self._sessions: dict[str, ClientSession] = {}
        self._served: tuple[PackGateway | None, list[tuple[frozenset[str], re.Pattern[str], str]]] = (None, [])
        self._listening: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def gateway(self) -> PackGateway | None:
        """Where packs are; None if there are none. From any thread."""
        catalog = self._catalog()
        found = None if catalog is None else catalog.gateway
        if found is not None and found is not self._adopted:
            self._adopted = found
            folders = {kind: tuple(map(Path, paths)) for kind, paths in found.folders.items()}
            self._folders.add(folders, found.suffixes)
        return found

    def start(self) -> None:
        """Begins to listen to what packs say."""
        self._loop = asyncio.get_running_loop()
        self._listening = asyncio.create_task(self._listen(), name="packs")

    async def close(self) -> None:
        """Ends all conversations."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            await session.close()

    # What packs serve

    @web.middleware
    async def middleware(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        """Hands requests on that packs answer. Limner's own routes come first."""
        found = self._place(request)
        if found is None:
            return await handler(request)
        socket, path = found
        return await forward(request, self._session(socket), path)

    def answer(self, request: web.Request) -> bool:
        """Whether it is a pack that answers a request."""
        return self._place(request) is not None

    def web_folders(self) -> dict[str, Path]:
        """Folders of scripts by the name below ``/extensions/``. From any thread."""
        gateway = self.gateway
        return {} if gateway is None else {name: Path(folder) for name, folder in gateway.web.items()}

    @staticmethod
    def _is_open(request: web.Request) -> bool:
        """Whether none of Limner's own routes answers a request, but for one that answers whatever is asked."""
        match = request.match_info
        if match.http_exception is not None:
            return True
        resource = match.route.resource
        return resource is not None and ANYTHING.fullmatch(resource.canonical) is not None

    def _place(self, request: web.Request) -> tuple[str, str] | None:
        """The socket and the path under which a pack answers a request; None if none does."""
        gateway = self.gateway
        return None if gateway is None or not self._is_open(request) else self._path(request, gateway)

    def _path(self, request: web.Request, gateway: PackGateway) -> tuple[str, str] | None:
        """The socket and the path under which packs know what is asked for, with its query; None if they do not."""
        raw = request.raw_path
        paths = [raw, raw.removeprefix(self._mirror)] if raw.startswith(f"{self._mirror}/") else [raw]
        for path in paths:
            socket = self._socket(request.method, path.partition("?")[0], gateway)
            if socket is not None:
                return socket, path
        return None

    def _socket(self, method: str, path: str, gateway: PackGateway) -> str | None:
        """The socket that serves a path; None if none does."""
        known, served = self._served
        if known is not gateway:
            served = [
                (frozenset(route.methods), re.compile(route.pattern), route.socket or gateway.socket)
                for route in gateway.routes
            ]
            self._served = gateway, served
        for methods, pattern, socket in served:
            if (method in methods or "*" in methods) and pattern.fullmatch(path):
                return socket
        return None

    def _session(self, socket: str) -> ClientSession:
        """The session to a socket; those to other sockets are closed, since the worker that had them is gone."""
        session = self._sessions.get(socket)
        if session is None:
            gateway = self.gateway
            present = {gateway.socket, gateway.inner, *(route.socket for route in gateway.routes)} if gateway else set()
            for name in [name for name in self._sessions if name not in present]:
                stale = self._sessions.pop(name)
                asyncio.get_running_loop().create_task(stale.close())
            timeout = ClientTimeout(total=None, connect=SECONDS)
            connector = UnixConnector(path=socket, limit=0)
            # Cookies belong to whoever sent them: none is kept here to be sent along with another client's requests.
            jar = DummyCookieJar()
            session = ClientSession(connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=jar)
            self._sessions[socket] = session
        return session

    # What packs are asked

    async def on_prompt(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body of a ``/prompt`` after the handlers of packs; unchanged if they cannot be asked."""
        gateway = self.gateway
        if gateway is None or not gateway.handles_prompts:
            return body
        try:
            changed = json.loads(await self._ask("POST", "/prompt", json.dumps(body).encode()))
        except (WorkerLostError, ValueError) as error:
            LOG.warning("Prompt handlers of node packs were not asked: %s", error)
            return body
        return changed if isinstance(changed, dict) else body

    def validate(self, questions: Sequence[Validation]) -> Sequence[Verdict]:
        """Asks the validation functions of packs. Blocks: call it from a thread."""
        if self.gateway is None:
            return [Verdict() for _ in questions]
        try:
            raw = self._wait(self._ask("POST", "/validate", msgspec.json.encode(questions)))
            return msgspec.json.decode(raw, type=list[Verdict])
        except (WorkerLostError, msgspec.MsgspecError) as error:
            lost = Raised(kind=type(error).__name__, message=str(error))
            return [Verdict(error=lost) for _ in questions]

    def types(self, names: Iterable[str]) -> dict[str, NodeType]:
        """What nodes of packs are now, with their lists of now. Blocks: call it from a thread."""
        wanted = [name for name in dict.fromkeys(names) if self._is_packs(name)]
        if not wanted:
            return {}
        try:
            raw = self._wait(self._ask("POST", "/types", msgspec.json.encode(wanted)))
            return msgspec.json.decode(raw, type=dict[str, NodeType])
        except (WorkerLostError, msgspec.MsgspecError) as error:
            LOG.warning("Node packs were not asked for the lists of now: %s", error)
            return {}

    def refreshed(self, catalog: Catalog, names: Iterable[str]) -> Catalog:
        """A catalog with the packs' nodes of these names as they are now. Blocks: call it from a thread."""
        found = self.types(names)
        return msgspec.structs.replace(catalog, nodes={**catalog.nodes, **found}) if found else catalog

    async def object_info(self, names: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Nodes of packs as ``/object_info`` lists them, asked now; all if none are named. None: it cannot be told."""
        if self.gateway is None:
            return {}
        query = "&".join(f"name={_quoted(name)}" for name in names)
        try:
            return json.loads(await self._ask("GET", f"/object_info?{query}"))
        except (WorkerLostError, ValueError) as error:
            LOG.warning("Node packs were not asked for their nodes: %s", error)
            return None

    def _is_packs(self, name: str) -> bool:
        catalog = self._catalog()
        described = catalog.nodes.get(name) if catalog is not None else None
        return described is not None and bool(described.pack)

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The answer of the worker.

        Raises:
            WorkerLostError: if there is none.
        """
        gateway = self.gateway
        if gateway is None:
            raise WorkerLostError("There are no node packs.", excused=True)
        try:
            async with asyncio.timeout(SECONDS):
                async with self._session(gateway.inner).request(method, f"http://packs{path}", data=body) as answer:
                    data = await answer.read()
        except (ClientError, TimeoutError, OSError) as error:
            raise WorkerLostError(f"Node packs do not answer ({type(error).__name__}: {error}).") from error
        if answer.status != 200:
            raise WorkerLostError(f"Node packs answered {answer.status}: {data[:200].decode(errors='replace')}")
        return data

    def _wait(self, asking: Any) -> bytes:
        """What a coroutine gives, from a thread."""
        if self._loop is None:
            asking.close()
            raise WorkerLostError("The server is not running.", excused=True)
        try:
            return asyncio.run_coroutine_threadsafe(asking, self._loop).result(SECONDS + 1)
        except FutureTimeoutError as error:
            raise WorkerLostError("Node packs do not answer.") from error

    # What packs say

    async def _listen(self) -> None:
        while True:
            gateway = self.gateway
            if gateway is not None:
                with contextlib.suppress(ClientError, OSError, asyncio.IncompleteReadError, TimeoutError):
                    await self._hear(gateway)
            await asyncio.sleep(PAUSE)

    async def _hear(self, gateway: PackGateway) -> None:
        async with self._session(gateway.inner).get("http://packs/messages") as stream:
            while True:
                kind, length = _HEAD.unpack(await stream.content.readexactly(_HEAD.size))
                self._tell(kind, await stream.content.readexactly(length))

    def _tell(self, kind: bytes, body: bytes) -> None:
        if kind == b"J":
            said = json.loads(body)
            frame, client = message(str(said["event"]), said["data"]), said["client"]
        else:
            event, length = _BINARY.unpack_from(body)
            start = _BINARY.size + length
            client = body[_BINARY.size : start].decode() or None
            frame = Frame(type="pack", body=body[start:], head=struct.pack(">I", event))
        if client is None:
            self._hub.tell_all(frame, foreign=True)
            return
        owners = self._hub.owners_of(client)
        if len(owners) == 1:  # What is meant for one of several that use an id, nobody hears.
            self._hub.tell([(owners[0], client)], frame)


def _quoted(name: str) -> str:
    return quote(name, safe="")
