"""Conditions, choices, comparisons and lists."""

import pytest
import torch
from tests.golden.running import Runner

from limner.graph.errors import StepError
from limner.nodes.conditions import choose_value, combine_conditions, compare_values, if_else, is_true, not_true
from limner.nodes.lists import counting_list, each, list_item, list_length, make_list, text_lines


@pytest.mark.parametrize("value", [True, 1, -0.5, "a", "yes", [0], {"a": 1}, torch.zeros(2, 2)])
def test_what_counts_as_true(value):
    assert is_true(value) is True
    assert not_true(condition=value) is False


@pytest.mark.parametrize("value", [False, 0, 0.0, "", " no ", "False", "0", [], {}, None, torch.zeros(1)])
def test_what_counts_as_false(value):
    assert is_true(value) is False
    assert not_true(condition=value) is True


def test_a_branch_asks_for_its_own_side_only():
    assert if_else.needs(condition="", if_true=None) == ["if_false"]
    assert if_else.needs(condition=3) == ["if_true"]
    assert if_else(condition=1, if_true="a", if_false="b") == "a"
    assert if_else(condition=0, if_true="a", if_false="b") == "b"


def test_one_of_several_by_number():
    assert choose_value.needs(index=3) == ["value_3"]
    assert choose_value(index=1, value_0="a", value_1="b") == "b"
    with pytest.raises(StepError, match=r"nothing is linked to value_5\. Linked: value_0, value_1"):
        choose_value(index=5, value_0="a", value_1="b")


@pytest.mark.parametrize(
    ("a", "b", "true"),
    [
        (1, 2, {"a ≠ b", "a < b", "a ≤ b"}),
        (2.0, 2, {"a = b", "a ≤ b", "a ≥ b"}),
        ("10", 9, {"a ≠ b", "a > b", "a ≥ b"}),
        (9, "10.0", {"a ≠ b", "a < b", "a ≤ b"}),
        ("b", "a", {"a ≠ b", "a > b", "a ≥ b"}),
        (True, 1, {"a = b", "a ≤ b", "a ≥ b"}),
    ],
)
def test_comparisons(a, b, true):
    names = ("a = b", "a ≠ b", "a < b", "a ≤ b", "a > b", "a ≥ b")
    assert {name for name in names if compare_values(a=a, b=b, comparison=name)} == true


def test_what_has_no_order_is_refused():
    assert compare_values(a="x", b=1, comparison="a = b") is False
    with pytest.raises(StepError, match="'x' and 1 have no order"):
        compare_values(a="x", b=1, comparison="a < b")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a and b", (False, False, False, True)),
        ("a or b", (False, True, True, True)),
        ("either a or b", (False, True, True, False)),
        ("a and not b", (False, False, True, False)),
        ("neither a nor b", (True, False, False, False)),
    ],
)
def test_combinations(name, table):
    pairs = [(a, b) for a in ("", "a") for b in (0, 1)]
    assert tuple(combine_conditions(a=a, b=b, combination=name) for a, b in pairs) == table


def test_counting():
    assert counting_list(start=1, stop=4) == ([1, 2, 3], [1.0, 2.0, 3.0])
    assert counting_list(start=3, stop=0, step=-2)[0] == [3, 1]
    assert counting_list(start=3, stop=0)[0] == []
    for step, said in ((0, "other than 0"), (1, "at most 100000")):
        with pytest.raises(StepError, match=said):
            counting_list(start=0, stop=10**9, step=step)


def test_lines():
    assert text_lines(text=" a \n\nb") == (["a", "b"], 2)
    assert text_lines(text="a\n\nb", skip_empty=False) == (["a", "", "b"], 3)


def test_items_of_lists_batches_and_latents():
    latent = {"samples": torch.rand(2, 4, 8, 8), "noise_mask": torch.rand(1, 1, 8, 8)}
    assert [part["batch_index"] for part in each(latent)] == [[0], [1]]
    assert all(torch.equal(part["noise_mask"], latent["noise_mask"]) for part in each(latent))
    assert len(each([torch.rand(2, 8, 8, 3), torch.rand(1, 8, 8, 3)])) == 3
    assert len(each(torch.rand(2, 8, 8, 3), split_batches=False)) == 1
    assert each([["a", "b"], "c"]) == ["a", "b", "c"]
    conditioning = [[torch.rand(1, 3, 2), {}]]
    assert each([conditioning]) == [conditioning]


def test_one_item_of_a_list():
    images = torch.rand(3, 8, 8, 3)
    assert torch.equal(list_item(items=[images], index=[-1]), images[2:])
    assert list_length(items=[images, images]) == 6
    with pytest.raises(StepError, match="Item 3 is asked for; the list has 3"):
        list_item(items=[images], index=[3])


def test_lists_are_joined():
    assert make_list(**{"values.value0": [1, 2], "values.value1": ["a"]}) == [1, 2, "a"]


def test_what_is_not_chosen_never_runs(folders):
    """A text that is no number would fail if it were looked at."""
    fails = {"class_type": "ComfyNumberConvert", "inputs": {"value": "no number"}}
    document = {
        "bad": fails,
        "good": {"class_type": "PrimitiveInt", "inputs": {"value": 3}},
        "less": {"class_type": "CompareValues", "inputs": {"a": ["good", 0], "b": 5, "comparison": "a < b"}},
        "if": {
            "class_type": "IfElse",
            "inputs": {"condition": ["less", 0], "if_true": ["good", 0], "if_false": ["bad", 0]},
        },
        "which": {
            "class_type": "ChooseValue",
            "inputs": {"index": 1, "value_0": ["bad", 1], "value_1": ["if", 0], "value_4": ["bad", 0]},
        },
        "shown": {"class_type": "PreviewAny", "inputs": {"source": ["which", 0]}},
    }
    runner = Runner(folders)
    assert runner.run(document)["shown"] == {"text": ["3"]}
    runner.close()
