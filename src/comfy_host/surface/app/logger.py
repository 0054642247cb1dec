"""``app.logger``: the log."""

import logging

from comfy_host.missing import absent


def get_logs():
    """What was logged; clients ask the server (``/internal/logs``)."""
    return []


def on_flush(callback):
    """Nothing is flushed here."""


def log_startup_warning(msg):
    """Logs a warning."""
    logging.warning(msg)


__getattr__ = absent(__name__)
