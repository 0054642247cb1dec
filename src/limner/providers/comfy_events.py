"""What another ComfyUI tells over its socket, as records. Pure.

Source: ComfyUI's documentation, "Messages"; binary frames begin with a big-endian event type.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.providers.provider import Told

PICTURE, PICTURE_WITH_FACTS = 1, 4
FORMATS = {1: "image/jpeg", 2: "image/png"}


@dataclass(frozen=True)
class Ended:
    """The run has ended, well or not; the history says which."""


def read_message(text: str, job: str) -> Told | Ended | None:
    """A text message; None if it says nothing of the job."""
    try:
        message = json.loads(text)
        kind, data = message["type"], message["data"]
        if data.get("prompt_id") != job:
            return None
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return _told(kind, data)


def _told(kind: str, data: Mapping[str, Any]) -> Told | Ended | None:
    node = str(data.get("node") or "")
    match kind:
        case "execution_start":
            return Told(what="started")
        case "execution_cached":
            return Told(what="cached", nodes=tuple(map(str, data.get("nodes") or ())))
        case "executing":
            return Told(what="node", node=node) if node else Ended()
        case "progress":
            return Told(what="progress", node=node, value=_number(data, "value"), total=_number(data, "max"))
        case "executed":
            ui = data.get("output")
            return Told(what="output", node=node, ui=ui if isinstance(ui, dict) else {})
        case "execution_error" | "execution_interrupted":
            return Ended()
        case _:
            return None


def _number(data: Mapping[str, Any], key: str) -> float:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def read_binary(frame: bytes, job: str, place: str) -> Told | None:
    """A picture on the way; None if it is something else.

    Args:
        frame: As it came.
        job: The one that is listened to.
        place: The node that runs; pictures of the plain kind do not say theirs.
    """
    if len(frame) < 8:
        return None
    kind, second = struct.unpack(">II", frame[:8])
    if kind == PICTURE:
        return Told(what="preview", node=place, image=frame[8:], media_type=FORMATS.get(second, "image/jpeg"))
    if kind != PICTURE_WITH_FACTS or len(frame) < 8 + second:
        return None
    try:
        facts = json.loads(frame[8 : 8 + second])
        if facts.get("prompt_id", job) != job:
            return None
        node, media_type = str(facts.get("node_id", place)), str(facts.get("image_type", "image/jpeg"))
    except (ValueError, AttributeError):
        return None
    return Told(what="preview", node=node, image=frame[8 + second :], media_type=media_type)
