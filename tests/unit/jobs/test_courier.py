"""The courier: everything is carried, again and again, in its order and with its pauses."""

import threading
import time
from collections import Counter

import pytest

from limner.engine.events import Started, Succeeded
from limner.jobs.courier import AT_ONCE, AT_ONCE_A_PLACE, Carrier, Courier, ErrandError, growing
from limner.jobs.outbox import SETTLED, ErrandState
from limner.jobs.records import Errand, Submission
from limner.jobs.sqlite_journal import SqliteJournal

PAUSES = (0.01, 0.01, 0.01)


@pytest.fixture
def journal(tmp_path):
    journal = SqliteJournal(tmp_path / "limner.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def begin(journal):
    """Starts couriers that end with the test."""
    running = []

    def start(carry, *kinds, pauses=PAUSES, place=lambda kept: kept.errand.body.get("to", "")):
        carriers = {kind: Carrier(kind, pauses, place, carry) for kind in kinds or ("upload",)}
        running.append(Courier(journal.outbox, carriers))
        running[-1].start()
        return running[-1]

    yield start
    for courier in running:
        courier.stop(5)


def put(journal, name, *errands):
    """A job with errands that has ended."""
    journal.submit(Submission(id=name, document={}, targets=(), errands=errands))
    job = journal.claim("worker")
    journal.append(name, job.epoch, [Started(job=name, time=1), Succeeded(job=name, time=2)])


def errand(kind="upload", stage=0, **body):
    return Errand(kind=kind, body=body, stage=stage)


def settled(journal, count, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        known = journal.outbox.latest(1000)
        if len(known) >= count and all(kept.state in SETTLED for kept in known):
            return sorted(known, key=lambda kept: kept.id)
        time.sleep(0.005)
    raise TimeoutError([(kept.id, kept.state, kept.reason) for kept in journal.outbox.latest(1000)])


def test_what_is_due_is_carried_and_its_result_kept(journal, begin):
    put(journal, "a", errand(number=1))
    begin(lambda kept: {"seen": kept.errand.body["number"]})
    (kept,) = settled(journal, 1)
    assert (kept.state, kept.result) == (ErrandState.DONE, {"seen": 1})


def test_what_becomes_due_later_is_carried_when_it_is_woken(journal, begin):
    courier = begin(lambda kept: kept.job)
    put(journal, "a", errand())
    courier.wake()
    assert settled(journal, 1)[0].result == "a"


def test_failures_are_tried_again_and_told(journal, begin):
    tried = []

    def carry(kept):
        tried.append((kept.attempts, kept.reason))
        if len(tried) < 3:
            raise ErrandError(f"no {len(tried)}")
        return "there"

    put(journal, "a", errand())
    begin(carry)
    (kept,) = settled(journal, 1)
    assert tried == [(0, ""), (1, "no 1"), (2, "no 2")]
    assert (kept.result, kept.reason) == ("there", "")


def test_after_the_last_pause_it_is_given_up(journal, begin):
    tries = []

    def carry(kept):
        tries.append(kept.id)
        raise ErrandError("never")

    put(journal, "a", errand())
    begin(carry)
    (kept,) = settled(journal, 1)
    assert (kept.state, kept.reason, kept.attempts) == (ErrandState.GIVEN_UP, "never", len(PAUSES) + 1)
    assert len(tries) == len(PAUSES) + 1


def test_what_would_always_fail_is_given_up_at_once(journal, begin):
    def carry(kept):
        raise ErrandError("gone", final=True)

    put(journal, "a", errand())
    begin(carry)
    assert settled(journal, 1)[0].attempts == 1


def test_a_refusal_may_ask_for_a_longer_pause(journal, begin):
    moments = []

    def carry(kept):
        moments.append(time.monotonic())
        if len(moments) == 1:
            raise ErrandError("busy", after=0.3)

    put(journal, "a", errand())
    begin(carry)
    settled(journal, 1)
    assert moments[1] - moments[0] >= 0.3


def test_a_carrier_that_stumbles_is_a_failure_like_any_other(journal, begin):
    def carry(kept):
        raise RuntimeError("a fault of ours")

    put(journal, "a", errand())
    begin(carry)
    assert "RuntimeError: a fault of ours" in settled(journal, 1)[0].reason


def test_an_errand_that_nobody_knows_is_given_up(journal, begin):
    put(journal, "a", errand("parcel"))
    begin(lambda kept: None)
    (kept,) = settled(journal, 1)
    assert kept.state is ErrandState.GIVEN_UP
    assert "'parcel'" in kept.reason


def test_stages_are_kept(journal, begin):
    order, lock = [], threading.Lock()

    def carry(kept):
        with lock:
            order.append((kept.job, kept.errand.stage))
        if kept.errand.stage == 0 and kept.attempts < 2:
            raise ErrandError("not yet")

    for number in range(5):
        put(journal, f"{number}", errand("webhook", stage=1), errand())
    begin(carry, "upload", "webhook")
    settled(journal, 10)
    for number in range(5):
        assert [stage for job, stage in order if job == f"{number}"] == [0, 0, 0, 1]


def test_many_are_carried_at_once_but_few_to_one_place(journal, begin):
    now, most, lock = Counter(), Counter(), threading.Lock()

    def carry(kept):
        place = kept.errand.body["to"]
        with lock:
            now.update([place, "all"])
            most[place], most["all"] = max(most[place], now[place]), max(most["all"], now["all"])
        time.sleep(0.02)
        with lock:
            now.subtract([place, "all"])

    for number in range(40):
        put(journal, f"{number}", *(errand(to=place) for place in ("x", "y")))
    begin(carry)
    settled(journal, 80)
    assert most["x"] == most["y"] == AT_ONCE_A_PLACE
    assert most["all"] <= AT_ONCE


def test_a_place_that_hangs_holds_up_no_other(journal, begin):
    gate = threading.Event()

    def carry(kept):
        if kept.errand.body["to"] == "dead":
            gate.wait(20)

    for number in range(20):
        put(journal, f"dead {number}", errand(to="dead"))
    put(journal, "alive", errand(to="alive"))
    begin(carry)
    deadline = time.monotonic() + 10
    while journal.outbox.of_job("alive")[0].state is not ErrandState.DONE:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert not gate.is_set()
    gate.set()
    settled(journal, 21)


def test_once_a_place_answers_all_that_waits_for_it_is_tried(journal, begin):
    up = threading.Event()

    def carry(kept):
        if not up.is_set():
            raise ErrandError("down")

    for number in range(5):
        put(journal, f"{number}", errand(to="x"))
    courier = begin(carry, pauses=(3600.0,))
    deadline = time.monotonic() + 10
    while any(kept.attempts == 0 for kept in journal.outbox.latest(10)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    up.set()
    put(journal, "later", errand(to="x"))
    courier.wake()
    assert all(kept.state is ErrandState.DONE for kept in settled(journal, 6))


def test_others_that_succeed_do_not_use_up_the_tries_of_one_that_fails(journal, begin):
    """One receiver has a page that is broken: it is tried early, but its schedule stays what it is."""
    tries, done = [], Counter()

    def carry(kept):
        if kept.job == "broken":
            tries.append(kept.attempts)
            raise ErrandError("broken")
        done[kept.job] += 1

    put(journal, "broken", errand(to="x"))
    courier = begin(carry, pauses=(0.05, 3600.0))
    for number in range(20):
        put(journal, f"{number}", errand(to="x"))
        courier.wake()
        deadline = time.monotonic() + 10
        while not done[f"{number}"]:
            assert time.monotonic() < deadline
            time.sleep(0.005)
    (kept,) = journal.outbox.of_job("broken")
    assert kept.state is ErrandState.DUE
    assert kept.attempts <= 2
    assert len(tries) <= 4
    assert tries.count(2) <= 1


def test_a_courier_that_is_gone_is_followed_by_one_that_goes_on(journal, begin):
    put(journal, "a", errand())
    gate, tries = threading.Event(), []

    def hanging(kept):
        tries.append(kept.id)
        gate.wait(20)
        return "late"

    first = begin(hanging)
    while not tries:
        time.sleep(0.005)
    first.stop(0)  # as if the server had died: it never hears what came of it
    begin(lambda kept: "carried again")
    assert settled(journal, 1)[0].result == "carried again"
    gate.set()


def test_it_stops_when_what_it_carries_is_there(journal, begin):
    put(journal, "a", errand())
    started = threading.Event()

    def carry(kept):
        started.set()
        time.sleep(0.2)
        return "there"

    courier = begin(carry)
    assert started.wait(10)
    courier.stop(10)
    assert journal.outbox.get(1).result == "there"


def test_pauses_grow_up_to_a_longest_one():
    pauses = growing(1, 8, 60)
    assert pauses[:5] == (1, 2, 4, 8, 8)
    assert 60 <= sum(pauses) <= 68
