"""ComfyUI's API, and every path that no other door has."""

from typing import Any

from limner.dialects.comfy.problems import error_body
from limner.graph.problem import Problem
from limner.server.door import Door


def _body(_: int, code: str, message: str) -> dict[str, Any]:
    return error_body(Problem(code=code, message=message))


DOOR = Door("comfy", (), _body, asks_people=True)
