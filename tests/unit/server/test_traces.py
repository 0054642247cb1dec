"""Spans that reach a receiver of OpenTelemetry's protocol: a request, its job, its nodes."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from limner.server.traces import TRACES

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def receiver(monkeypatch):
    """What a collector receives."""
    received = []

    async def take(request):
        received.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response(body=b"", content_type="application/x-protobuf")

    application = web.Application()
    application.router.add_post("/v1/traces", take)
    async with TestServer(application) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", str(server.make_url("")).rstrip("/"))
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield received


async def spans_of(serving, received, *names):
    """The spans that came, by name, as soon as all of some are there."""
    traces = serving.client.server.app[TRACES]
    async with asyncio.timeout(20):
        while True:
            await asyncio.to_thread(traces.flush)
            parts = [scope for sent in received for resource in sent.resource_spans for scope in resource.scope_spans]
            found = {span.name: span for part in parts for span in part.spans}
            if found.keys() >= set(names):
                return found
            await asyncio.sleep(0.02)


def facts(span):
    return {entry.key: entry.value.string_value or entry.value.int_value for entry in span.attributes}


async def test_a_request_its_job_and_its_nodes(start, document, receiver):
    serving = await start(traces=True)
    body = {"prompt": document("EmptyImage", "SaveImage"), "client_id": "a"}
    answer = await serving.client.post("/prompt", json=body, headers={"traceparent": PARENT})
    job = (await answer.json())["prompt_id"]
    await serving.finished(job)
    found = await spans_of(serving, receiver, "POST /prompt", "job", "node EmptyImage", "node SaveImage")
    request, ran, node = found["POST /prompt"], found["job"], found["node SaveImage"]
    assert request.trace_id.hex() in PARENT
    assert request.parent_span_id.hex() in PARENT
    assert ran.parent_span_id == request.span_id
    assert node.parent_span_id == ran.span_id
    assert facts(request) == {
        "http.request.method": "POST",
        "http.route": "/prompt",
        "http.response.status_code": 200,
    }
    assert facts(ran)["limner.job.id"] == job
    assert [event.name for event in ran.events] == ["claimed", "recalled"]
    assert ran.start_time_unix_nano <= node.start_time_unix_nano <= node.end_time_unix_nano <= ran.end_time_unix_nano
    (resource,) = {sent.resource_spans[0].resource.SerializeToString() for sent in receiver}
    assert b"limner" in resource


async def test_what_fails_says_why(start, document, receiver):
    serving = await start(traces=True)
    job = await serving.post({"prompt": document("CapError", "PreviewImage")})
    await serving.finished(job["prompt_id"])
    ran = (await spans_of(serving, receiver, "job", "node CapError"))["job"]
    assert ran.status.message == "boom"
    assert facts(ran)["error.type"] == "RuntimeError"


async def test_without_the_variable_there_are_none(serving):
    assert TRACES not in serving.client.server.app
