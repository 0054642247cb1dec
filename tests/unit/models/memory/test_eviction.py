"""What goes first: what is cheap to have again, by the byte, and long unused."""

from hypothesis import given
from hypothesis import strategies as st

from limner.models.memory.eviction import Candidate, choose_victims


def thing(key, size=10, seconds=1.0, idle=1.0, parent=None):
    return Candidate(key, size, seconds, idle, parent)


def gone(candidates, need, spared=()):
    return [victim.key for victim in choose_victims(candidates, need, frozenset(spared))]


def test_with_equal_costs_it_is_the_longest_unused():
    assert gone([thing("a", idle=3), thing("b", idle=9), thing("c", idle=5)], 10) == ["b"]


def test_what_is_dear_to_have_again_stays_although_it_is_older():
    assert gone([thing("dear", seconds=30, idle=20), thing("cheap", seconds=1, idle=2)], 10) == ["cheap"]
    assert gone([thing("dear", seconds=30, idle=200), thing("cheap", seconds=1, idle=2)], 10) == ["dear"]


def test_large_things_are_not_dearer_for_being_large():
    things = [thing("large", size=100, seconds=10, idle=5), thing("small", size=1, seconds=1, idle=5)]
    assert gone(things, 50) == ["large"]


def test_what_is_not_needed_in_the_end_is_put_back():
    things = [thing("small", size=1, seconds=0.01, idle=9), thing("large", size=100, seconds=10, idle=5)]
    assert gone(things, 1) == ["small"]
    assert gone(things, 100) == ["large"]


def test_children_go_before_their_parents():
    things = [thing("plain", idle=9), thing("adapted", size=2, idle=1, parent="plain")]
    assert gone(things, 2) == ["adapted"]
    assert gone(things, 11) == ["adapted", "plain"]
    assert gone(things, 11, spared=["adapted"]) == ["plain"], "the ledger spares its parent too"


def test_nothing_is_needed():
    assert gone([thing("a")], 0) == []
    assert gone([thing("a")], -5) == []


CANDIDATES = st.lists(st.tuples(st.integers(1, 50), st.floats(0, 100), st.floats(0, 1000)), max_size=12).map(
    lambda rows: [Candidate(n, *row) for n, row in enumerate(rows)]
)


@given(CANDIDATES, st.integers(0, 400))
def test_enough_goes_and_nothing_in_vain(candidates, need):
    victims = choose_victims(candidates, need)
    freed = sum(victim.bytes for victim in victims)
    everything = sum(candidate.bytes for candidate in candidates)
    assert freed >= min(need, everything)
    assert all(freed - victim.bytes < need for victim in victims)
