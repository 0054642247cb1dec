"""``comfy_execution``: graphs, expansions, progress."""

from comfy_host.missing import absent

__getattr__ = absent(__name__)
