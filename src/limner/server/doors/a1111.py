"""A1111's API."""

from typing import Any

from limner.server.door import Door


def _body(_status: int, _code: str, message: str) -> dict[str, Any]:
    return {"detail": message}


PREFIXES = ("/sdapi", "/controlnet", "/internal/progress", "/internal/pending-tasks", "/internal/ping")

DOOR = Door("a1111", PREFIXES, _body, asks_people=True)
