"""Pictures as texts in bodies: base64, with or without the head of a data URI."""

import base64
import binascii

from limner.dialects.a1111.errors import invalid, refusal

ADDRESSES = ("http://", "https://")


def picture_bytes(text: object) -> bytes:
    """The bytes of a picture in a body.

    Raises:
        GraphError: if it is none. Addresses are refused too: to fetch them would let anyone use this server to reach
            what only this server may reach.
    """
    if isinstance(text, str) and text.startswith(ADDRESSES):
        raise refusal("Requests not allowed: send the picture itself as base64, not its address.", 500)
    if not isinstance(text, str):
        raise invalid("A picture must be a base64 text.", "image", kind="type_error")
    if not text.strip():
        raise refusal("Invalid encoded image: a base64 text is expected.", 500)
    body = text.partition(",")[2] if text.startswith("data:") else text
    packed = "".join(body.split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal(f"Invalid encoded image ({error}).", 500) from error


def picture_text(data: bytes) -> str:
    """Bytes as answers have them: base64 without the head of a data URI."""
    return base64.b64encode(data).decode()
