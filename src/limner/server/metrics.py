"""Figures for those who watch over a server: ``/metrics`` in the format of Prometheus.

Each topic measures in a file of its own in ``meters``. All figures of a server lie in one registry of its own, so that
several servers in one process do not mix theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from limner.graph.discovery import discover
from limner.server import meters

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
"""Bounds of the classes that durations are counted in: from a request to a long film."""

METRICS: web.AppKey[CollectorRegistry] = web.AppKey("metrics", CollectorRegistry)


@dataclass(frozen=True)
class Meter:
    """Measures one topic; a module in ``meters`` defines one, and it is found by itself.

    Attributes:
        name: Of the topic.
        join: Adds its figures to the registry and begins to measure the application.
    """

    name: str
    join: Callable[[web.Application, CollectorRegistry], None]


def add_metrics(application: web.Application) -> None:
    """Begins to measure an application."""
    application[METRICS] = registry = CollectorRegistry()
    for meter in discover(meters, Meter, lambda meter: meter.name).values():
        meter.join(application, registry)


def exposition(registry: CollectorRegistry, accepts: str) -> tuple[bytes, str]:
    """All figures as text, with its content type. Blocks: some are looked up only now.

    Args:
        registry: Holds them.
        accepts: The Accept header of whoever asks; OpenMetrics is written for those who want it.
    """
    encode, content_type = choose_encoder(accepts)
    return encode(registry), content_type
