"""What a server says over its socket, as records."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PREVIEW, _TEXT, _DESCRIBED_PREVIEW = 1, 3, 4
_FORMATS = {1: "image/jpeg", 2: "image/png"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        job: Id of the job, or None if the message names none.
        type: The message's type: ``execution_start``, ``executing``, ``progress``, ``executed`` ...
        data: The message as it came.
    """

    job: str | None
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def node(self) -> str | None:
        """The node that it is about, or None."""
        found = self.data.get("node", self.data.get("node_id"))
        return None if found is None else str(found)


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """How far a node is: ``value`` of ``total``."""

    value: float = 0.0
    total: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Preview(Event):
    """A picture of an intermediate state, or a finished one from a node that sends pictures over the socket."""

    image: bytes = b""
    media_type: str = "image/jpeg"


@dataclass(frozen=True, kw_only=True)
class Text(Event):
    """A text that a node shows."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class NodeOutput(Event):
    """What a node has for clients: files by kind (``images``, ``text`` ...)."""

    output: Mapping[str, Any] = field(default_factory=dict)


def read_message(text: str) -> Event | None:
    """A text frame, or None if it is not a message."""
    try:
        message = json.loads(text)
        kind, data = message["type"], message.get("data") or {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(data, Mapping):
        return None
    common: dict[str, Any] = {"job": data.get("prompt_id"), "type": kind, "data": data}
    if kind == "progress":
        return Progress(**common, value=float(data.get("value") or 0), total=float(data.get("max") or 1))
    if kind == "executed":
        return NodeOutput(**common, output=data.get("output") or {})
    return Event(**common)


def read_frame(frame: bytes) -> Event | None:
    """A binary frame, or None if its kind is unknown or it is cut short."""
    try:
        (kind,) = struct.unpack_from(">I", frame)
        (number,) = struct.unpack_from(">I", frame, 4)
        if kind == _PREVIEW:
            media_type = _FORMATS.get(number, "image/jpeg")
            return Preview(job=None, type="preview", image=frame[8:], media_type=media_type)
        if kind == _DESCRIBED_PREVIEW:
            facts = json.loads(frame[8 : 8 + number])
            media_type = facts.get("image_type", "image/jpeg")
            image = frame[8 + number :]
            job = facts.get("prompt_id")
            return Preview(job=job, type="preview", data=facts, image=image, media_type=media_type)
        if kind == _TEXT:
            node, text = frame[8 : 8 + number].decode(), frame[8 + number :].decode()
            return Text(job=None, type="text", data={"node": node}, text=text)
    except (struct.error, ValueError, UnicodeDecodeError):
        return None
    return None
