"""Jobs and their nodes: how many, how long they wait and run, what is remembered."""

from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, Summary
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from limner.engine.events import (
    TERMINAL,
    AnyEvent,
    NodeFinished,
    NodeStarted,
    Queued,
    Recalled,
    Requeued,
    Started,
)
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.records import Job
from limner.server.metrics import SECONDS, Meter
from limner.server.route import SERVICE

MILLISECONDS = 1000.0


class JobFigures:
    """Counts what happens to jobs. ``hear`` may be called from any thread, by one thread at a time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, said: str, *labels: str) -> Counter:
            return Counter(f"limner_{name}", said, labels, registry=registry)

        def histogram(name: str, said: str) -> Histogram:
            return Histogram(f"limner_{name}", said, ("dialect",), buckets=SECONDS, registry=registry)

        self._accepted = counter("jobs_accepted", "Jobs that were put into the queue.", "dialect")
        self._ended = counter("jobs_ended", "Jobs that ended, by how.", "dialect", "state")
        self._requeued = counter("jobs_requeued", "Jobs that went back to the queue because their worker was lost.")
        self._events = counter("job_events", "Events of jobs, by kind.", "kind")
        self._recalled = counter("nodes_recalled", "Nodes that did not need to run, their results being held.")
        self._waited = histogram("job_wait_seconds", "Time from acceptance to the first step.")
        self._ran = histogram("job_run_seconds", "Time from the first step to the end.")
        self._nodes = Summary("limner_node_seconds", "Time that nodes ran, by type.", ("type",), registry=registry)
        self._begun: dict[str, dict[str, int]] = {}

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Counts an event."""
        self._events.labels(type(event).__name__.lower()).inc()
        match event:
            case Queued():
                self._accepted.labels(job.submission.dialect).inc()
            case Started() if job.attempt <= 1:
                self._waited.labels(job.submission.dialect).observe(_seconds(job.submission.created, event.time))
            case Requeued():
                self._begun.pop(event.job, None)
                self._requeued.inc()
            case Recalled():
                self._recalled.inc(len(event.nodes))
            case NodeStarted() | NodeFinished():
                self._node(job, event)
            case _ if isinstance(event, TERMINAL):
                self._end(job)
            case _:
                pass

    def _node(self, job: Job, event: NodeStarted | NodeFinished) -> None:
        begun = self._begun.setdefault(event.job, {})
        if isinstance(event, NodeStarted):
            begun[event.place.node] = event.time
            return
        since = begun.pop(event.place.node, None)
        node = job.submission.document.get(event.place.real)
        if since is not None and isinstance(node, dict):
            self._nodes.labels(str(node.get("class_type", ""))).observe(_seconds(since, event.time))

    def _end(self, job: Job) -> None:
        self._begun.pop(job.submission.id, None)
        self._ended.labels(job.submission.dialect, job.state).inc()
        if job.started:
            self._ran.labels(job.submission.dialect).observe(_seconds(job.started, job.ended))


class QueueFigures(Collector):
    """Looks up how many jobs stand where, when somebody asks."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def collect(self) -> list[GaugeMetricFamily]:
        """The figures."""
        counts = self._dispatcher.counts()
        family = GaugeMetricFamily("limner_jobs", "Jobs that are kept, by where they stand.", labels=("state",))
        for state in ("waiting", "running", "finished"):
            family.add_metric((state,), getattr(counts, state))
        return [family]


def _seconds(since: int, until: int) -> float:
    return max(0, until - since) / MILLISECONDS


def join(application: web.Application, registry: CollectorRegistry) -> None:
    """Measures the jobs of the application's dispatcher while it runs."""
    figures, dispatcher = JobFigures(registry), application[SERVICE].dispatcher
    registry.register(QueueFigures(dispatcher))

    async def listening(_: web.Application) -> AsyncIterator[None]:
        stop = dispatcher.listen(figures.hear)
        yield
        stop()

    application.cleanup_ctx.append(listening)


METER = Meter("jobs", join)
