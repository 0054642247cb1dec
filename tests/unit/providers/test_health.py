"""How a service does: the circuit breaker, the running latency, the limits."""

import asyncio

import pytest

from limner.providers.health import FORGOTTEN, LONGEST_PAUSE, Health
from limner.providers.refusal import ProviderError
from limner.providers.settings import Limits

ILL = ProviderError("It is broken.", reason="status 500", retryable=True, ill=True)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_failures_in_a_row_open_the_circuit_and_a_good_answer_closes_it(clock):
    health = Health(Limits(failures=3, pause=30), clock)
    for _ in range(2):
        health.failed(ILL)
    assert health.rest() == 0
    health.failed(ILL)
    assert health.rest() == 30
    clock.now += 31
    assert health.rest() == 0, "half open: one may try"
    health.failed(ILL)
    assert health.rest() == 60, "it is still ill, so it is left alone for longer"
    clock.now += 61
    health.succeeded("m", 1.0)
    health.failed(ILL)
    assert health.rest() == 0, "it was well in between"


def test_pauses_have_an_end(clock):
    health = Health(Limits(failures=1, pause=100), clock)
    for _ in range(20):
        health.failed(ILL)
        clock.now += LONGEST_PAUSE
    health.failed(ILL)
    assert health.rest() == LONGEST_PAUSE


def test_what_was_asked_wrongly_says_nothing_of_health(clock):
    health = Health(Limits(failures=1), clock)
    health.failed(ProviderError("No.", reason="status 400"))
    assert health.rest() == 0


def test_a_service_that_asks_to_be_left_alone_is(clock):
    health = Health(Limits(failures=100), clock)
    health.failed(ProviderError("Later.", reason="status 429", retryable=True, wait=7))
    assert health.rest() == 7


async def test_one_request_at_a_time_tries_a_service_that_was_ill(clock):
    health = Health(Limits(failures=1, pause=30), clock)
    health.failed(ILL)
    clock.now += 31
    async with health.place():
        assert health.rest() > 0, "somebody tries already"
    assert health.rest() == 0


def test_latency_is_a_running_mean_that_is_forgotten(clock):
    health = Health(Limits(), clock)
    assert health.latency("m") == 0
    health.succeeded("m", 10.0)
    health.succeeded("m", 20.0)
    assert health.latency("m") == pytest.approx(13.0)
    assert health.latency("other") == 0
    clock.now += FORGOTTEN + 1
    assert health.latency("m") == 0


async def test_no_more_requests_at_once_than_allowed():
    health = Health(Limits(concurrency=2))
    inside, most = 0, 0

    async def ask():
        nonlocal inside, most
        async with health.place():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask() for _ in range(10)))
    assert most == 2


async def test_no_more_requests_in_a_minute_than_allowed(clock):
    health = Health(Limits(per_minute=2, concurrency=10), clock)
    for _ in range(2):
        assert not health.crowded
        async with health.place():
            pass
    assert health.crowded
    clock.now += 61
    assert not health.crowded
