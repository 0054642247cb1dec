"""The coercion rules of contract 3.4."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.graph.coercion import CoercionError, coerce, echoed, shown


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("INT", "16", 16),
        ("INT", 8.9, 8),
        ("INT", True, 1),
        ("INT", 2**64 - 1, 2**64 - 1),
        ("FLOAT", "1e3", 1000.0),
        ("FLOAT", 1, 1.0),
        ("STRING", 123, "123"),
        ("STRING", None, "None"),
        ("STRING", (1, 2), "[1, 2]"),
        ("BOOLEAN", "false", True),
        ("BOOLEAN", "", False),
        ("BOOLEAN", 0, False),
        ("IMAGE", None, None),
        ("COMBO", 5, 5),
    ],
)
def test_conversion(kind, value, result):
    found = coerce(kind, value)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("INT", None),
        ("INT", "1.5"),
        ("INT", math.inf),
        ("INT", math.nan),
        ("INT", {}),
        ("FLOAT", None),
        ("FLOAT", "x"),
        ("FLOAT", math.nan),
        ("FLOAT", "inf"),
    ],
)
def test_refusal(kind, value):
    with pytest.raises(CoercionError):
        coerce(kind, value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(["INT", "FLOAT", "STRING", "BOOLEAN"]), json_values)
def test_the_result_is_of_the_type_or_refused(kind, value):
    try:
        found = coerce(kind, value)
    except CoercionError:
        return
    assert type(found) is {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}[kind]
    assert coerce(kind, found) == found


@given(json_values)
def test_what_is_shown_is_short(value):
    assert len(shown(value)) < 1100
    assert len(str(echoed(value))) < 1100


def test_numbers_that_python_does_not_print():
    assert "too large" in shown(10**5000)
    assert isinstance(echoed(10**5000), str)
    assert echoed(2**70) == str(2**70)
