"""Prompts and seeds are found, and inputs are set by name."""

import pytest

from limner.graph.document import read_workflow
from limner.graph.errors import GraphError, UnknownNameError
from limner.graph.graph import Graph, Link
from limner.graph.prompts import find_prompts, set_input, set_value


@pytest.fixture
def tutorial(workflows, catalog, lists) -> Graph:
    return read_workflow((workflows / "SD1.5_text2image_API.json").read_bytes(), catalog, lists).graph


def test_the_tutorial(tutorial, catalog):
    found = find_prompts(tutorial, catalog)
    assert found.positive == (("6", "text"),)
    assert found.negative == (("7", "text"),)
    assert found.seeds == (("3", "seed"),)
    assert found.samplers == ("3",)


def test_nodes_that_nobody_knows(workflows, catalog, lists):
    graph = read_workflow((workflows / "workflow_api112.json").read_bytes(), catalog, lists).graph
    found = find_prompts(graph, catalog)
    assert (found.positive, found.negative, found.seeds) == ((("80", "text"),), (("81", "text"),), (("73", "seed"),))


def test_through_conditioning_nodes_by_the_name_of_the_output(catalog, read):
    graph = read(
        n1=("CLIPTextEncode", {"text": "yes"}),
        n2=("CLIPTextEncode", {"text": "no"}),
        n3=("ControlNetApplyAdvanced", {"positive": ["1", 0], "negative": ["2", 0]}),
        n4=("ControlNetApplyAdvanced", {"positive": ["3", 0], "negative": ["3", 1]}),
        n5=("KSampler", {"positive": ["4", 0], "negative": ["4", 1], "seed": 1}),
    )
    found = find_prompts(graph, catalog)
    assert (found.positive, found.negative) == ((("1", "text"),), (("2", "text"),))


def test_a_text_for_both_sides_is_positive(catalog, read):
    graph = read(
        n1=("CLIPTextEncode", {"text": "yes"}),
        n2=("ConditioningZeroOut", {"conditioning": ["1", 0]}),
        n5=("KSampler", {"positive": ["1", 0], "negative": ["2", 0]}),
    )
    found = find_prompts(graph, catalog)
    assert (found.positive, found.negative) == ((("1", "text"),), ())


def test_linked_texts_and_seeds(catalog, read):
    graph = read(
        n1=("PrimitiveString", {"value": "yes"}),
        n2=("CLIPTextEncode", {"text": ["1", 0]}),
        n3=("PrimitiveInt", {"value": 5}),
        n5=("KSampler", {"positive": ["2", 0], "negative": ["99", 0], "seed": ["3", 0]}),
    )
    found = find_prompts(graph, catalog)
    assert (found.positive, found.seeds) == ((("1", "value"),), (("3", "value"),))


def test_circles_end(catalog, read):
    graph = read(
        n1=("ConditioningZeroOut", {"conditioning": ["1", 0]}),
        n2=("PrimitiveInt", {"value": ["2", 0]}),
        n5=("KSampler", {"positive": ["1", 0], "negative": ["1", 0], "seed": ["2", 0]}),
    )
    found = find_prompts(graph, catalog)
    assert (found.positive, found.negative, found.seeds) == ((), (), ())


@pytest.mark.parametrize("place", ["3.seed", "KSampler.seed", "ksampler.seed"])
def test_setting_by_id_and_title(tutorial, place):
    changed = set_input(tutorial, place, 7)
    assert changed.nodes["3"].inputs["seed"] == 7
    assert changed.nodes["3"].title == "KSampler"
    assert tutorial.nodes["3"].inputs["seed"] == 1234
    assert list(changed.nodes) == list(tutorial.nodes)


def test_names_with_dots(read):
    graph = read(**{"A.0": ("EmptyImage", {"width": 1, "size.x": 2})})
    assert set_input(graph, "A.0.width", 5).nodes["A.0"].inputs["width"] == 5
    assert set_input(graph, "A.0.size.x", 5).nodes["A.0"].inputs["size.x"] == 5


def test_an_input_that_the_document_leaves_out(tutorial, catalog):
    changed = set_value(tutorial, "9", "images", Link("8", 0), catalog)
    assert changed == tutorial
    bare = Graph({"1": type(tutorial.nodes["3"])(type="EmptyImage")})
    assert set_input(bare, "1.width", 5, catalog).nodes["1"].inputs == {"width": 5}


@pytest.mark.parametrize(
    ("place", "error", "says"),
    [
        ("33.seed", UnknownNameError, "no node named '33'.*Nearest: 3"),
        ("KSamplr.seed", UnknownNameError, "no node named 'KSamplr'.*Nearest: KSampler"),
        ("3.sed", UnknownNameError, r"input of node 3 \(KSampler\) named 'sed'.*Nearest: seed"),
        ("seed", UnknownNameError, "Write NODE.INPUT"),
        ("CLIP Text Encode (Prompt).text", GraphError, "fits the nodes 6, 7"),
    ],
)
def test_names_that_nothing_has(tutorial, place, error, says):
    with pytest.raises(error, match=says):
        set_input(tutorial, place, 1)
