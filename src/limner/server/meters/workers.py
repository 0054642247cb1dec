"""Workers: whether they are up, how often they began anew, what they hold in memory."""

from collections.abc import Iterator, Mapping
from typing import Any

import psutil
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from limner.jobs.dispatcher import Dispatcher
from limner.server.metrics import Meter
from limner.server.route import SERVICE


class WorkerFigures(Collector):
    """Asks the workers when somebody asks for the figures. Blocks for as long as a worker takes to answer."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: no worker is asked while the registry is put together."""
        return []

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        """The figures."""
        worker = ("worker",)
        up = GaugeMetricFamily("limner_worker_up", "1: the worker answers.", labels=worker)
        starts = CounterMetricFamily("limner_worker_starts", "How often its process was started.", labels=worker)
        resident = GaugeMetricFamily("limner_worker_resident_bytes", "Main memory of its process.", labels=worker)
        held = GaugeMetricFamily("limner_worker_held_bytes", "What it holds, by kind.", labels=("worker", "kind"))
        for status in self._dispatcher.status():
            name = str(status["name"])
            up.add_metric((name,), float(bool(status.get("up"))))
            if "starts" in status:
                starts.add_metric((name,), float(status["starts"]))
            if "pid" in status:
                resident.add_metric((name,), _resident(int(status["pid"])))
            for kind, size in _held(status):
                held.add_metric((name, kind), size)
        return [up, starts, resident, held]


def _resident(process: int) -> float:
    try:
        return float(psutil.Process(process).memory_info().rss)
    except psutil.Error:
        return 0.0


def _held(status: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What a worker says that it holds: results of nodes, and networks on each device."""
    results = status.get("results")
    if isinstance(results, Mapping):
        yield "results", float(results.get("bytes", 0))
    for device in status.get("devices", ()):
        yield f"networks on {device.get('device', '?')}", float(device.get("bytes", 0))


def join(application: web.Application, registry: CollectorRegistry) -> None:
    """Adds the workers of the application's dispatcher."""
    registry.register(WorkerFigures(application[SERVICE].dispatcher))


METER = Meter("workers", join)
