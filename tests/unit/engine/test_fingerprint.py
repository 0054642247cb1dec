import math
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.fingerprint import UnequalError, canonical, fingerprint
from limner.graph.graph import Link
from limner.graph.node_type import NodeType

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def shape(value):
    """Types and values: what ``canonical`` must tell apart (1, 1.0 and True, 0.0 and -0.0)."""
    if isinstance(value, list | tuple):
        return ["list", *map(shape, value)]
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    return (type(value).__name__, repr(value))


@given(JSON, JSON)
def test_bytes_are_equal_exactly_when_values_are(first, second):
    assert (canonical(first) == canonical(second)) == (shape(first) == shape(second))


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_order_of_a_mapping_does_not_matter(mapping):
    assert canonical(mapping) == canonical(dict(reversed(mapping.items())))


def test_tuples_are_lists():
    assert canonical((1, ("a",))) == canonical([1, ["a"]])


def test_content_cannot_pass_for_structure():
    values = [
        ["a", "b"],
        ["as1;b"],
        "as1;b",
        [["a"], "b"],
        [[], "a", "b"],
        {"a": "b"},
        ["ab"],
        b"ab",
        "ab",
        ["a", ["b"]],
    ]
    assert len({canonical(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", [math.nan, [1, math.nan], {"a": {"b": math.nan}}, object(), {1: 2}, {1, 2}])
def test_what_equals_nothing(value):
    with pytest.raises(UnequalError):
        canonical(value)


def test_deep_and_long_values():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert len(canonical(deep)) > 100_000
    assert canonical(10**10_000) != canonical(10**10_000 + 1)
    assert canonical("\ud800") != canonical("?")


PLAIN = NodeType(name="a", title="", category="", doc="")


def test_what_a_fingerprint_covers():
    keys = {"1": b"x" * 16, "2": b"y" * 16}
    base = {"a": 1, "b": Link("1", 0)}

    def of(node_type=PLAIN, extra=b"", **changes):
        return fingerprint(node_type, {**base, **changes}.items(), keys, extra)

    different = [
        of(),
        of(a=2),
        of(c=1),
        of(b=Link("2", 0)),
        of(b=Link("1", 1)),
        of(b="1"),
        of(extra=b"z"),
        of(NodeType(name="b", title="", category="", doc="")),
        of(NodeType(name="a", title="", category="", doc="", version=2)),
    ]
    assert len(set(different)) == len(different)
    assert of() == fingerprint(PLAIN, list(base.items())[::-1], keys)
    assert len(of()) == 16


def test_derived_plain_values_equal_the_plain_ones():
    class Text(str):
        pass

    assert canonical(Text("a")) == canonical(StrEnum("E", "A").A) == canonical("a")
    assert canonical(type("Count", (int,), {})(3)) == canonical(3)
    assert canonical(type("Real", (float,), {})(0.5)) == canonical(0.5)
