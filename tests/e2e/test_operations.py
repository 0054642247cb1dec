"""What those who run a server see of it: health, figures and traces, through the loss of its worker."""

import http.server
import os
import signal
import threading
import time
import urllib.error
import urllib.request

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from tests.e2e.client_play import blank
from tests.e2e.conftest import LiveServer

PATIENCE = 90.0


class Collector(http.server.ThreadingHTTPServer):
    """Takes spans."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.names = []


class CollectorHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        parts = [part for resource in sent.resource_spans for part in resource.scope_spans]
        self.server.names += [span.name for part in parts for span in part.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def collector():
    with Collector() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory, collector):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        patch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        running = LiveServer(tmp_path_factory.mktemp("operations") / "data", "--threads", "1")
    try:
        running.wait(running.submit(blank()))
        yield running
    finally:
        running.close()


def status(server, path):
    try:
        with urllib.request.urlopen(server.url + path, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def figure(server, name, **labels):
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


def eventually(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_that_is_lost_shows(server):
    eventually(lambda: status(server, "/readyz") == 200)
    assert figure(server, "limner_worker_starts_total") == 1
    assert figure(server, "limner_worker_resident_bytes") > 1 << 20
    os.kill(server.worker(), signal.SIGKILL)
    eventually(lambda: status(server, "/readyz") == 503 or figure(server, "limner_worker_starts_total") == 2)
    assert status(server, "/healthz") == 200
    eventually(lambda: status(server, "/readyz") == 200 and figure(server, "limner_worker_starts_total") == 2)
    ended = figure(server, "limner_jobs_ended_total", dialect="comfy", state="succeeded")
    server.wait(server.submit(blank()))
    eventually(lambda: figure(server, "limner_jobs_ended_total", dialect="comfy", state="succeeded") == ended + 1)


def test_spans_come_to_the_collector(server, collector):
    wanted = {"POST /prompt", "job", "node EmptyImage", "node SaveImage"}
    eventually(lambda: wanted <= set(collector.names))
