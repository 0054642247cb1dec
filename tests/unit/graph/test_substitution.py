"""The built-in model stands in where files are missing."""

import pytest

from limner.graph.check import check
from limner.graph.document import read_workflow
from limner.graph.graph import Link
from limner.graph.substitution import StandIn, substitute

MINI = "limner-mini.safetensors"


@pytest.fixture
def replace(catalog, lists, read):
    def run(**nodes):
        return substitute(read(**nodes), catalog, lists, StandIn())

    return run


def test_the_tutorial(workflows, catalog, lists):
    graph = read_workflow((workflows / "SD1.5_text2image_API.json").read_bytes(), catalog, lists).graph
    found = substitute(graph, catalog, lists, StandIn())
    assert found.graph.nodes["4"].inputs == {"ckpt_name": MINI}
    assert found.graph.nodes["10"].inputs == {"vae_name": MINI}
    assert found.graph.nodes["5"].inputs == {"width": 128, "height": 128, "batch_size": 1}
    assert found.graph.nodes["5"].title == "Empty Latent Image"
    assert found.notes == (
        "v1-5-pruned-emaonly-fp16.safetensors is not here: limner-mini stands in",
        "vae-ft-mse-840000-ema-pruned.safetensors is not here: limner-mini stands in",
        "5 (EmptyLatentImage): 512 x 512 became 128 x 128, the size that limner-mini draws",
    )
    assert check(found.graph, catalog, lists).targets == ("9",)
    assert graph.nodes["4"].inputs == {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"}


@pytest.mark.parametrize("name", ["sub/model.safetensors", "sub\\model.safetensors", MINI])
def test_a_graph_that_needs_nothing_is_not_touched(catalog, lists, read, name):
    graph = read(
        n1=("CheckpointLoaderSimple", {"ckpt_name": name}), n2=("EmptyLatentImage", {"width": 512, "height": 512})
    )
    found = substitute(graph, catalog, lists, StandIn())
    assert found.graph is graph
    assert found.notes == ()


def test_a_missing_vae_alone_leaves_sizes(replace):
    found = replace(n1=("VAELoader", {"vae_name": "no"}), n2=("EmptyLatentImage", {"width": 512, "height": 512}))
    assert found.graph.nodes["2"].inputs["width"] == 512
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [((512, 768), (88, 128)), ((1024, 512), (128, 64)), ((2048, 256), (128, 64)), ((64, 64), (128, 128))],
)
def test_sizes_keep_their_shape(replace, size, expected):
    width, height = size
    found = replace(
        n1=("CheckpointLoaderSimple", {"ckpt_name": "no"}), n2=("EmptyLatentImage", {"width": width, "height": height})
    )
    inputs = found.graph.nodes["2"].inputs
    assert (inputs["width"], inputs["height"]) == expected


def test_enlargements_follow_in_proportion(replace):
    found = replace(
        n1=("CheckpointLoaderSimple", {"ckpt_name": "no"}),
        n2=("EmptyLatentImage", {"width": 512, "height": 512, "batch_size": 2}),
        n3=("LatentUpscale", {"samples": ["2", 0], "width": 1024, "height": 0}),
        n4=("EmptyImage", {"width": 512}),
    )
    assert found.graph.nodes["3"].inputs == {"samples": Link("2", 0), "width": 256, "height": 0}
    assert found.graph.nodes["4"].inputs == {"width": 512}
    assert found.notes[-1] == "3 (LatentUpscale): 1024 x 0 became 256 x 0, in proportion"


def test_linked_sizes_stay(replace):
    found = replace(
        n1=("CheckpointLoaderSimple", {"ckpt_name": "no"}), n2=("EmptyLatentImage", {"width": ["9", 0], "height": "x"})
    )
    assert found.graph.nodes["2"].inputs == {"width": Link("9", 0), "height": "x"}


def test_missing_loras_are_led_around(catalog, read):
    known = {"checkpoints": [MINI], "loras": ["here.safetensors"], "vae": [MINI]}
    strengths = {"strength_model": 0.8, "strength_clip": 0.5}
    graph = read(
        n4=("CLIPTextEncode", {"text": "", "clip": ["3", 1]}),
        n3=("LoraLoader", {"model": ["2", 0], "clip": ["2", 1], "lora_name": "gone2", **strengths}),
        n2=("LoraLoader", {"model": ["1", 0], "clip": ["1", 1], "lora_name": "gone1", **strengths}),
        n1=("CheckpointLoaderSimple", {"ckpt_name": MINI}),
        n5=("LoraLoader", {"model": ["3", 0], "clip": ["3", 1], "lora_name": "here.safetensors", **strengths}),
        out=("Show", {"text": "", "flag": 0, "mode": "a", "one": ["4", 0], "two": ["5", 0]}),
    )
    found = substitute(graph, catalog, known.__getitem__, StandIn())
    nodes = found.graph.nodes
    assert nodes["4"].inputs["clip"] == Link("1", 1)
    assert (nodes["5"].inputs["model"], nodes["5"].inputs["clip"]) == (Link("1", 0), Link("1", 1))
    assert (nodes["3"].inputs["strength_model"], nodes["3"].inputs["strength_clip"]) == (0.0, 0.0)
    assert nodes["5"].inputs["strength_model"] == 0.8
    assert found.notes[0] == "gone2 is not here: 3 (LoraLoader) is left out"
    assert check(found.graph, catalog, known.__getitem__).targets == ("out",)


def test_a_stand_in_that_is_not_listed_stands_in_for_nothing(catalog, read):
    graph = read(n1=("CheckpointLoaderSimple", {"ckpt_name": "no"}))
    assert substitute(graph, catalog, lambda name: [], StandIn()).graph is graph


def test_what_was_made_for_the_missing_model_goes_with_it(catalog, read):
    known = {"checkpoints": [MINI, "here"], "loras": ["style"], "vae": [MINI, "fine"]}
    nodes = {
        "n2": ("LoraLoader", {"model": ["1", 0], "clip": ["1", 1], "lora_name": "style"}),
        "n3": ("VAELoader", {"vae_name": "fine"}),
        "n4": ("CLIPTextEncode", {"text": "", "clip": ["2", 1]}),
    }
    graph = read(n1=("CheckpointLoaderSimple", {"ckpt_name": "gone"}), **nodes)
    found = substitute(graph, catalog, known.__getitem__, StandIn())
    assert found.graph.nodes["3"].inputs == {"vae_name": MINI}
    assert found.graph.nodes["4"].inputs["clip"] == Link("1", 1)
    assert found.notes[1:] == (
        "style was made for another model: 2 (LoraLoader) is left out",
        "fine was made for another model: limner-mini stands in",
    )
    kept = read(n1=("CheckpointLoaderSimple", {"ckpt_name": "here"}), **nodes)
    assert substitute(kept, catalog, known.__getitem__, StandIn()).graph is kept
