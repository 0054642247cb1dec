"""What an app asks for is found: declared, by placeholders, by titles, by the page, or by itself."""

import json

import pytest
from tests.unit.dialects.apps.conftest import loading, named, workflow

from limner.graph.errors import DocumentError, GraphError, UnknownNameError


def test_without_names_there_are_the_prompts_of_the_sampler_and_its_seed(read):
    found = named(read(workflow()))
    assert {name: entry.places for name, entry in found.items()} == {
        "prompt": (("2", "text"),),
        "negative_prompt": (("3", "text"),),
        "seed": (("5", "seed"),),
    }
    assert (found["prompt"].default, found["prompt"].required) == ("a cat", False)
    assert (found["seed"].random, found["seed"].default, found["seed"].most) == (True, None, 2**64 - 1)


def test_a_seed_that_comes_from_another_node_is_drawn_too(read):
    document = workflow() | {"8": {"class_type": "Number", "inputs": {"value": 5}}}
    document["5"]["inputs"]["seed"] = ["8", 0]
    seed = named(read(document))["seed"]
    assert (seed.places, seed.random, seed.default) == ((("8", "value"),), True, None)


def test_pictures_are_inputs_in_the_order_of_the_nodes_or_of_a_list_of_ids(read):
    document = workflow() | loading("35", "69", "87")
    assert {name: entry.places[0][0] for name, entry in named(read(document)).items() if entry.kind == "image"} == {
        "image": "35", "image_2": "69", "image_3": "87",
    }  # fmt: skip
    found = named(read(document, {"image_ids": "69,35,87"}))
    assert [found[name].places[0][0] for name in ("image", "image_2", "image_3")] == ["69", "35", "87"]


def test_a_picture_that_is_there_need_not_be_sent(read):
    document = workflow() | loading("7", image="here.png") | loading("8")
    found = named(read(document))
    assert (found["image"].default, found["image"].required) == ("here.png", False)
    assert (found["image_2"].default, found["image_2"].required) == (None, True)


def test_placeholders_are_typed_by_their_sockets(read):
    document = workflow("{{positive_prompt}}", "{{negative_prompt}}")
    document["4"]["inputs"] = {"width": "{{width}}", "height": "{{height=256}}"}
    document["5"]["inputs"]["sampler_name"] = "{{sampler}}"
    found = named(read(document))
    assert {name: entry.kind for name, entry in found.items()} == {
        "positive_prompt": "text", "negative_prompt": "text", "width": "integer", "height": "integer",
        "sampler": "choice", "seed": "integer",
    }  # fmt: skip
    assert found["positive_prompt"].required
    assert (found["negative_prompt"].default, found["negative_prompt"].required) == ("", False)
    assert (found["width"].default, found["width"].least, found["width"].most) == (512, 16, 4096)
    assert found["height"].default == 256
    assert found["sampler"].choices == ("euler", "heun")


def test_placeholders_within_a_text_are_texts_and_the_prompt_is_no_input_then(read):
    found = named(read(workflow("a {{animal=cat}} with {{count}} hats")))
    assert set(found) == {"animal", "count", "seed"}
    assert (found["animal"].default, found["count"].kind, found["count"].required) == ("cat", "text", True)


def test_titles_name_inputs(read):
    titles = {"n2": "input: Main prompt", "n4": "$width, $height", "n5": "$steps, $guidance.cfg"}
    found = named(read(workflow(**titles)))
    assert {name: entry.places[0] for name, entry in found.items()} == {
        "main_prompt": ("2", "text"), "width": ("4", "width"), "height": ("4", "height"), "steps": ("5", "steps"),
        "guidance": ("5", "cfg"), "seed": ("5", "seed"),
    }  # fmt: skip
    assert found["main_prompt"].description == "Main prompt"


def test_a_title_in_letters_of_another_script_names_an_input_by_its_node(read):
    assert named(read(workflow(n2="$提示词")))["input_2"].places == (("2", "text"),)


