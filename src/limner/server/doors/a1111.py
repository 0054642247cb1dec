"""A1111's API."""

from typing import Any

from limner.server.door import Door

PREFIXES = ("/sdapi", "/controlnet", "/internal/progress", "/internal/pending-tasks", "/internal/ping")

NOBODY = "Incorrect username or password"
"""What A1111 says to those whom it does not know; what they can do stands beside it."""


def _body(status: int, _code: str, message: str) -> dict[str, Any]:
    return {"detail": NOBODY, "errors": message} if status == 401 else {"detail": message}


DOOR = Door("a1111", PREFIXES, _body, asks_people=True)
