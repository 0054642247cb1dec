"""``server``: what packs know the server by. Routes are served by the worker's gateway; messages go through it."""

from __future__ import annotations

import asyncio
import io
import struct
from typing import Any

from aiohttp import web

from comfy_host.context import host, running
from comfy_host.missing import absent
from comfy_host.queue_view import QueueView
from limner.graph.progress import Preview


class BinaryEventTypes:
    """Types of binary messages."""

    PREVIEW_IMAGE = 1
    UNENCODED_PREVIEW_IMAGE = 2
    TEXT = 3
    PREVIEW_IMAGE_WITH_METADATA = 4


class PromptServer:
    """Stands for the server. There is one, ``PromptServer.instance``."""

    instance: PromptServer

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        PromptServer.instance = self
        board = host().switchboard
        self._board = board
        self.app: web.Application = board.app
        self.routes: web.RouteTableDef = board.routes
        self.on_prompt_handlers = board.prompt_handlers
        self.prompt_queue = QueueView()
        self.supports = ["custom_nodes_from_web"]
        self.sockets: dict[str, Any] = {}
        self.sockets_metadata: dict[str, Any] = {}
        self.number = 0
        self.port = int(host().arguments.get("port", 8188))
        self.address = str(host().arguments.get("listen", "127.0.0.1"))
        self.web_root = ""
        self.last_prompt_id: str | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that routes are served on."""
        return self._board.loop

    @property
    def client_id(self) -> str | None:
        """The client of the run that calls; None outside of any."""
        request = running().request
        return None if request is None else request.extra.get("client_id")

    @client_id.setter
    def client_id(self, value: str | None) -> None:
        """Runs carry their client; setting another one changes nothing."""

    @property
    def last_node_id(self) -> str | None:
        """The node that runs in this thread."""
        place = running().place
        return None if place is None else place.node

    @last_node_id.setter
    def last_node_id(self, value: str | None) -> None:
        """Steps carry their node; setting another one changes nothing."""

    @property
    def messages(self) -> asyncio.Queue[Any]:
        """A queue that nobody reads: messages are sent at once."""
        return asyncio.Queue()

    @property
    def user_manager(self) -> Any:
        """Who users are: one, with the folder ``user/default``."""
        from app.user_manager import UserManager

        return UserManager()

    def add_on_prompt_handler(self, handler: Any) -> None:
        """Has a function look at, and change, the body of each prompt before it is checked."""
        self._board.prompt_handlers.append(handler)

    def trigger_on_prompt(self, json_data: dict[str, Any]) -> dict[str, Any]:
        """The body of a prompt after all handlers."""
        return self._board.handle_prompt(json_data)

    def send_sync(self, event: Any, data: Any, sid: str | None = None) -> None:
        """Sends a message to one client, or to all; from any thread."""
        if isinstance(event, int):
            self._send_binary(event, data, sid)
        else:
            self._board.send(str(event), data, sid)

    async def send(self, event: Any, data: Any, sid: str | None = None) -> None:
        """Sends a message to one client, or to all."""
        self.send_sync(event, data, sid)

    async def send_json(self, event: Any, data: Any, sid: str | None = None) -> None:
        """Sends a JSON message."""
        self._board.send(str(event), data, sid)

    async def send_bytes(self, event: int, data: bytes, sid: str | None = None) -> None:
        """Sends a binary message."""
        self._board.send_binary(int(event), bytes(data), sid)

    async def send_image(self, image_data: Any, sid: str | None = None) -> None:
        """Sends a preview: ``(format, picture, largest side or None)``."""
        self._send_binary(BinaryEventTypes.UNENCODED_PREVIEW_IMAGE, image_data, sid)

    def send_progress_text(self, text: str | bytes, node_id: str, sid: str | None = None) -> None:
        """Shows a text at a node."""
        body = text if isinstance(text, bytes) else text.encode()
        name = str(node_id).encode()
        self._board.send_binary(BinaryEventTypes.TEXT, struct.pack(">I", len(name)) + name + body, sid)

    def queue_updated(self) -> None:
        """The server tells the queue's length by itself."""

    def get_queue_info(self) -> dict[str, Any]:
        """How many jobs wait or run, as far as the worker knows."""
        return {"exec_info": {"queue_remaining": self.prompt_queue.get_tasks_remaining()}}

    def add_routes(self) -> None:
        """Routes are added when the gateway starts."""

    def _send_binary(self, event: int, data: Any, sid: str | None) -> None:
        if event == BinaryEventTypes.UNENCODED_PREVIEW_IMAGE:
            event, data = BinaryEventTypes.PREVIEW_IMAGE, _encoded(*data)
        step = running()
        if event == BinaryEventTypes.PREVIEW_IMAGE and step.place is not None and sid == self.client_id:
            # Among the run's own messages, since the client must have it before the run's end.
            kind = "image/jpeg" if data[:4] == struct.pack(">I", 1) else "image/png"
            step.progress.picture(Preview(image=bytes(data[4:]), media_type=kind, final=True))
            return
        self._board.send_binary(event, bytes(data), sid)


def _encoded(kind: str, picture: Any, largest: int | None = None) -> bytes:
    """A preview as it goes over the wire: four bytes of format, then the picture."""
    if largest is not None:
        picture = picture.copy()
        picture.thumbnail((largest, largest))
    buffer = io.BytesIO()
    buffer.write(struct.pack(">I", 1 if kind == "JPEG" else 2))
    picture.save(buffer, format=kind, quality=95)
    return buffer.getvalue()


PromptServer()

__getattr__ = absent(__name__)
