"""Which pictures a JSON body names: edits as newer clients send them, and the fields of SiliconFlow's and others' APIs.

A picture is an address, a data URI or base64, alone or in an object: ``{"image_url": "..."}``, ``{"url": "..."}``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from limner.dialects.openai.refusals import refusal

PICTURES = ("images", "image", "image2", "image3", "input_image")
"""Fields with pictures, in order; each may be a list."""

MOST_PICTURES = 16
"""That a request may show."""


def named_pictures(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The pictures that a body names, the one to be painted over first.

    Raises:
        GraphError: if one is named in a way that nothing here understands, or if there are too many.
    """
    found = tuple(text for name in PICTURES for text in _texts(body.get(name), name))
    if len(found) > MOST_PICTURES:
        raise refusal(f"{len(found)} pictures were sent; at most {MOST_PICTURES} are taken.", "invalid_value", "images")
    return found


def named_mask(body: Mapping[str, Any]) -> str | None:
    """The mask that a body names, or None.

    Raises:
        GraphError: as above.
    """
    return next(_texts(body.get("mask"), "mask"), None)


def picture_text(value: Any, name: str) -> str:
    """What names a picture, in any of the ways that clients know.

    Raises:
        GraphError: if it names none.
    """
    if isinstance(value, Mapping):
        if value.get("file_id"):
            message = f"{name!r} names a file ({value['file_id']!r:.60}), but this server keeps none. Send 'image_url'."
            raise refusal(message, "invalid_value", name)
        inner = value.get("image_url", value.get("url", value.get("b64_json")))
        value = inner.get("url") if isinstance(inner, Mapping) else inner
    if not isinstance(value, str) or not value:
        message = f"{name!r} must name a picture: an address, a data URI or base64, or an object with 'image_url'."
        raise refusal(message, "invalid_type", name)
    return value


def _texts(value: Any, name: str) -> Iterator[str]:
    if value is None or value == "":
        return
    for one in value if isinstance(value, list) else [value]:
        yield picture_text(one, name)
