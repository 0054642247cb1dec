"""``/v1/chat/completions``: from a conversation to the pictures that its last message asks for. Pure.

The form is the one in which OpenRouter offers models that draw: ``modalities``, ``image_config``, pictures as parts of
a message. Our models read no conversations, so the prompt is the text of the last message of the user and nothing else;
what came before, and what the system was told, would only be drawn.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.openai.images_request import ImagesRequest, read_images_request
from limner.dialects.openai.pictures_sent import MOST_PICTURES, picture_text
from limner.dialects.openai.refusals import refusal

SIDE = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
"""Side of a square, in pixels, by ``image_size``; other shapes have as many pixels."""

STRETCH = 8.0
"""The longest side may be so many times the shortest."""

STEP = 16
"""Sides are multiples of it."""

LARGEST = 4096
TEXT, IMAGE = "text", "image"

OTHERS = ("messages", "modalities", "image_config", "response_format", "image_size", "image", "images", "prompt")
"""Fields that mean something else in a chat than for pictures, or are read here."""


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What a conversation asks for.

    Attributes:
        asked: The pictures.
        shown: What names the pictures of the last message.
        models: Names to be tried one after another; empty: the default model.
        told: Words are wanted beside the pictures.
        linked: The client does not know of pictures: the words have to show them.
        counted: A stream tells the usage at its end.
    """

    asked: ImagesRequest
    shown: tuple[str, ...]
    models: tuple[str, ...]
    told: bool
    linked: bool
    counted: bool


def read_chat_request(body: Mapping[str, Any], key: str = "") -> ChatRequest:
    """Reads a body. Args: key: Of the request; see ``read_images_request``.

    Raises:
        GraphError: if something is missing, or has a value that cannot be meant.
    """
    config = _object(body, "image_config")
    parts = _last_message(body.get("messages"))
    fields = {name: value for name, value in {**body, **config}.items() if name not in OTHERS}
    size = _size(config) or body.get("size")
    modalities = _names(body, "modalities")
    return ChatRequest(
        asked=read_images_request({**fields, "prompt": _text_of(parts) or " ", "size": size}, key),
        shown=_pictures_of(parts),
        models=tuple(dict.fromkeys(name for name in (body.get("model"), *_names(body, "models")) if name)),
        told=TEXT in modalities or IMAGE not in modalities,
        linked=IMAGE not in modalities,
        counted=bool(_object(body, "stream_options").get("include_usage")) or bool(_object(body, "usage")),
    )


def _last_message(messages: Any) -> list[Mapping[str, Any]]:
    """The parts of the last message that the user wrote."""
    if not isinstance(messages, list) or not messages:
        message = "Missing required parameter: 'messages', a list with a message of the user."
        raise refusal(message, "missing_required_parameter", "messages")
    written = [one for one in messages if isinstance(one, Mapping) and one.get("role") == "user"]
    content = written[-1].get("content") if written else None
    if isinstance(content, str):
        return [{"type": TEXT, "text": content}]
    if not isinstance(content, list) or not content:
        message = "'messages' must hold a message with role 'user' and a text or parts as its 'content'."
        raise refusal(message, "invalid_value", "messages")
    return [part for part in content if isinstance(part, Mapping)]


def _text_of(parts: Sequence[Mapping[str, Any]]) -> str:
    texts = [part["text"] for part in parts if part.get("type") in (TEXT, "input_text") and "text" in part]
    return "\n".join(text.strip() for text in texts if isinstance(text, str)).strip()


def _pictures_of(parts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = [picture_text(part, "messages") for part in parts if part.get("type") in ("image_url", "input_image")]
    if len(found) > MOST_PICTURES:
        message = f"The message shows {len(found)} pictures; at most {MOST_PICTURES} are taken."
        raise refusal(message, "invalid_value", "messages")
    return tuple(found)


def _size(config: Mapping[str, Any]) -> str | None:
    """The size that ``aspect_ratio`` and ``image_size`` mean, as ``size`` has it; None: nothing was said."""
    ratio, size = config.get("aspect_ratio"), config.get("image_size")
    if isinstance(size, str) and "x" in size.lower():
        return size
    if not ratio and not size:
        return None
    side = SIDE.get(str(size or "1K").upper())
    if side is None:
        message = f"'image_size' must be one of {', '.join(SIDE)} or WIDTHxHEIGHT, but is {size!r:.40}."
        raise refusal(message, "invalid_value", "image_config")
    shape = math.sqrt(_ratio(ratio or "1:1"))
    return "x".join(str(max(STEP, min(LARGEST, round(part / STEP) * STEP))) for part in (side * shape, side / shape))


def _ratio(text: Any) -> float:
    width, _, height = str(text).partition(":")
    try:
        ratio = float(width) / float(height)
    except (ValueError, ZeroDivisionError, OverflowError):
        ratio = 0.0
    if not 1 / STRETCH <= ratio <= STRETCH:
        message = f"'aspect_ratio' must be WIDTH:HEIGHT with sides of 1 to {STRETCH:.0f} to 1, but is {text!r:.40}."
        raise refusal(message, "invalid_value", "image_config")
    return ratio


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None or isinstance(value, Mapping):
        return value or {}
    raise refusal(f"'{name}' must be an object, but is {value!r:.40}.", "invalid_type", name)


def _names(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise refusal(f"'{name}' must be a list of texts, but is {value!r:.40}.", "invalid_type", name)
    return tuple(value)
