"""What ``/v1/images`` answers: pictures with what they cost, at once or as a stream of events."""

import base64
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PIXELS_OF_TOKEN = 32
"""A token stands for so many pixels squared; local networks have no tokens of pictures, but clients count by them."""

LETTERS_OF_TOKEN = 4


@dataclass(frozen=True, kw_only=True)
class Made:
    """What all answers to a request have in common.

    Attributes:
        size: Width and height.
        format: ``png``, ``jpeg`` or ``webp``.
        prompt: For counting.
        count: Pictures.
        shown: Pixels of pictures that the request brought along.
        transparent: They have no background.
        cost: What other services took for it, in US dollars; None: nobody knows.
        created: Seconds since the epoch.
    """

    size: tuple[int, int]
    format: str
    prompt: str
    count: int
    shown: int = 0
    transparent: bool = False
    cost: float | None = None
    created: int = field(default_factory=lambda: int(time.time()))

    def facts(self) -> dict[str, Any]:
        """Fields that stand in every answer."""
        width, height = self.size
        return {
            "background": "transparent" if self.transparent else "opaque",
            "output_format": self.format,
            "quality": "auto",
            "size": f"{width}x{height}",
        }

    def usage(self) -> dict[str, Any]:
        """Tokens, with all the fields that clients read without looking."""
        text = math.ceil(len(self.prompt) / LETTERS_OF_TOKEN)
        seen = math.ceil(self.shown / PIXELS_OF_TOKEN**2)
        drawn = self.count * math.ceil(self.size[0] * self.size[1] / PIXELS_OF_TOKEN**2)
        return {
            "total_tokens": text + seen + drawn,
            "input_tokens": text + seen,
            "output_tokens": drawn,
            "input_tokens_details": {"text_tokens": text, "image_tokens": seen},
            "output_tokens_details": {"text_tokens": 0, "image_tokens": drawn},
            **({} if self.cost is None else {"cost": self.cost}),
        }


def answer(
    made: Made, pictures: Sequence[dict[str, Any]], addresses: Sequence[str], seed: int, seconds: float
) -> dict[str, Any]:
    """The body: OpenAI's, and beside it what SiliconFlow's clients read.

    Args:
        made: What the request asked for.
        pictures: ``b64_json`` or ``url`` of each.
        addresses: Where each can be fetched, whatever the client asked for.
        seed: Of the first.
        seconds: That it took.
    """
    beside = {
        "images": [{"url": address} for address in addresses],
        "timings": {"inference": round(seconds, 3)},
        "seed": seed,
    }
    return {"created": made.created, "data": list(pictures), **made.facts(), "usage": made.usage(), **beside}


def as_text(picture: bytes) -> str:
    """Bytes as ``b64_json`` has them."""
    return base64.b64encode(picture).decode()


def partial_event(kind: str, made: Made, number: int, picture: bytes) -> bytes:
    """An event with a picture on the way. Args: kind: ``image_generation`` or ``image_edit``."""
    more = {"b64_json": as_text(picture), "partial_image_index": number}
    return _event(f"{kind}.partial_image", {"created_at": made.created, **made.facts(), **more})


def completed_event(kind: str, made: Made, picture: bytes) -> bytes:
    """The event with the picture."""
    more = {"b64_json": as_text(picture), "usage": made.usage()}
    return _event(f"{kind}.completed", {"created_at": made.created, **made.facts(), **more})


def error_event(body: dict[str, Any]) -> bytes:
    """The event of a stream that cannot go on."""
    return _event("error", body)


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