def test_a_title_for_an_output(read):
    assert read(workflow(n6="output: result")).targets == ("6",)
    assert read(workflow(n6="Save")).targets is None


def test_a_declaration_with_places_is_all_that_there_is(read):
    declared = {
        "inputs": [
            {"name": "subject", "node": "2", "input": "text", "description": "What is drawn"},
            {"name": "size", "places": ["4.width", "4.height"], "min": 64, "max": 1024, "default": 128},
            {"name": "style", "node": 5, "input": "sampler_name", "choices": ["heun"], "required": True},
        ],
        "outputs": ["6"],
    }
    app = read(workflow() | loading("9"), declared)
    found = named(app)
    assert list(found) == ["subject", "size", "style"]
    assert (found["size"].least, found["size"].most, found["size"].default) == (64, 1024, 128)
    assert (found["style"].choices, found["style"].required, found["style"].default) == (("heun",), True, None)
    assert app.targets == ("6",)


def test_a_declaration_may_only_describe_what_is_found(read):
    found = named(read(workflow(), {"inputs": [{"name": "seed", "default": 5}, {"name": "prompt", "required": True}]}))
    assert (found["seed"].random, found["seed"].default) == (False, 5)
    assert (found["prompt"].required, found["prompt"].default) == (True, None)
    assert list(found) == ["seed", "prompt", "negative_prompt"]


@pytest.mark.parametrize(
    ("declared", "raised", "said"),
    [
        ({"inputs": [{"name": "x"}]}, UnknownNameError, "input named 'x'"),
        ({"inputs": [{"name": "x", "node": "99"}]}, UnknownNameError, "node named '99'"),
        ({"inputs": [{"name": "x", "node": "CLIPTextEncode", "input": "text"}]}, GraphError, "fits the nodes 2, 3"),
        ({"inputs": [{"name": "x", "node": "4", "input": "depth"}]}, UnknownNameError, "'depth'"),
        ({"inputs": [{"name": "x", "node": "5", "input": "model"}]}, DocumentError, "linked"),
        ({"inputs": [{"name": "1 x", "node": "2", "input": "text"}]}, DocumentError, "cannot be an input's name"),
        ({"inputs": [{"name": "x", "node": "2"}] * 2}, DocumentError, "two inputs named 'x'"),
        ({"inputs": "prompt"}, DocumentError, "array"),
        ({"inputs": [{"name": "x", "node": "2", "input": "text", "type": "song"}]}, DocumentError, "inputs"),
        ({"outputs": ["99"]}, UnknownNameError, "node named '99'"),
        ([], DocumentError, "object"),
    ],
)
def test_declarations_that_cannot_be(read, declared, raised, said):
    with pytest.raises(raised, match=said):
        read(workflow(), declared)


def test_placeholders_may_stand_bare_in_the_text_of_a_workflow(read):
    text = json.dumps(workflow("{{positive_prompt}}")).replace('"width": 512', '"width": {{width}}')
    assert named(read(text))["width"].kind == "integer"
    assert named(read(text.encode()))["positive_prompt"].required


UI = {
    "nodes": [
        {"id": 2, "type": "CLIPTextEncode", "inputs": [], "outputs": [], "widgets_values": ["a {{animal}}"]},
        {"id": 4, "type": "EmptyLatentImage", "inputs": [], "outputs": [], "widgets_values": ["{{width}}", 512]},
    ],
    "links": [],
}


def test_placeholders_survive_in_what_the_page_saves(read):
    app = read(UI)
    assert {name: entry.places for name, entry in named(app).items()} == {
        "animal": (("2", "text"),), "width": (("4", "width"),),
    }  # fmt: skip
    assert app.workflow.extra_pnginfo["workflow"] == UI


def test_the_page_names_inputs_in_its_app_mode(read):
    shown = {**UI, "extra": {"linearMode": True, "linearData": {"inputs": [[4, "height"], [99, "x"]], "outputs": []}}}
    found = named(read(shown))
    assert found["height"].places == (("4", "height"),)
    assert found["height"].source == "page"
