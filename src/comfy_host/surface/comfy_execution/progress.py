"""``comfy_execution.progress``: how far nodes are. The engine tells clients; packs may report through here."""

from comfy_host.context import running
from comfy_host.missing import absent


class ProgressHandler:
    """Hears of progress. Limner's clients are told by the engine."""

    def __init__(self, name):
        self.name = name
        self.enabled = True

    def enable(self):
        """Hears again."""
        self.enabled = True

    def disable(self):
        """Hears no more."""
        self.enabled = False


class ProgressRegistry:
    """The progress of the node that runs in the calling thread."""

    def __init__(self):
        self.handlers = {}

    def register_handler(self, handler):
        """Remembers a handler; the engine does not call it."""
        self.handlers[handler.name] = handler

    def unregister_handler(self, handler_name):
        """Forgets a handler."""
        self.handlers.pop(handler_name, None)

    def update_progress(self, node_id, value, max_value, image=None):
        """Tells how far the node is."""
        running().progress.report(value, max_value)

    def start_progress(self, node_id):
        """The engine tells when a node starts."""

    def finish_progress(self, node_id):
        """The engine tells when a node is done."""


def get_progress_state():
    """The registry."""
    return ProgressRegistry()


def add_progress_handler(handler):
    """See ``ProgressRegistry.register_handler``."""


__getattr__ = absent(__name__)
