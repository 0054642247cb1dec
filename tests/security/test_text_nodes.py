"""T5, T11: texts of a workflow take neither the process nor its memory for themselves."""

import threading
import time

import pytest

from limner.graph.errors import StepError
from limner.nodes import strings
from limner.nodes.strings import LONGEST, regex_extract, regex_match, regex_replace, string_replace
from limner.nodes.values import string_concatenate

SLOW = {"string": "a" * 500, "regex_pattern": "((a{1,99}){1,99}){1,99}b"}


@pytest.mark.parametrize(
    "search",
    [
        lambda: regex_match(**SLOW),
        lambda: regex_extract(**SLOW, mode="All Matches"),
        lambda: regex_replace(**SLOW, replace="x"),
    ],
)
def test_an_expression_that_tries_too_many_ways_ends_and_lets_others_run(search, monkeypatch):
    monkeypatch.setattr(strings, "SEARCH_SECONDS", 0.5)
    beats, ended = [], threading.Event()

    def beat():
        while not ended.wait(0.02):
            beats.append(time.monotonic())

    other = threading.Thread(target=beat)
    other.start()
    try:
        with pytest.raises(StepError, match="too many ways"):
            search()
    finally:
        ended.set()
        other.join()
    assert len(beats) > 5


def test_texts_do_not_grow_without_bound():
    half = "a" * (LONGEST // 2)
    assert len(string_concatenate(string_a=half, string_b=half)) == LONGEST
    with pytest.raises(StepError, match="letters"):
        string_concatenate(string_a=half, string_b=half, delimiter=" ")
    with pytest.raises(StepError, match="letters"):
        string_replace(string="a" * 10_000, find="a", replace="b" * 10_000)
    with pytest.raises(StepError, match="letters"):
        regex_replace(string="a" * 10_000, regex_pattern="a", replace="b" * 10_000)


def test_what_is_put_in_may_name_groups():
    assert regex_replace(string="ab", regex_pattern="(a)(b)", replace=r"\2\1") == "ba"
    assert regex_replace(string="aaa", regex_pattern="a", replace="b", count=2) == "bba"
    with pytest.raises(StepError, match="put in"):
        regex_replace(string="a", regex_pattern="a", replace=r"\3")
