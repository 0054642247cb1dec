"""Requests: how many, how long, how they ended, by the template of their route."""

import time

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from limner.server.metrics import SECONDS, Meter
from limner.server.route import Handler

GONE = "499"
"""What is counted for a client that hangs up."""

ODD_METHOD = "OTHER"
UNKNOWN = "unknown"
"""Route of requests that nothing here answers: their paths are foreign texts, and endless ones."""


def join(application: web.Application, registry: CollectorRegistry) -> None:
    """Measures all requests, also those that are refused."""
    labels = ("method", "route")
    counted = Counter(
        "limner_http_requests", "Requests that were answered.", (*labels, "status"), registry=registry
    )  # fmt: skip
    lasted = Histogram(
        "limner_http_request_seconds",
        "Time from a request's head to its answer's end, without sockets.",
        labels,
        buckets=SECONDS,
        registry=registry,
    )
    open_now = Gauge("limner_http_requests_open", "Requests and sockets that are being answered.", registry=registry)

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status, where = time.monotonic(), GONE, (_method(request), _route(request))
        open_now.inc()
        try:
            reply = await handler(request)
            status = str(reply.status)
            if not isinstance(reply, web.WebSocketResponse):
                lasted.labels(*where).observe(time.monotonic() - began)
            return reply
        except web.HTTPException as error:
            status = str(error.status)
            raise
        finally:
            open_now.dec()
            counted.labels(*where, status).inc()

    application.middlewares.insert(0, measure)


def _method(request: web.Request) -> str:
    return request.method if request.method in hdrs.METH_ALL else ODD_METHOD


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return UNKNOWN if resource is None else resource.canonical


METER = Meter("requests", join)
