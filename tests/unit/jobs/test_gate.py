import threading
import time

import pytest

from limner.jobs import gate as gate_module
from limner.jobs.gate import BackOff, Gate


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(gate_module, "time", clock)
    return clock


def never():
    return False


def enter_in_thread(gate, alone, inside, leave, name):
    def work():
        with gate.enter(alone, never) as entered:
            assert entered
            inside.append(name)
            assert leave.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_many_enter_together_and_one_waits_to_be_alone():
    gate, inside = Gate(), []
    first, alone, last = threading.Event(), threading.Event(), threading.Event()
    threads = [enter_in_thread(gate, False, inside, first, name) for name in "ab"]
    wait_until(lambda: len(inside) == 2)
    threads.append(enter_in_thread(gate, True, inside, alone, "alone"))
    wait_until(lambda: gate._wanting)
    threads.append(enter_in_thread(gate, False, inside, last, "late"))
    time.sleep(0.15)
    assert sorted(inside) == ["a", "b"]  # who came later does not overtake the one who wants to be alone
    first.set()
    wait_until(lambda: len(inside) == 3)
    assert inside[2] == "alone"
    alone.set()
    last.set()
    for thread in threads:
        thread.join(10)
    assert inside[3] == "late"


def test_waiting_can_be_given_up():
    gate = Gate()
    with gate.enter(True, never) as first, gate.enter(False, lambda: True) as second:
        assert (first, second) == (True, False)
    with gate.enter(True, never) as again:
        assert again


def test_back_off_doubles_and_forgets(clock):
    back_off = BackOff()
    assert back_off.delay() == 0
    back_off.lost()
    clock.now += 0.1
    back_off.lost()  # the same loss, told by a second job
    assert back_off.delay() == pytest.approx(0.1)
    for wait in (0.5, 1, 2, 4, 8, 16, 30, 30):
        clock.now += back_off.SAME_LOSS
        back_off.lost()
        assert back_off.delay() == pytest.approx(wait)
    clock.now += 29
    assert back_off.delay() == pytest.approx(1)
    back_off.succeeded()
    assert back_off.delay() == 0


def test_a_worker_that_fails_at_once_is_not_started_again_and_again(clock):
    """Quick failures used to count as one loss for ever, so that nothing ever waited."""
    back_off, attempts = BackOff(), []
    while clock.now < 110:
        if not back_off.delay():
            attempts.append(clock.now - 100)
            back_off.lost()
        clock.now += 0.01
    assert attempts == pytest.approx([0, 0.2, 0.7, 1.7, 3.7, 7.7], abs=0.1)


def test_back_off_survives_thousands_of_losses():
    back_off = BackOff()
    back_off.SAME_LOSS = 0.0
    for _ in range(5000):
        back_off.lost()
    assert back_off.delay() <= 30
