"""What goes over the WebSocket: text frames, and binary frames in ComfyUI's layouts (big-endian, type first)."""

import struct
from collections.abc import Collection
from typing import Any

import msgspec

from limner.dialects.comfy.features import PREVIEW_METADATA, PROGRESS_TEXT_METADATA
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
        public: Goes to every socket if its job has no client.
        everyone: Goes to every socket in any case.
        transient: May be dropped for a slow socket and is not replayed.
        only: For sockets that announced this feature; empty: for all.
        unless: For sockets that did not announce this feature.
    """

    type: str
    body: str | bytes
    head: bytes = b""
    public: bool = False
    everyone: bool = False
    transient: bool = False
    only: str = ""
    unless: str = ""

    def suits(self, features: Collection[str]) -> bool:
        """Whether it is for a socket that announced these features."""
        return (not self.only or self.only in features) and self.unless not in features

    def payload(self) -> str | bytes:
        """What to send: a text or bytes."""
        return self.body if isinstance(self.body, str) else self.head + self.body

    @property
    def size(self) -> int:
        """Bytes, near enough for budgets."""
        return len(self.body) + len(self.head)


def message(kind: str, data: Any, *, public: bool = False, transient: bool = False, only: str = "") -> Frame:
    """A JSON message ``{"type", "data"}``."""
    text = msgspec.json.encode({"type": kind, "data": data}, enc_hook=str).decode()
    return Frame(type=kind, body=text, public=public, transient=transient, only=only)


def pictures(event: NodePreview) -> tuple[Frame, Frame]:
    """A preview: event 4 for sockets that negotiated it, and event 1 for the others."""
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
    described = Frame(
        type="preview",
        body=event.image,
        head=struct.pack(">II", PREVIEW_IMAGE_WITH_METADATA, len(facts)) + facts,
        public=True,
        transient=not event.final,
        only=PREVIEW_METADATA,
    )
    head = struct.pack(">II", PREVIEW_IMAGE, _IMAGE_FORMATS.get(event.media_type, 1))
    return described, msgspec.structs.replace(described, head=head, only="", unless=PREVIEW_METADATA)


def captions(event: NodeText) -> tuple[Frame, Frame]:
    """A text that a node shows: event 3, which names the job too for sockets that announced to understand it."""
    node, job = event.place.node.encode(), event.job.encode()
    head = struct.pack(">I", len(node)) + node
    kind, text = struct.pack(">I", TEXT), event.text.encode("utf-8", "replace")
    named = kind + struct.pack(">I", len(job)) + job + head
    return (
        Frame(type="text", body=text, head=named, everyone=True, only=PROGRESS_TEXT_METADATA),
        Frame(type="text", body=text, head=kind + head, everyone=True, unless=PROGRESS_TEXT_METADATA),
    )


def status(remaining: int, socket: str | None = None) -> Frame:
    """How many jobs wait or run; with ``sid`` it is the greeting of a socket."""
    data: dict[str, Any] = {"status": {"exec_info": {"queue_remaining": remaining}}}
    if socket is not None:
        data["sid"] = socket
    return message("status", data, public=True, transient=socket is None)
