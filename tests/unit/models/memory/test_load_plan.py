"""Whole, in part, or refused with the numbers."""

import pytest

from limner.graph.errors import SettingsError
from limner.models.memory.load_plan import MemoryRefusal, Part, Plan, Room, plan_load, shown


def part(least=20, most=None):
    return Part(lambda: least, lambda allowed: allowed, None if most is None else lambda: most)


def plan(whole=100, how=None, work=0, free=100, capacity=100):
    return plan_load("the network", whole, how, work, Room("cuda", capacity, free))


def test_whole_where_there_is_room():
    assert plan() == Plan(100)
    assert plan(work=50, free=150, capacity=150) == Plan(100)
    assert plan(capacity=None, free=0) == Plan(100)


def test_in_part_where_there_is_less():
    assert plan(how=part(), free=60) == Plan(60, partly=True)
    assert plan(how=part(), free=60, work=10) == Plan(50, partly=True)
    assert plan(how=part(), free=25, work=10) == Plan(20, partly=True)


def test_work_that_is_only_a_guess_refuses_nothing():
    assert plan(how=part(), free=100, work=50) == Plan(50, partly=True)
    assert plan(free=100, work=50) == Plan(100)


def test_others_in_the_way_are_no_reason_to_refuse():
    assert plan(how=part(), free=5) == Plan(20, partly=True, overdrawn=True)
    assert plan(free=5) == Plan(100, overdrawn=True)


def test_no_more_than_was_asked_for():
    assert plan(how=part(most=40), free=1000, capacity=1000) == Plan(40, partly=True)
    assert plan(how=part(most=10), free=1000, capacity=1000) == Plan(20, partly=True)
    assert plan(how=part(most=40), capacity=None) == Plan(40, partly=True)


@pytest.mark.parametrize("how", [None, part(least=90)])
def test_what_could_not_work_even_alone_is_refused(how):
    with pytest.raises(MemoryRefusal, match=r"the network does not fit cuda: it needs .* may use 80 bytes") as refused:
        plan(how=how, free=80, capacity=80)
    assert isinstance(refused.value, SettingsError)
    assert "--vram" in str(refused.value)
    assert ("block by block" in str(refused.value)) == (how is not None)


def test_sizes_for_people():
    assert [shown(size) for size in (12, 5 << 20, 3 << 30)] == ["12 bytes", "5 MiB", "3.00 GiB"]
