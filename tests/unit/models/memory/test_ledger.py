import gc
import itertools
import random
import threading
import time
import weakref
from collections import Counter
from functools import partial

import pytest

from limner.models.memory.ledger import Claim, ResidencyLedger
from limner.models.memory.load_plan import MemoryRefusal


def claim(key, size=10, load=None, parent=None):
    return Claim(key=key, what=str(key), bytes=size, load=load or (lambda: object()), parent=parent)


def held(ledger):
    return [entry["what"] for entry in ledger.status()["entries"]]


def test_loads_once():
    ledger = ResidencyLedger("cpu")
    with ledger.lease(claim("a")) as first:
        pass
    with ledger.lease(claim("a")) as second:
        assert second is first


def test_evicts_what_was_used_longest_ago():
    given, clock = [], itertools.count().__next__
    ledger = ResidencyLedger("cpu", capacity=25, released=lambda: given.append(1), clock=clock)
    for key in "abac":
        with ledger.lease(claim(key)):
            pass
    assert held(ledger) == ["a", "c"]
    assert given == [1]


def test_leased_things_stay_and_capacity_is_exceeded(caplog):
    ledger = ResidencyLedger("cpu", capacity=15)
    with ledger.lease(claim("a")) as first, ledger.lease(claim("b")):
        assert held(ledger) == ["a", "b"]
        with ledger.lease(claim("a")) as again:
            assert again is first
    assert "in use" in caplog.text


def test_shared_memory_goes_last():
    ledger = ResidencyLedger("cpu", capacity=25)
    with ledger.lease(claim("plain", 15)), ledger.lease(claim("adapted", 5, parent="plain")):
        pass
    with ledger.lease(claim("other", 10)):
        assert held(ledger) == ["plain", "other"]


def test_parent_is_not_evicted_for_its_child():
    ledger = ResidencyLedger("cpu", capacity=20)
    with ledger.lease(claim("plain", 15)):
        pass
    with ledger.lease(claim("adapted", 10, parent="plain")):
        assert "plain" in held(ledger)


def test_failure_is_told_to_all_and_forgotten():
    ledger = ResidencyLedger("cpu")
    answers = iter([ValueError("broken"), None])

    def load():
        answer = next(answers)
        if answer:
            raise answer
        return "fine"

    with pytest.raises(ValueError, match="broken"), ledger.lease(claim("a", load=load)):
        pass
    assert held(ledger) == []
    with ledger.lease(claim("a", load=load)) as value:
        assert value == "fine"


def test_many_threads_load_once():
    ledger, loads, values = ResidencyLedger("cpu"), [], []

    def load():
        loads.append(1)
        time.sleep(0.05)
        return object()

    def work():
        with ledger.lease(claim("a", load=load)) as value:
            values.append(value)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(set(map(id, values))) == 1


def test_release_and_status():
    ledger = ResidencyLedger("cpu", capacity=100)
    with ledger.lease(claim("a"), "sampling"):
        with ledger.lease(claim("b")):
            pass
        assert ledger.release() == 10
        (entry,) = ledger.status()["entries"]
        assert (entry["what"], entry["why"], entry["leases"]) == ("a", "sampling", 1)
    assert ledger.status()["bytes"] == 10


def test_a_device_that_fails_to_take_memory_back_leaves_nobody_waiting():
    def fail():
        raise RuntimeError("the device is lost")

    ledger = ResidencyLedger("cpu", capacity=15, released=fail)
    with ledger.lease(claim("a")):
        pass
    with pytest.raises(RuntimeError, match="the device is lost"), ledger.lease(claim("b")):
        pass
    with ledger.lease(claim("b")):  # tried again; it used to wait for ever
        assert held(ledger) == ["b"]


class Weights:
    """Something loaded, counted as long as anybody has it."""

    def __init__(self, alive, key, size):
        alive[id(self)] = (key, size)
        weakref.finalize(self, alive.pop, id(self))


def test_many_jobs_and_little_memory():
    """No deadlock, and the budget is exceeded only while everything is in use."""
    capacity, sizes, leased, wrong = 30, {"a": 10, "b": 15, "c": 8, "d": 12, "e": 5}, Counter(), []
    alive, lock = {}, threading.Lock()
    ledger = ResidencyLedger("cpu", capacity)

    def load(key):
        made = Weights(alive, key, sizes[key])
        with lock:
            held = dict(alive.values())
            if sum(held.values()) > capacity and any(not leased[other] for other in held):
                wrong.append(held)
        return made

    def job(seed):
        choose = random.Random(seed)
        for _ in range(60):
            first, second = choose.sample(sorted(sizes), 2)
            with lock:
                leased.update((first, second))
            with (
                ledger.lease(claim(first, sizes[first], partial(load, first))),
                ledger.lease(claim(second, sizes[second], partial(load, second))),
            ):
                pass
            with lock:
                leased.subtract((first, second))

    threads = [threading.Thread(target=job, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    assert wrong == []
    with ledger.lease(claim("a", 10, lambda: load("a"))):
        gc.collect()
        assert sum(size for _, size in alive.values()) <= capacity


def test_things_may_leave_at_once():
    ledger = ResidencyLedger("cpu", capacity=100, keep=False)
    with ledger.lease(claim("a")):
        with ledger.lease(claim("b")):
            assert held(ledger) == ["a", "b"]
        assert held(ledger) == ["a"]
    assert held(ledger) == []


def test_pages_of_files_are_evicted_but_refuse_nothing():
    ledger = ResidencyLedger("cpu", capacity=15)
    mapped = Claim("a", "a", 40, object, mapped=40)
    with ledger.lease(mapped):
        assert ledger.status()["bytes"] == 40
    with ledger.lease(claim("b")):
        assert held(ledger) == ["b"]


def test_work_evicts_what_is_idle():
    ledger = ResidencyLedger("cpu", capacity=30)
    with ledger.lease(claim("idle")):
        pass
    with ledger.lease(claim("busy")):
        ledger.begin_work("busy", 15)
        assert held(ledger) == ["busy"]
        assert ledger.status()["entries"][0]["work"] == 15
        ledger.end_work("busy", 15)
        assert ledger.status()["entries"][0]["work"] == 0
        with pytest.raises(MemoryRefusal, match="one evaluation of this size"):
            ledger.begin_work("busy", 21)


def test_work_beside_others_is_only_warned_of(caplog):
    ledger = ResidencyLedger("cpu", capacity=30)
    with ledger.lease(claim("one")), ledger.lease(claim("two")):
        ledger.begin_work("one", 15)
    assert "more than is left" in caplog.text
