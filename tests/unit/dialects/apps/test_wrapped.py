"""The wrapper's form: where its prompt goes, and what its result is called."""

from datetime import datetime

import pytest
from tests.unit.dialects.apps.conftest import workflow

from limner.dialects.apps.wrapped import file_name, whole_number, wrapped_values
from limner.graph.errors import DocumentError


def test_the_prompt_and_every_seed(read):
    assert wrapped_values(read(workflow()).inputs, "a dog", 5) == {"prompt": "a dog", "seed": 5}
    placed = read(workflow("{{positive_prompt}}", n5="$noise.seed"))
    assert wrapped_values(placed.inputs, "a dog", 5) == {"positive_prompt": "a dog", "noise": 5}


def test_a_workflow_without_a_place_for_the_prompt(read):
    with pytest.raises(DocumentError, match="no place for the prompt"):
        wrapped_values(read({"6": workflow()["6"]}).inputs, "a dog", 5)


@pytest.mark.parametrize("text", ["", "x", "1.5", "1" * 30, str(2**64), " "])
def test_numbers_that_are_none(text):
    with pytest.raises(DocumentError, match="'seed' must be a whole number"):
        whole_number({"seed": text}, "seed")


def test_names_of_results():
    assert whole_number({"seed": " 42 "}, "seed") == 42
    made = datetime(2025, 1, 22, 11, 6, 58)
    assert file_name(1, 42, made, "x.png") == "1_42_20250122110658.png"
    assert file_name(1, -1, made, "x.mp4") == "1_-1_20250122110658.mp4"
