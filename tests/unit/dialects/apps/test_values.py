"""What is sent for inputs: converted, checked, completed; and filled into the graph."""

import pytest
from tests.unit.dialects.apps.conftest import loading, named, workflow

from limner.dialects.apps.building import build
from limner.dialects.apps.records import AppInput
from limner.dialects.apps.values import read_values, unknown_names
from limner.graph.errors import GraphError


def one(kind, **more):
    return [AppInput(name="x", kind=kind, places=(("1", "x"),), **more)]


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("integer", "20", 20),
        ("integer", 20.0, 20),
        ("integer", "20.0", 20),
        ("integer", 2**64 - 1, 2**64 - 1),
        ("number", "1e-2", 0.01),
        ("number", 3, 3),
        ("boolean", "on", True),
        ("boolean", "False", False),
        ("boolean", True, True),
        ("boolean", "", None),
        ("text", 'she said "no"', 'she said "no"'),
        ("text", 5, "5"),
        ("text", "", ""),
        ("image", "apps/a.png", "apps/a.png"),
    ],
)
def test_values_of_every_kind(kind, sent, value):
    assert read_values(one(kind), {"x": sent}, 0).get("x") == value


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        *(("integer", sent) for sent in ("abc", 1.5, True, [1], {"a": 1}, "1e999", "nan", "9" * 5000, -1, 11)),
        *(("number", sent) for sent in ("x", "inf", True, 11, [])),
        *(("boolean", sent) for sent in ("maybe", 2, [])),
        *(("text", sent) for sent in ([], {}, True and [1], "x" * 200_000)),
    ],
)
def test_values_that_cannot_be_say_what_was_expected(kind, sent):
    limits = {"least": 0, "most": 10} if kind in ("integer", "number") else {}
    with pytest.raises(GraphError, match="Input 'x' cannot be") as raised:
        read_values(one(kind, **limits), {"x": sent}, 0)
    assert raised.value.problems[0].extra["input_name"] == "x"


def test_choices_are_compared_as_texts_too():
    choices = one("choice", choices=("a", 2, True))
    assert read_values(choices, {"x": "2"}, 0) == {"x": 2}
    with pytest.raises(GraphError, match="one of a, 2, True"):
        read_values(choices, {"x": "b"}, 0)


def test_seeds_are_drawn_if_none_is_sent_or_minus_one():
    seed = one("integer", random=True, least=0, most=2**64 - 1)
    for sent in ({}, {"x": None}, {"x": ""}, {"x": -1}, {"x": "-1"}):
        assert read_values(seed, sent, 123) == {"x": 123}
    assert read_values(seed, {"x": 2**63}, 123) == {"x": 2**63}
    small = one("integer", random=True, least=1, most=10)
    assert 1 <= read_values(small, {}, 2**32 - 1)["x"] <= 10


def test_all_problems_are_told_at_once():
    inputs = [*one("text", required=True), AppInput(name="y", kind="integer", places=(("1", "y"),))]
    with pytest.raises(GraphError) as raised:
        read_values(inputs, {"y": "no"}, 0)
    assert [problem.code for problem in raised.value.problems] == ["required_input_missing", "invalid_input"]


def test_names_that_nothing_has():
    assert unknown_names(one("text"), {"x": 1, "z": 2}) == ["z"]


def test_values_go_to_their_places_and_quotes_survive(read):
    app = read(workflow("a {{animal}}, {{style=oil}}", n4="$width, $height"))
    values = read_values(app.inputs, {"animal": 'cat "Tom" {{style}}', "width": 64}, 9)
    graph = build(app.workflow.graph, app.inputs, values)
    assert graph.nodes["2"].inputs["text"] == 'a cat "Tom" {{style}}, oil'
    assert (graph.nodes["4"].inputs["width"], graph.nodes["4"].inputs["height"]) == (64, 512)
    assert graph.nodes["5"].inputs["seed"] == 9
    assert app.workflow.graph.nodes["5"].inputs["seed"] == 7


def test_a_placeholder_alone_takes_a_value_of_its_type(read):
    document = workflow()
    document["4"]["inputs"]["width"] = " {{width}} "
    app = read(document)
    graph = build(app.workflow.graph, app.inputs, read_values(app.inputs, {"width": "128"}, 0))
    assert graph.nodes["4"].inputs["width"] == 128


def test_placeholders_without_a_value_stay(read):
    app = read(workflow("a {{animal}}"))
    assert build(app.workflow.graph, app.inputs, {}).nodes["2"].inputs["text"] == "a {{animal}}"


def test_pictures_of_apps_with_one_name(read):
    app = read(workflow() | loading("7") | {"8": {"class_type": "LoadImage", "inputs": {"image": "{{photo}}"}}})
    found = named(app)
    assert (found["photo"].kind, found["image"].places) == ("image", (("7", "image"),))
