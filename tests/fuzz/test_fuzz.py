"""Thousands of odd requests: no 500, no traceback, the server stays up and its memory flat.

``make fuzz`` sends 20,000; the ordinary tests send a few hundred. ``LIMNER_FUZZ`` names another number.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.e2e.conftest import LiveServer
from tests.fuzz.drawing import Request, Talk, anything
from tests.fuzz.sending import Sender, resident

REQUESTS = int(os.environ.get("LIMNER_FUZZ", "400"))
WARM = 0.3
"""Share of the requests after which memory must stay flat: caches are full then."""

GROWTH = 60 << 20
"""Bytes that the server may grow afterwards; a leak of one body per request would be far more."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    running = LiveServer(tmp_path_factory.mktemp("fuzz") / "data")
    size = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
    graph: dict[str, Any] = {"1": {"class_type": "EmptyImage", "inputs": size}}
    graph["2"] = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    try:
        running.wait(running.submit(graph))
        yield running
    finally:
        running.close()


@pytest.mark.timeout(3600)
def test_odd_requests(server: LiveServer) -> None:
    sender, told, sizes = Sender(server.url), Counter(), []

    @settings(
        max_examples=REQUESTS,
        database=None,
        deadline=None,
        derandomize="LIMNER_FUZZ_RANDOM" not in os.environ,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(anything)
    def send(what: Request | Talk) -> None:
        status, body = sender.send(what)
        told[status] += 1
        if sum(told.values()) % max(REQUESTS // 10, 1) == 0:
            sizes.append(resident(server.process.pid))
        assert status < 500, (what, status, body[:500])
        assert b"Traceback (most recent call last)" not in body, (what, body[:2000])

    send()
    sender.close()
    print(f"{sum(told.values())} requests, answers {dict(sorted(told.items()))}")
    print("server memory (MB):", [size >> 20 for size in sizes])
    assert server.process.poll() is None
    assert server.call("/queue") is not None
    settled = sizes[int(len(sizes) * WARM) :]
    assert max(settled) - settled[0] < GROWTH
    assert "Traceback" not in server.data.parent.joinpath(f"{server.data.name}.log").read_text()
