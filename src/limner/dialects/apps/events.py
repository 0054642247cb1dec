"""What happens in a run, as its listeners are told: a name and plain data. What they need not know is left out."""

import base64
from typing import Any

from limner.engine.events import (
    AnyEvent,
    Claimed,
    NodeBlocked,
    NodeOutput,
    NodePreview,
    NodeProgress,
    NodeStarted,
    NodeText,
    Queued,
    Requeued,
    Started,
)


def event_data(event: AnyEvent) -> tuple[str, dict[str, Any]] | None:
    """The name and the data of an event, or None."""
    at: dict[str, Any] = {"time": event.time}
    match event:
        case Queued():
            return "queued", at
        case Claimed():
            return "claimed", at | {"attempt": event.attempt}
        case Requeued():
            return "requeued", at | {"reason": event.reason}
        case Started():
            return "started", at
        case _:
            told = _of_node(event)
            return None if told is None else (told[0], at | told[1])


def _of_node(event: AnyEvent) -> tuple[str, dict[str, Any]] | None:
    match event:
        case NodeStarted():
            return "node", {"node": event.place.display}
        case NodeProgress():
            return "progress", {"node": event.place.display, "value": event.value, "total": event.total}
        case NodePreview():
            picture = f"data:{event.media_type};base64,{base64.b64encode(event.image).decode()}"
            return "preview", {"node": event.place.display, "image": picture}
        case NodeText():
            return "text", {"node": event.place.display, "text": event.text}
        case NodeOutput():
            return "output", {"node": event.place.display, "output": event.ui or {}}
        case NodeBlocked():
            return "blocked", {"node": event.place.display, "message": event.message}
        case _:
            return None
