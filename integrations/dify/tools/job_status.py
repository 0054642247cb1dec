"""How a run stands that was asked for earlier, by whatever door."""

import time
from typing import Any

from dify_plugin import Tool
from limner_api.answers import messages
from limner_api.running import Messages
from limner_api.server import FINAL, LONG_POLL, LimnerError, Server


class JobStatus(Tool):
    """Tells of a run."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        name = str(tool_parameters.get("run_id") or "").strip()
        if not name:
            raise LimnerError("There is no run_id; the other tools tell it.")
        server = Server.of(self.runtime.credentials)
        deadline = time.monotonic() + float(tool_parameters.get("wait") or 0)
        state = server.run(name)
        while state["status"] not in FINAL and (left := deadline - time.monotonic()) > 0:
            state = server.run(name, min(LONG_POLL, left))
        yield from messages(self, server, state, str(tool_parameters.get("delivery") or "file"))
