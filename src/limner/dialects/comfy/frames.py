"""What goes over the WebSocket: text frames, and binary frames in ComfyUI's layouts (big-endian, type first)."""

import struct
from typing import Any

import msgspec

from limner.engine.events import NodePreview, NodeText

PREVIEW_IMAGE = 1
TEXT = 3
PREVIEW_IMAGE_WITH_METADATA = 4

_IMAGE_FORMATS = {"image/jpeg": 1, "image/png": 2}


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One message, encoded once for all sockets.

    Attributes:
        type: What it is, for coalescing and for tests.
        body: The text, or the bytes after the head.
        head: Bytes before the body; empty for texts.
        described_head: The head for sockets that negotiated preview metadata, if it differs.
        public: Goes to every socket if its job has no client.
        transient: May be dropped for a slow socket and is not replayed.
    """

    type: str
    body: str | bytes
    head: bytes = b""
    described_head: bytes | None = None
    public: bool = False
    transient: bool = False

    def payload(self, described: bool) -> str | bytes:
        """What to send: a text or bytes."""
        if isinstance(self.body, str):
            return self.body
        head = self.described_head if described and self.described_head is not None else self.head
        return head + self.body

    @property
    def size(self) -> int:
        """Bytes, near enough for budgets."""
        return len(self.body) + len(self.head)


def message(kind: str, data: Any, *, public: bool = False, transient: bool = False) -> Frame:
    """A JSON message ``{"type", "data"}``."""
    text = msgspec.json.encode({"type": kind, "data": data}, enc_hook=str).decode()
    return Frame(type=kind, body=text, public=public, transient=transient)


def picture(event: NodePreview) -> Frame:
    """A preview: event 1, or event 4 for sockets that negotiated it."""
    place = event.place
    facts = msgspec.json.encode(
        {
            "node_id": place.node,
            "prompt_id": event.job,
            "display_node_id": place.display,
            "parent_node_id": place.parent,
            "real_node_id": place.real,
            "image_type": event.media_type,
        }
    )
    return Frame(
        type="preview",
        body=event.image,
        head=struct.pack(">II", PREVIEW_IMAGE, _IMAGE_FORMATS.get(event.media_type, 1)),
        described_head=struct.pack(">II", PREVIEW_IMAGE_WITH_METADATA, len(facts)) + facts,
        public=True,
        transient=not event.final,
    )


def caption(event: NodeText) -> Frame:
    """A text that a node shows: event 3."""
    node = event.place.node.encode()
    head = struct.pack(">II", TEXT, len(node)) + node
    return Frame(type="text", body=event.text.encode("utf-8", "replace"), head=head, public=True)


def status(remaining: int, socket: str | None = None) -> Frame:
    """How many jobs wait or run; with ``sid`` it is the greeting of a socket."""
    data: dict[str, Any] = {"status": {"exec_info": {"queue_remaining": remaining}}}
    if socket is not None:
        data["sid"] = socket
    return message("status", data, public=True, transient=socket is None)
