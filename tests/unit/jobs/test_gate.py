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


def test_back_off_starts_at_once_then_doubles_and_forgets():
    back_off = BackOff()
    assert back_off.delay() == 0
    back_off.lost()
    assert back_off.delay() == 0
    back_off.lost()  # the same loss, told by a second job
    assert back_off.delay() == 0
    back_off.SAME_LOSS = 0.0
    for wait in (0.5, 1, 2, 4, 8, 16, 30, 30):
        time.sleep(0.001)
        back_off.lost()
        assert wait - 0.2 < back_off.delay() <= wait
    back_off.succeeded()
    assert back_off.delay() == 0
