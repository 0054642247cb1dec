"""What follows jobs: how much of it is still to be done."""

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from limner.server.deliveries import DELIVERIES
from limner.server.metrics import Meter

KINDS = ("upload", "webhook")
"""Kinds that are told of even if nothing is to be done, so that graphs have a line at zero."""


class DeliveryFigures(Collector):
    """Counts what is in the outbox when somebody asks."""

    def __init__(self, application: web.Application) -> None:
        self._application = application

    def collect(self) -> list[GaugeMetricFamily]:
        """The figures; none if the server delivers nothing."""
        deliveries = self._application.get(DELIVERIES)
        if deliveries is None:
            return []
        family = GaugeMetricFamily(
            "limner_deliveries_outstanding", "Uploads and webhooks of ended jobs that are not done.", labels=("kind",)
        )
        for kind, count in {**dict.fromkeys(KINDS, 0), **deliveries.outbox.outstanding()}.items():
            family.add_metric((kind,), count)
        return [family]


def join(application: web.Application, registry: CollectorRegistry) -> None:
    """Adds what the application delivers."""
    registry.register(DeliveryFigures(application))


METER = Meter("deliveries", join)
