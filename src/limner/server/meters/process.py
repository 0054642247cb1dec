"""The server's own process, and which version of what it is."""

import platform

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.process_collector import ProcessCollector

from limner import __version__
from limner.server.metrics import Meter


def join(_: web.Application, registry: CollectorRegistry) -> None:
    """Adds memory, processor time and open files (where the system tells them), and the version."""
    ProcessCollector(registry=registry)
    build = Gauge("limner_build_info", "Always 1; the labels say what runs.", ("version", "python"), registry=registry)
    build.labels(__version__, platform.python_version()).set(1)


METER = Meter("process", join)
