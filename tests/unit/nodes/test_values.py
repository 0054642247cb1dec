"""Plain values pass through, and anything can be looked at."""

import pytest
import torch

from limner.nodes.values import (
    preview_any,
    primitive_boolean,
    primitive_float,
    primitive_int,
    primitive_string,
    primitive_string_multiline,
    string_concatenate,
)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (primitive_int, 7),
        (primitive_float, 0.5),
        (primitive_string, "a"),
        (primitive_string_multiline, "a\nb"),
        (primitive_boolean, False),
    ],
)
def test_values_pass_through(node, value):
    assert node(value=value) is value


def test_texts_are_joined():
    assert string_concatenate(string_a="a", string_b="b", delimiter=", ") == "a, b"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("text", "text"), (3, "3"), (True, "True"), (None, "None"), ([1, "a"], '[1, "a"]'), ({"a": 1}, '{"a": 1}')],
)
def test_values_are_shown_as_text(value, shown):
    assert preview_any(source=value).ui == {"text": [shown]}


def test_values_that_are_no_json_are_shown_as_they_print():
    assert preview_any(source=torch.zeros(1)).ui == {"text": ["tensor([0.])"]}
