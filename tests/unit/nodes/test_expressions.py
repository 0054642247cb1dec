"""Expressions compute, and can do nothing else."""

import pytest

from limner.graph.errors import LimnerError, NumericsError
from limner.nodes.expressions import evaluate, math_expression, string_format


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("a & -8", 16),
        ("max(5, round(a * 24)) + (5 - (max(5, round(a * 24)) % 17)) % 17", 481),
        ("4 * ceil((a - b) / 4) + 1", 21),
        ("a % b if b > 0 else 0", 2),
        ("2 < b < 4 and not a < b", True),
        ("~0 + 2 ** 3 // b", 1),
        ("sqrt(16) + pi * 0", 4.0),
        ("False or b", 3),
    ],
)
def test_arithmetic(expression, result):
    assert evaluate(expression, {"a": 20, "b": 3}) == result


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a +",
        "c",
        "'x' * 9",
        "a.__class__",
        "[a]",
        "(lambda: 1)()",
        "__import__('os')",
        "round(a, ndigits=1)",
        "a[0]",
        "1 / 0",
        "9 ** 9 ** 9",
        "1000.0 ** 1000",
        "(0 - 8) ** 0.5",
        "max(1)",
        "(" * 3000,
        "-" * 4000 + "1",
        "1 + " * 2000 + "1",
        "a << 9",
        "exp(800)",
    ],
)
def test_what_is_no_arithmetic_is_refused(expression):
    with pytest.raises(NumericsError):
        evaluate(expression, {"a": 20})


def test_only_numbers_are_computed_with():
    with pytest.raises(NumericsError, match=r"a \(str\)"):
        evaluate("a * 3", {"a": "x"})


def test_the_node_gives_three_readings_of_its_result():
    assert math_expression(expression="a / b", **{"values.a": 7, "values.b": 2}) == (3.5, 3, True)
    assert [entry.name for entry in math_expression.type.inputs[:3]] == ["expression", "values", "values.a"]
    assert [entry.required for entry in math_expression.type.inputs[:4]] == [True, False, True, False]


def test_texts_are_filled():
    values = {"values.a": 0.51, "values.b": "x", "values.c": [1]}
    assert string_format(f_string="{{{a:.3f}}} {b!r:>5} {c}", **values) == "{0.510}   'x' [1]"


@pytest.mark.parametrize("text", ["{d}", "{a.__class__}", "{a[0]}", "{}", "{", "{a:99999999}", "{a:zz}", "{a:.99999f}"])
def test_gaps_that_look_inside_or_are_broken_are_refused(text):
    with pytest.raises(LimnerError):
        string_format(f_string=text, **{"values.a": 0.5})
