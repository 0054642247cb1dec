"""Figures, health and readiness of a server."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from limner.engine.events import Charged
from limner.graph.charge import Charge
from limner.graph.errors import StorageError
from limner.server.readiness import READINESS


async def figures(serving):
    """All samples by name and labels."""
    answer = await serving.client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(await answer.text()))
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def reach(serving, value, *key):
    """All figures, as soon as one has a value."""
    async with asyncio.timeout(10):
        while (found := await figures(serving)).get(key) != value:
            await asyncio.sleep(0.01)
    return found


async def test_jobs_are_counted_by_dialect_and_end(serving, document):
    good = await serving.post({"prompt": document("EmptyImage", "SaveImage")})
    bad = await serving.post({"prompt": document("CapError", "PreviewImage")})
    for job in (good, bad):
        await serving.finished(job["prompt_id"])
    found = await reach(serving, 1, "limner_jobs_ended_total", "comfy", "failed")
    assert found["limner_jobs_accepted_total", "comfy"] == 2
    assert found["limner_jobs_ended_total", "comfy", "succeeded"] == 1
    assert found["limner_job_run_seconds_count", "comfy"] == 2
    assert found["limner_job_wait_seconds_count", "comfy"] == 2
    assert found["limner_jobs", "finished"] == 2
    assert found["limner_jobs", "waiting"] == 0
    assert found["limner_node_seconds_count", "SaveImage"] == 1
    assert found["limner_worker_up", "scripted"] == 1


async def test_what_is_remembered_is_counted(serving, document):
    for _ in range(2):
        await serving.finished((await serving.post({"prompt": document("EmptyImage", "SaveImage")}))["prompt_id"])
    assert await reach(serving, 2, "limner_nodes_recalled_total")


async def test_requests_are_counted_by_the_template_of_their_route(serving):
    await serving.client.get("/history/one")
    await serving.client.get("/history/two")
    await serving.client.get("/nothing/one")
    await serving.client.request("SEARCH", "/nothing/two")
    found = await figures(serving)
    answered = {key[1:]: value for key, value in found.items() if key[0] == "limner_http_requests_total"}
    assert answered["GET", "/history/{job}", "200"] == 2
    assert answered["GET", "unknown", "404"] == 1
    assert answered["OTHER", "unknown", "405"] == 1
    assert found["limner_http_request_seconds_count", "GET", "/history/{job}"] == 2
    assert found["limner_http_requests_open",] == 1


async def test_what_is_asked_of_others_is_counted(serving, document):
    job = await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    async with asyncio.timeout(10):
        while not serving.worker.requests:
            await asyncio.sleep(0.002)
    good = Charge(provider="far", model="big", images=2, seconds=0.3, cost=0.04)
    for charge in (good, Charge(provider="far", model="big", seconds=9.0, failure="status 500")):
        running = serving.dispatcher.journal.get(job["prompt_id"])
        event = Charged(job=job["prompt_id"], time=1, charge=charge)
        serving.dispatcher.delivery.emit(job["prompt_id"], running.epoch, event)
    found = await reach(serving, 1, "limner_provider_requests_total", "big", "failed", "far")
    assert found["limner_provider_requests_total", "big", "ok", "far"] == 1
    assert found["limner_provider_seconds_count", "big", "far"] == 2
    assert found["limner_provider_images_total", "big", "far"] == 2
    assert found["limner_provider_cost_total", "USD", "big", "far"] == 0.04
    serving.worker.gate.set()


async def test_a_server_is_healthy_before_it_is_ready(start):
    serving = await start(up=False, catalog_wait=0.01)
    assert (await serving.client.get("/healthz")).status == 200
    answer = await serving.client.get("/readyz")
    assert answer.status == 503
    assert "worker" in (await answer.json())["reasons"][0]
    assert answer.headers["Retry-After"]
    serving.worker.up.set()
    async with asyncio.timeout(10):
        while (await serving.client.get("/readyz")).status != 200:
            await asyncio.sleep(0.05)


@pytest.fixture
def impatient(serving):
    """A server that looks anew whenever it is asked."""
    serving.client.server.app[READINESS]._clock = iter(range(0, 10_000, 10)).__next__
    return serving


async def test_a_full_disk_is_a_reason(impatient, monkeypatch):
    def refuse(worker):
        raise StorageError("The disk is full.")

    async with asyncio.timeout(10):
        while (await impatient.client.get("/readyz")).status != 200:
            await asyncio.sleep(0.01)
    monkeypatch.setattr(impatient.dispatcher.journal, "heartbeat", refuse)
    answer = await impatient.client.get("/readyz")
    assert (answer.status, (await answer.json())["status"]) == (503, "not ready")
    assert "disk is full" in (await answer.json())["reasons"][0]


async def test_a_long_queue_is_a_reason(start, document):
    serving = await start(ready_queue=1)
    serving.client.server.app[READINESS]._clock = iter(range(0, 10_000, 10)).__next__
    for number in range(4):
        graph = document("CapSleep", "PreviewImage")
        await serving.post({"prompt": {**graph, "note": {"class_type": "CapSleep", "inputs": {}}}, "number": number})
    await serving.running(2)
    answer = await serving.client.get("/readyz")
    assert answer.status == 503
    assert "2 jobs wait" in (await answer.json())["reasons"][0]
    serving.worker.gate.set()
