"""One run from its request to its messages; every tool that draws goes this way."""

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from dify_plugin import Tool
from dify_plugin.entities.tool import ToolInvokeMessage

from limner_api.answers import messages
from limner_api.server import FINAL, LONG_POLL, LimnerError, Server, Upload

TIMEOUT = 300.0
"""Seconds after which a run is given up if the caller says nothing else."""

Messages = Generator[ToolInvokeMessage, None, None]


def run(
    tool: Tool, path: str, fields: Mapping[str, Any], files: Sequence[Upload], parameters: Mapping[str, Any]
) -> Messages:
    """Starts a run, waits for it, and tells what came of it. One that takes too long is cancelled.

    Args:
        tool: Which tool.
        path: Where it is started, without being waited for.
        fields: What is sent; what is not given is left out.
        files: Likewise.
        parameters: The tool's, for how it is to be told.

    Raises:
        LimnerError: if it cannot run, fails, or takes too long.
    """
    server = Server.of(tool.runtime.credentials)
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    started = server.start(path, given, files)
    ended = wait(server, started, float(parameters.get("timeout") or TIMEOUT))
    yield from messages(tool, server, succeeded(ended), str(parameters.get("delivery") or "file"))


def wait(server: Server, started: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """A run that has ended.

    Raises:
        LimnerError: if it has not after some seconds; it is cancelled then.
    """
    state, deadline = dict(started), time.monotonic() + seconds
    while state["status"] not in FINAL:
        left = deadline - time.monotonic()
        if left <= 0:
            server.cancel(state["id"])
            more = "Raise its timeout, or ask for fewer steps or a smaller picture."
            raise LimnerError(f"Run {state['id']} was not done after {seconds:g} s and was cancelled. {more}")
        state = server.run(state["id"], min(LONG_POLL, left))
    return state


def succeeded(state: dict[str, Any]) -> dict[str, Any]:
    """A run that ended well.

    Raises:
        LimnerError: if it did not.
    """
    if state["status"] == "succeeded":
        return state
    raise LimnerError(state.get("error") or f"Run {state['id']} was {state['status']}.")
