import threading
import time

from limner.jobs.gate import BackOff, Gate


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


def test_back_off_doubles_and_forgets():
    back_off = BackOff()
    assert back_off.delay() == 0
    back_off.lost()
    back_off.lost()  # the same loss, told by a second job
    assert 0 < back_off.delay() <= 0.2
    back_off.SAME_LOSS = 0.0
    for wait in (0.5, 1, 2, 4, 8, 16, 30, 30):
        time.sleep(0.001)
        back_off.lost()
        assert wait - 0.2 < back_off.delay() <= wait
    back_off.succeeded()
    assert back_off.delay() == 0


def test_a_worker_that_fails_at_once_is_not_started_again_and_again():
    """Quick failures used to count as one loss for ever, so that nothing ever waited."""
    back_off, attempts = BackOff(), 0
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        time.sleep(min(back_off.delay(), 0.01))
        if not back_off.delay():
            attempts += 1
            back_off.lost()
    assert attempts <= 3


def test_back_off_survives_thousands_of_losses():
    back_off = BackOff()
    back_off.SAME_LOSS = 0.0
    for _ in range(5000):
        back_off.lost()
    assert back_off.delay() <= 30
