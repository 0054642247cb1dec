"""Traces for OpenTelemetry: a request, the job that it asked for, the nodes that ran, as spans within one another.

Where they are sent is said by OpenTelemetry's own variables (``OTEL_EXPORTER_OTLP_ENDPOINT`` ...). Its packages are
imported only then. Spans are sent in the background; if nobody takes them, they are lost and nothing else is.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING

from aiohttp import web

from limner import __version__
from limner.engine.events import (
    TERMINAL,
    AnyEvent,
    Claimed,
    Failed,
    Interrupted,
    NodeFinished,
    NodeStarted,
    Queued,
    Recalled,
    Requeued,
)
from limner.graph.errors import SettingsError
from limner.jobs.records import Job
from limner.server.route import Handler

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SERVER = "limner"
UNKNOWN = "unknown"
REMEMBERED = 1000
"""Requests whose jobs have not yet been heard of; the oldest is forgotten first."""

FLUSH_MILLISECONDS = 2000
"""How long a server that stops waits for the last spans to be sent."""

NANOSECONDS = 1_000_000
"""In a millisecond."""


def new_provider() -> "TracerProvider":
    """Makes spans and sends them to where the variables say.

    Raises:
        SettingsError: if OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install 'limner[telemetry]', "
            f"or take the variable away ({error})."
        ) from error
    own = Resource({"service.name": SERVER, "service.version": __version__})
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Traces:
    """Makes spans of what happens. ``hear`` may be called from any thread, by one thread at a time."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(SERVER, __version__)
        self._asked: OrderedDict[str, Context] = OrderedDict()
        self._jobs: dict[str, Span] = {}
        self._nodes: dict[tuple[str, str], Span] = {}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Wraps a request into a span, within the caller's own if it names one."""
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        resource = request.match_info.route.resource
        where = UNKNOWN if resource is None else resource.canonical
        facts = {"http.request.method": request.method, "http.route": where}
        with self._tracer.start_as_current_span(
            f"{request.method} {where}", extract(request.headers), SpanKind.SERVER, facts
        ) as span:
            reply = await handler(request)
            span.set_attribute("http.response.status_code", reply.status)
            return reply

    def follow(self, job: str) -> None:
        """Notes that the request at hand asks for a job. From any thread that has the request's context."""
        from opentelemetry.context import get_current

        self._asked[job] = get_current()
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def hear(self, job: Job, event: AnyEvent) -> None:
        """Takes an event."""
        span = self._span(job)
        match event:
            case Queued():
                pass
            case Claimed():
                span.add_event("claimed", {"worker": event.worker, "attempt": event.attempt}, event.time * NANOSECONDS)
            case Requeued():
                span.add_event("requeued", {"reason": event.reason}, event.time * NANOSECONDS)
                self._end_nodes(event)
            case Recalled():
                span.add_event("recalled", {"nodes": len(event.nodes)}, event.time * NANOSECONDS)
            case NodeStarted():
                self._begin_node(span, job, event)
            case NodeFinished():
                node = self._nodes.pop((event.job, event.place.node), None)
                if node is not None:
                    node.end(event.time * NANOSECONDS)
            case _ if isinstance(event, TERMINAL):
                self._end(span, event)
            case _:
                pass

    def flush(self) -> None:
        """Sends what was not sent yet. Blocks."""
        self._provider.force_flush(FLUSH_MILLISECONDS)

    def close(self) -> None:
        """Sends the rest and ends. Blocks."""
        self.flush()
        self._provider.shutdown()

    def _span(self, job: Job) -> "Span":
        """The span of a job; one that waited when the server began has no request."""
        asked = job.submission
        known = self._jobs.get(asked.id)
        if known is not None:
            return known
        facts = {"limner.job.id": asked.id, "limner.job.dialect": asked.dialect, "limner.job.owner": asked.owner}
        context, began = self._asked.pop(asked.id, None), asked.created * NANOSECONDS
        self._jobs[asked.id] = span = self._tracer.start_span("job", context, attributes=facts, start_time=began)
        return span

    def _begin_node(self, span: "Span", job: Job, event: NodeStarted) -> None:
        from opentelemetry.trace import set_span_in_context

        node = job.submission.document.get(event.place.real)
        kind = str(node.get("class_type", UNKNOWN)) if isinstance(node, dict) else UNKNOWN
        facts = {"limner.node.id": event.place.node, "limner.node.type": kind}
        began = self._tracer.start_span(
            f"node {kind}", set_span_in_context(span), attributes=facts, start_time=event.time * NANOSECONDS
        )
        self._nodes[event.job, event.place.node] = began

    def _end(self, span: "Span", event: AnyEvent) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._end_nodes(event)
        if isinstance(event, Failed):
            span.set_status(Status(StatusCode.ERROR, event.failure.message))
            span.set_attribute("error.type", event.failure.error_type)
        elif isinstance(event, Interrupted):
            span.set_status(Status(StatusCode.ERROR, "interrupted"))
        span.end(event.time * NANOSECONDS)
        del self._jobs[event.job]

    def _end_nodes(self, event: AnyEvent) -> None:
        """Ends the nodes that had begun when their job ended, or was lost."""
        for key in [key for key in self._nodes if key[0] == event.job]:
            self._nodes.pop(key).end(event.time * NANOSECONDS)


TRACES: web.AppKey[Traces] = web.AppKey("traces", Traces)
"""Absent if no traces are wanted."""
