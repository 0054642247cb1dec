"""The OpenAPI document of OpenAI's door. It is data (``openapi.json``); only the server's address is filled in."""

import json
from importlib.resources import files
from typing import Any


def openapi_document(address: str) -> dict[str, Any]:
    """The document. Args: address: Where clients reach the server."""
    text = files("limner.dialects.openai").joinpath("openapi.json").read_text(encoding="utf-8")
    return {**json.loads(text), "servers": [{"url": address}]}
