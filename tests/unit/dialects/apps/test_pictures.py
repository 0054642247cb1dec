"""Pictures by apps: what doors know of pictures goes to inputs by name, and several pictures are one graph."""

import pytest
from tests.unit.dialects.apps.conftest import CATALOG, loading, workflow

from limner.dialects.apps.pictures import AppWish
from limner.graph.errors import GraphError
from limner.graph.graph import Link

SAID = {"prompt": "a dog", "negative": "fog", "steps": 9, "guidance": 3.0, "sampler": "heun"}


@pytest.fixture
def wish(read):
    """Makes wishes: a workflow and its declaration, then the wish's own fields."""

    def making(source, declared=None, **fields):
        return AppWish(read=read(source, declared), catalog=CATALOG, **fields)

    return making


def sized():
    """The usual workflow with inputs for most things."""
    document = workflow("{{prompt}}", "{{negative_prompt}}")
    document["4"]["inputs"] = {"width": "{{width=128}}", "height": "{{height=96}}"}
    document["5"]["inputs"] |= {"steps": "{{steps=4}}", "cfg": "{{cfg=1}}", "sampler_name": "{{sampler}}"}
    return document


def test_what_is_said_goes_to_the_inputs_of_its_names(wish):
    nodes = wish(sized(), said=SAID, size=(64, 32), seeds=(5,)).graph().nodes
    assert [nodes[f"run 1 {number}"].inputs["text"] for number in (2, 3)] == ["a dog", "fog"]
    assert dict(nodes["run 1 4"].inputs) == {"width": 64, "height": 32}
    walk = nodes["run 1 5"].inputs
    assert (walk["seed"], walk["steps"], walk["cfg"], walk["sampler_name"]) == (5, 9, 3.0, "heun")
    assert nodes["picture 1"].inputs["images"] == Link("run 1 5", 0)


def test_what_is_not_said_keeps_the_apps_default(wish):
    asked = wish(sized(), said={"prompt": "a dog"})
    nodes = asked.graph().nodes
    assert dict(nodes["run 1 4"].inputs) == {"width": 128, "height": 96}
    assert (nodes["run 1 5"].inputs["steps"], nodes["run 1 5"].inputs["cfg"]) == (4, 1.0)
    assert asked.expected == (128, 96)


def test_fields_of_an_inputs_own_name_come_before_what_means_the_same(wish):
    asked = wish(sized(), said={"prompt": "a dog", "guidance": 3.0}, named={"cfg": "5", "unknown": 1})
    assert asked.graph().nodes["run 1 5"].inputs["cfg"] == 5.0


def test_an_app_without_sides_has_its_pictures_scaled(wish):
    asked = wish(workflow(), size=(64, 32))
    nodes = asked.graph().nodes
    assert nodes["picture 1"].inputs["images"] == Link("sized 1", 0)
    assert (nodes["sized 1"].inputs["image"], nodes["sized 1"].inputs["width"]) == (Link("run 1 5", 0), 64)
    assert asked.expected == (64, 32)
    assert wish(workflow()).expected is None


def test_several_pictures_are_runs_with_seeds_of_their_own(wish):
    document = workflow() | {"7": {"class_type": "SaveImage", "inputs": {"images": ["5", 0]}}}
    nodes = wish(document, seeds=(5, 6), cutter="c.onnx").graph().nodes
    assert [nodes[f"run {run} 5"].inputs["seed"] for run in (1, 2)] == [5, 6]
    assert [name for name in nodes if name.startswith("picture")] == [f"picture {number}" for number in (1, 2, 3, 4)]
    assert nodes["picture 3"].inputs["images"] == Link("cut out 3", 0)
    assert nodes["subject 3"].inputs["image"] == Link("run 2 5", 0)


def test_a_seed_of_the_authors_counts_unless_another_is_said_or_pictures_are_to_differ(wish):
    declared = {"inputs": [{"name": "seed", "default": 77}]}

    def seeds(**fields):
        nodes = wish(workflow(), declared, **fields).graph().nodes
        return [node.inputs["seed"] for node in nodes.values() if node.type == "KSampler"]

    assert seeds(seeds=(5,), seeded=False) == [77]
    assert seeds(seeds=(5,)) == [5]
    assert seeds(seeds=(5, 6), seeded=False) == [5, 6]


def test_only_declared_outputs_and_what_they_need_are_run(wish):
    document = workflow() | {"7": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}}}
    document |= loading("8", image="here.png")
    nodes = wish(document, {"outputs": ["7"]}).graph().nodes
    assert set(nodes) == {"run 1 8", "picture 1"}


def test_pictures_and_masks_go_to_their_inputs_in_order(wish):
    document = workflow() | loading("7", "8", "9")
    document["8"]["inputs"]["image"] = "{{mask}}"
    for name in ("7", "8", "9"):
        document[f"1{name}"] = {"class_type": "SaveImage", "inputs": {"images": [name, 0]}}
    nodes = wish(document, pictures=("a.png", "b.png"), mask="m.png").graph().nodes
    assert [nodes[f"run 1 {name}"].inputs["image"] for name in ("7", "8", "9")] == ["a.png", "m.png", "b.png"]


@pytest.mark.parametrize(
    ("fields", "message", "name"),
    [
        ({"pictures": ("a.png",)}, "no input for a picture, but 1 came", "image"),
        ({"mask": "a.png"}, "no input 'mask'", "mask"),
        ({"said": {}}, "'prompt' is missing", "prompt"),
        ({"named": {"height": "x"}}, "'height' cannot be 'x'", "height"),
    ],
)
def test_what_an_app_cannot_do_is_told_with_its_input(wish, fields, message, name):
    with pytest.raises(GraphError, match=message) as raised:
        wish(sized(), **{"said": {"prompt": "a"}, **fields}).graph()
    assert raised.value.problems[0].extra["input_name"] == name


def test_an_app_without_output_is_refused(wish):
    document = {name: node for name, node in workflow().items() if name != "6"}
    with pytest.raises(GraphError, match="no node that saves"):
        wish(document).graph()


def test_names_in_the_workflow_are_not_taken_for_those_of_the_graph(wish):
    document = loading("picture 1", "sized 1", image="here.png")
    document["picture 2"] = {"class_type": "SaveImage", "inputs": {"images": ["sized 1", 0]}}
    document["cut out 1"] = {"class_type": "SaveImage", "inputs": {"images": ["picture 1", 0]}}
    nodes = wish(document, size=(8, 8)).graph().nodes
    assert set(nodes) == {"run 1 picture 1", "run 1 sized 1", "picture 1", "picture 2", "sized 1", "sized 2"}
    assert nodes["sized 2"].inputs["image"] == Link("run 1 picture 1", 0)
