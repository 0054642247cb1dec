"""Texts cut, searched and compared."""

import pytest

from limner.graph.errors import StepError
from limner.nodes.strings import (
    case_converter,
    regex_extract,
    regex_match,
    regex_replace,
    string_compare,
    string_contains,
    string_length,
    string_replace,
    string_substring,
    string_trim,
)


def test_plain_texts():
    assert string_substring(string="abcdef", start=1, end=-1) == "bcde"
    assert string_length(string="äöü") == 3
    assert case_converter(string="a cat", mode="Title Case") == "A Cat"
    assert string_trim(string="  a ", mode="Left") == "a "
    assert string_replace(string="aXbX", find="X", replace="") == "ab"


def test_comparisons():
    assert string_contains(string="A red Apple", substring="APPLE", case_sensitive=False)
    assert not string_contains(string="A red Apple", substring="APPLE")
    assert string_compare(string_a="apple", string_b="app", mode="Starts With")
    assert not string_compare(string_a="apple", string_b="APPLE", mode="Equal")
    assert string_compare(string_a="apple", string_b="PLE", mode="Ends With", case_sensitive=False)


@pytest.mark.parametrize(
    ("mode", "found"),
    [("First Match", "a1"), ("All Matches", "a1\nb2"), ("First Group", "1"), ("All Groups", "1\n2")],
)
def test_regular_expressions(mode, found):
    assert regex_extract(string="a1 b2", regex_pattern=r"\w(\d)", mode=mode) == found
    assert regex_match(string="x\nA", regex_pattern="^a", multiline=True)
    assert regex_replace(string="a1 b2", regex_pattern=r"(\w)(\d)", replace=r"\2\1", count=1) == "1a b2"


def test_nothing_found():
    assert regex_extract(string="a", regex_pattern="b", mode="First Match") == ""
    assert regex_extract(string="a", regex_pattern="a", mode="First Group", group_index=3) == ""


def test_faulty_expressions_say_what_is_wrong():
    with pytest.raises(StepError, match="no regular expression"):
        regex_match(string="a", regex_pattern="(")
    with pytest.raises(StepError, match="cannot be put in"):
        regex_replace(string="a", regex_pattern="a", replace=r"\3")
