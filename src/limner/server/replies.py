"""Answers: how bodies and refusals are written, so that no route does it in a way of its own."""

from typing import Any

import msgspec
from aiohttp import web

from limner.dialects.comfy.problems import error_body
from limner.graph.problem import Problem


def json_reply(data: Any, status: int = 200, **headers: str) -> web.Response:
    """An answer with a JSON body."""
    return web.Response(
        body=msgspec.json.encode(data, enc_hook=str),
        status=status,
        headers=headers or None,
        content_type="application/json",
        charset="utf-8",
    )


def error_reply(status: int, code: str, message: str, **headers: str) -> web.Response:
    """A refusal in the shape of ComfyUI's errors."""
    return json_reply(error_body(Problem(code=code, message=message)), status, **headers)


def empty_reply(status: int = 200) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status)
