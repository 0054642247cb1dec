"""What V3 classes say of inputs before anything runs."""

import pytest


@pytest.mark.parametrize(
    ("values", "received", "expected"),
    [
        ({"even": 4, "text": ""}, {}, []),
        ({"even": 5, "text": ""}, {}, [("even", "5 is odd")]),
        ({"even": None, "text": ""}, {"even": "INT"}, []),
        ({"even": 4, "text": "", "any": None}, {"any": "STRING"}, [("even", "no texts here")]),
    ],
)
def test_a_coroutine_with_named_inputs_and_received_types(kitchen, values, received, expected):
    assert kitchen.complaints("V3Validated", values, received) == expected


def test_a_coroutine_of_a_node_that_takes_lists(kitchen):
    assert kitchen.complaints("V3Awaited", {"number": 7, "other": None}) == []
    assert kitchen.complaints("V3Awaited", {"number": 700, "other": None}) == [("number", "too large")]


def test_it_has_the_last_word_on_what_it_names(kitchen):
    assert kitchen.definitions["V3Validated"].type.validated == ("even", "input_types")


@pytest.mark.parametrize(("values", "complaints"), [({"a": 1, "b": 2}, 0), ({"a": 9, "b": 2}, 2)])
def test_one_that_takes_everything(kitchen, values, complaints):
    assert kitchen.definitions["V3ValidatedAll"].type.validated == ("*",)
    assert len(kitchen.complaints("V3ValidatedAll", values)) == complaints


def test_a_node_without_its_own_validation_is_not_asked(kitchen):
    kind = kitchen.definitions["V3Add"]
    assert (kind.validate, kind.type.asks_validation, kind.type.asks_fingerprint, kind.type.asks_needs) == (
        None, False, False, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        ({"mode": "a", "n": "3"}, []),
        ({"mode": "z", "n": 3}, ["value_not_in_list"]),
        ({"mode": "a", "n": 99}, ["value_bigger_than_max"]),
        ({"mode": "a"}, ["required_input_missing"]),
        ({"mode": "a", "n": 1, "mc": {"__value__": ["p", "zzz"]}}, ["value_not_in_list"]),
        ({"mode": "a", "n": 1, "mc": {"__value__": ["p", "q"]}}, []),
    ],
)
def test_the_usual_checks(kitchen, use, inputs, codes):
    checked = kitchen.check({"1": use("CapV3", **inputs)})
    assert [problem.code for problem in checked.problems.get("1", ())] == codes
