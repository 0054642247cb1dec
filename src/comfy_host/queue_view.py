"""``PromptServer.instance.prompt_queue``: what the worker knows of the queue, which is what runs in it."""

from __future__ import annotations

from typing import Any

from comfy_host.context import running


class QueueView:
    """A view of the queue. The queue itself is the server's; packs read it, and rarely more than its length."""

    def __init__(self) -> None:
        self.currently_running: dict[str, Any] = {}
        self.history: dict[str, Any] = {}
        self.flags: dict[str, Any] = {}

    def get_current_queue(self) -> tuple[list[Any], list[Any]]:
        """What runs in the calling thread, and nothing that waits."""
        request = running().request
        if request is None:
            return [], []
        return [(0, request.job, request.document, request.extra, list(request.targets))], []

    def get_current_queue_volatile(self) -> tuple[list[Any], list[Any]]:
        """See ``get_current_queue``."""
        return self.get_current_queue()

    def get_tasks_remaining(self) -> int:
        """How many jobs the worker knows of."""
        return len(self.get_current_queue()[0])

    def get_history(
        self, prompt_id: str | None = None, max_items: int | None = None, offset: int = -1
    ) -> dict[str, Any]:
        """Nothing: the history is the server's (``GET /history``)."""
        return {}

    def set_flag(self, name: str, data: Any) -> None:
        """Remembers a flag. ``POST /free`` is what releases memory."""
        self.flags[name] = data

    def get_flags(self, reset: bool = True) -> dict[str, Any]:
        """The flags that were set."""
        flags = dict(self.flags)
        if reset:
            self.flags.clear()
        return flags
