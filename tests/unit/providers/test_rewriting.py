"""Graphs whose pictures are drawn elsewhere: what their nodes say is said to the service."""

import json
from pathlib import Path

import pytest

from limner.dialects.pictures import PictureWish
from limner.graph.api_document import from_document
from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node
from limner.providers.rewriting import PICTURE, drawn_elsewhere

MODEL = "far/sketch"
WORKFLOWS = Path(__file__).parents[2] / "golden/workflows"


def rewritten(graph):
    outputs = {name for name, node in graph.nodes.items() if "Save" in node.type}
    return drawn_elsewhere(graph, {MODEL}, outputs)


def pictures(graph):
    return {name: node.inputs for name, node in graph.nodes.items() if node.type == PICTURE}


def usual(**changed):
    nodes = {
        "4": Node(type="CheckpointLoaderSimple", inputs={"ckpt_name": MODEL}),
        "5": Node(type="EmptyLatentImage", inputs={"width": 640, "height": 512, "batch_size": 3}),
        "6": Node(type="CLIPTextEncode", inputs={"clip": Link("4", 1), "text": "a cube"}),
        "7": Node(type="CLIPTextEncode", inputs={"clip": Link("4", 1), "text": "blur"}),
        "3": Node(
            type="KSampler",
            inputs={
                "model": Link("4", 0), "positive": Link("6", 0), "negative": Link("7", 0),
                "latent_image": Link("5", 0), "seed": 8, "steps": 20, "cfg": 6.5, "sampler_name": "euler",
                "scheduler": "karras", "denoise": 0.7,
            },
        ),
        "8": Node(type="VAEDecode", inputs={"samples": Link("3", 0), "vae": Link("4", 2)}),
        "9": Node(type="SaveImage", inputs={"images": Link("8", 0), "filename_prefix": "x"}),
    }  # fmt: skip
    return Graph(nodes | changed)


def test_the_usual_graph():
    found = rewritten(usual())
    assert found.nodes.keys() == {"8", "9"}
    assert found.nodes["8"].inputs == {
        "model": MODEL, "prompt": "a cube", "negative": "blur", "seed": 8, "steps": 20, "guidance": 6.5,
        "strength": 1.0, "sampler": "euler", "schedule": "karras", "width": 640, "height": 512, "count": 3,
    }  # fmt: skip
    assert found.nodes["9"] == usual().nodes["9"]


def test_a_graph_without_such_models_stays():
    graph = usual()
    assert drawn_elsewhere(graph, {"other/model"}, {"9"}).nodes == graph.nodes


def test_the_tutorials_workflow():
    document = json.loads((WORKFLOWS / "SD1.5_text2image_API.json").read_text())
    for node in document.values():
        if node["class_type"] == "CheckpointLoaderSimple":
            node["inputs"]["ckpt_name"] = MODEL
    found = rewritten(from_document(document))
    (picture,) = pictures(found).values()
    assert picture["prompt"] and picture["width"] == 512
    assert "VAELoader" not in {node.type for node in found.nodes.values()}


def test_a_text_may_come_by_a_link():
    encoded = Node(type="CLIPTextEncode", inputs={"clip": Link("4", 1), "text": Link("t", 0)})
    found = rewritten(usual(**{"6": encoded, "t": Node(type="PrimitiveString", inputs={"value": "a cat"})}))
    assert found.nodes["8"].inputs["prompt"] == Link("t", 0)
    assert "t" in found.nodes


def test_pictures_that_are_painted_over_with_a_mask():
    more = {
        "i": Node(type="LoadImage", inputs={"image": "a.png"}),
        "e": Node(type="VAEEncode", inputs={"pixels": Link("i", 0), "vae": Link("4", 2)}),
        "5": Node(type="SetLatentNoiseMask", inputs={"samples": Link("e", 0), "mask": Link("i", 1)}),
    }
    told = rewritten(usual(**more)).nodes["8"].inputs
    assert (told["image"], told["mask"], told["strength"]) == (Link("i", 0), Link("i", 1), 0.7)
    assert (told["width"], told["height"]) == (0, 0), "as the image is"


def test_wishes_of_doors_that_know_no_graphs():
    wish = PictureWish(model=MODEL, prompt="a cube", width=300, height=200, seeds=(4, 5))
    found = rewritten(wish.graph())
    told = pictures(found)
    assert [inputs["seed"] for inputs in told.values()] == [4, 5]
    assert all((inputs["width"], inputs["height"]) == (300, 200) for inputs in told.values())
    assert {"picture 1", "picture 2"} <= found.nodes.keys()
    over = rewritten(PictureWish(model=MODEL, prompt="x", origin="a.png", mask="b.png", denoise=0.5).graph())
    (inputs,) = pictures(over).values()
    assert inputs["strength"] == 0.5
    assert over.nodes["fitted"].inputs["width"] == 1024


def test_a_lora_cannot_go_along():
    lora = Node(type="LoraLoaderModelOnly", inputs={"model": Link("4", 0), "lora_name": "a", "strength_model": 1})
    walk = Node(type="KSampler", inputs={**usual().nodes["3"].inputs, "model": Link("l", 0)})
    with pytest.raises(GraphError, match="cannot be changed") as refused:
        rewritten(usual(**{"l": lora, "3": walk}))
    assert refused.value.problems[0].node == "l"


def test_what_needs_the_network_itself_is_named():
    upscaled = Node(type="LatentUpscale", inputs={"samples": Link("3", 0)})
    walk = Node(type="KSampler", inputs={**usual().nodes["3"].inputs, "latent_image": Link("u", 0)})
    with pytest.raises(GraphError, match="its latent says more"):
        rewritten(usual(**{"u": upscaled, "3": walk}))
    encoded = Node(type="VAEEncode", inputs={"pixels": Link("8", 0), "vae": Link("4", 2)})
    with pytest.raises(GraphError, match="VAEEncode needs the network of far/sketch"):
        rewritten(usual(e=encoded, s=Node(type="SaveLatent", inputs={"samples": Link("e", 0)})))
    saved = Node(type="CheckpointSave", inputs={"model": Link("4", 0), "filename_prefix": "x"})
    with pytest.raises(GraphError, match="CheckpointSave needs the network"):
        rewritten(usual(s=saved))


def test_conditionings_that_say_more_than_a_text_are_refused():
    area = Node(type="ConditioningSetArea", inputs={"conditioning": Link("6", 0)})
    walk = Node(type="KSampler", inputs={**usual().nodes["3"].inputs, "positive": Link("a", 0)})
    with pytest.raises(GraphError, match="its prompt says more"):
        rewritten(usual(**{"a": area, "3": walk}))
