"""Other services: how often they were asked, how long they took, what that cost."""

from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram

from limner.engine.events import AnyEvent, Charged
from limner.graph.charge import Charge
from limner.jobs.records import Job
from limner.server.metrics import SECONDS, Meter
from limner.server.route import SERVICE


class ProviderFigures:
    """Counts what is asked of providers. ``hear`` may be called from any thread, by one thread at a time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("provider", "model")
        self._asked = Counter(
            "limner_provider_requests", "Requests to other services.", (*labels, "outcome"), registry=registry
        )  # fmt: skip
        self._lasted = Histogram(
            "limner_provider_seconds", "Time that they took.", labels, buckets=SECONDS, registry=registry
        )
        self._images = Counter("limner_provider_images", "Pictures that came of them.", labels, registry=registry)
        self._cost = Counter("limner_provider_cost", "What they cost.", (*labels, "currency"), registry=registry)

    def hear(self, _: Job, event: AnyEvent) -> None:
        """Counts an event."""
        if isinstance(event, Charged):
            self._count(event.charge)

    def _count(self, charge: Charge) -> None:
        where = charge.provider, charge.model
        self._asked.labels(*where, "failed" if charge.failure else "ok").inc()
        self._lasted.labels(*where).observe(charge.seconds)
        self._images.labels(*where).inc(charge.images)
        if charge.cost is not None:
            self._cost.labels(*where, charge.currency).inc(charge.cost)


def join(application: web.Application, registry: CollectorRegistry) -> None:
    """Measures what the application's jobs ask of others while it runs."""
    figures, dispatcher = ProviderFigures(registry), application[SERVICE].dispatcher

    async def listening(_: web.Application) -> AsyncIterator[None]:
        stop = dispatcher.listen(figures.hear)
        yield
        stop()

    application.cleanup_ctx.append(listening)


METER = Meter("providers", join)
