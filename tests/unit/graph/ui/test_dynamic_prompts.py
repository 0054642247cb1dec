"""Dynamic prompts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.graph.ui.dynamic_prompts import resolve_prompt


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("a cat", "a cat", "a cat"),
        ("a {red|blue} cat", "a red cat", "a blue cat"),
        ("{a|{b|c} d}", "a", "c d"),
        ("{a}", "a", "a"),
        ("{}", "", ""),
        ("a | b }", "a | b }", "a | b }"),
        ("open {a|b", "open {a|b", "open {a|b"),
        (r"\{a\|b\}", "{a|b}", "{a|b}"),
        (r"(a\) {x\|y|z}", r"(a\) x|y", r"(a\) z"),
        ("a /* not {this|that} */b", "a b", "a b"),
        ("one // two\nthree", "one \nthree", "one \nthree"),
        ("a /* never closed", "a /* never closed", "a /* never closed"),
    ],
)
def test_resolution(text, first, last):
    assert resolve_prompt(text, lambda count: 0) == first
    assert resolve_prompt(text, lambda count: count - 1) == last


@given(st.text(alphabet="{|}\\/*\n a", max_size=40))
def test_any_text(text):
    assert isinstance(resolve_prompt(text, lambda count: count - 1), str)


@pytest.mark.parametrize("text", ["{" * 10**6, "/*" * 10**6, "{a" * 900 + "}" * 900, "\\" * 10**6])
def test_hostile_text_stays_cheap(text):
    started = time.process_time()
    resolve_prompt(text, lambda count: 0)
    assert time.process_time() - started < 5
