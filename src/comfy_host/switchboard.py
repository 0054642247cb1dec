"""Where packs leave what concerns clients: routes, prompt handlers, messages. The gateway serves it."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from aiohttp import web

LOG = logging.getLogger(__name__)

KEPT_MESSAGES = 2000
"""Messages that wait for the server at most; the oldest go first."""

LARGEST_BODY = 1 << 30

CLOSE_SECONDS = 2.0

JSON, BINARY = b"J", b"B"

_HEAD = struct.Struct(">cI")
_BINARY = struct.Struct(">II")

PromptHandler = Callable[[dict[str, Any]], dict[str, Any]]


class Switchboard:
    """What packs offer to clients and say to them. Messages may come from any thread.

    Attributes:
        routes: Packs decorate their handlers with it.
        app: The application that serves the routes; packs may add to it until it starts.
        prompt_handlers: Called with the body of each ``/prompt``, in order.
        node_replacements: What nodes of old prompts are now, by the old class name.
    """

    def __init__(self) -> None:
        self.routes = web.RouteTableDef()
        self.app = web.Application(client_max_size=LARGEST_BODY)
        self.prompt_handlers: list[PromptHandler] = []
        self.node_replacements: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._messages: deque[bytes] = deque(maxlen=KEPT_MESSAGES)
        self._arrived: asyncio.Event | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that routes are served on, in a thread of its own; started when it is first needed."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._arrived = asyncio.Event()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="packs", daemon=True)
                self._thread.start()
            return self._loop

    @property
    def is_running(self) -> bool:
        """Whether the loop was needed."""
        return self._loop is not None

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Runs a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def send(self, event: str, data: Any, client: str | None) -> None:
        """Sends a JSON message to one client, or to all."""
        text = json.dumps({"event": event, "data": data, "client": client}, default=str)
        self._put(JSON, text.encode())

    def send_binary(self, kind: int, data: bytes, client: str | None) -> None:
        """Sends a binary message (its type without, its content with everything after the type)."""
        name = (client or "").encode()
        self._put(BINARY, _BINARY.pack(kind, len(name)) + name + data)

    def relay(self, kind: bytes, body: bytes) -> None:
        """Sends a message that another switchboard made."""
        self._put(kind, body)

    def _put(self, kind: bytes, body: bytes) -> None:
        self._messages.append(_HEAD.pack(kind, len(body)) + body)
        loop, arrived = self._loop, self._arrived
        if loop is not None and arrived is not None and not loop.is_closed():
            loop.call_soon_threadsafe(arrived.set)

    async def messages(self) -> bytes:
        """The next messages, as soon as there are some. Called on the loop."""
        arrived = self._arrived
        while not self._messages and arrived is not None:
            await arrived.wait()
            arrived.clear()
        taken = []
        while self._messages:
            taken.append(self._messages.popleft())
        return b"".join(taken)

    def return_messages(self, data: bytes) -> None:
        """Puts back what could not be delivered."""
        self._messages.appendleft(data)

    def handle_prompt(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body of a ``/prompt`` after all handlers; one that fails changes nothing."""
        for handler in self.prompt_handlers:
            try:
                body = handler(body)
            except Exception:  # somebody else's code; ComfyUI goes on as well
                LOG.exception("A prompt handler of a node pack failed.")
        return body

    def close(self) -> None:
        """Ends the loop and what runs on it."""
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None and not loop.is_closed():
            loop.call_soon_threadsafe(loop.stop)
            thread.join(CLOSE_SECONDS)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Runs a loop until it is stopped, then ends its tasks."""
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=CLOSE_SECONDS))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
