"""Pictures enlarged, and described."""

import pytest

import limner.nodes
from limner.dialects.a1111.errors import refusal_of
from limner.dialects.a1111.extras import Enlarging, extras_graph, find_network, read_extras
from limner.dialects.a1111.interrogation import caption_of, check_interrogator, interrogation_graph
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover
from limner.graph.errors import GraphError
from limner.graph.graph import Link

NETWORKS = ["sharp/4x-Sharp.pth", "2x.safetensors"]


def test_a_picture_grows_by_a_factor_or_to_a_size():
    assert Enlarging(upscaler="Lanczos", factor=1.5).target(31, 20) == (47, 30)
    assert Enlarging(upscaler="Lanczos", size=(100, 50)).target(10, 10) == (100, 50)
    assert Enlarging(upscaler="Lanczos", size=(100, 50), crop=False).target(10, 10) == (100, 100)
    assert Enlarging(factor=4).target(10, 10) == (10, 10)


def test_a_body_is_read_with_its_defaults():
    assert read_extras({"upscaler_1": None}, []) == Enlarging()
    body = {"upscaler_1": "4x-sharp", "upscaler_2": "lanczos", "extras_upscaler_2_visibility": "0.25"}
    read = read_extras(
        {**body, "resize_mode": 1, "upscaling_resize_w": 64, "upscaling_resize_h": 32, "codeformer_visibility": 0},
        NETWORKS,
    )
    assert read == Enlarging(upscaler=NETWORKS[0], second="Lanczos", share=0.25, size=(64, 32))
    assert find_network("2X", NETWORKS) == NETWORKS[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("upscaler_1", "R-ESRGAN 4x+"),
        ("upscaling_resize", 1000),
        ("upscaling_resize", "much"),
        ("upscaling_resize", float("nan")),
        ("gfpgan_visibility", 0.5),
    ],
)
def test_what_cannot_be_meant_is_refused(field, value):
    with pytest.raises(GraphError) as caught:
        read_extras({field: value}, NETWORKS)
    assert refusal_of(caught.value)[0] == 422


def test_networks_draw_and_are_fitted_to_the_size():
    enlarging = Enlarging(upscaler=NETWORKS[0], second="Nearest", share=0.5, factor=3)
    nodes = extras_graph(enlarging, [("a.png", (10, 20)), ("b.png", (8, 8))]).nodes
    assert nodes["first 1 drawn"].inputs["upscale_model"] == Link(f"network {NETWORKS[0]}", 0)
    assert [nodes["first 1"].inputs[side] for side in ("width", "height")] == [30, 60]
    assert nodes["second 2"].inputs["upscale_method"] == "nearest-exact"
    assert nodes["picture 2"].inputs["images"] == Link("mixed 2", 0)
    assert extras_graph(Enlarging(), [("a.png", (1, 1))]).nodes["picture 1"].inputs["images"] == Link("loaded 1", 0)


def test_too_much_at_once_is_refused():
    with pytest.raises(GraphError, match="fewer or smaller"):
        extras_graph(Enlarging(upscaler="Lanczos", factor=8), [("a.png", (4096, 4096))])


def test_a_picture_is_described_by_a_network_that_is_there():
    nodes = interrogation_graph("a.png", ["blip/model.safetensors"]).nodes
    assert nodes["captioner"].inputs["captioner"] == "blip/model.safetensors"
    assert caption_of({"caption": {"text": ["a red", "apple "]}}) == "a red apple"
    with pytest.raises(GraphError, match="captioners"):
        interrogation_graph("a.png", [])


@pytest.mark.parametrize(("model", "said"), [("deepdanbooru", "tags"), ("other", "Model not found")])
def test_other_interrogators_are_refused(model, said):
    check_interrogator("clip")
    check_interrogator(None)
    with pytest.raises(GraphError, match=said) as caught:
        check_interrogator(model)
    assert refusal_of(caught.value)[0] == 404


@pytest.mark.parametrize(
    "graph",
    [
        extras_graph(Enlarging(upscaler=NETWORKS[0], second="Nearest", share=0.5), [("a.png", (8, 8))]),
        interrogation_graph("a.png", ["blip/model.safetensors"]),
    ],
)
def test_graphs_are_such_as_workers_run(graph):
    nodes = {name: found.type for name, found in discover(limner.nodes, NodeDefinition, _name).items()}
    catalog, there = Catalog(nodes=nodes), {"upscale_models": NETWORKS, "captioners": ["blip/model.safetensors"]}
    checked = check(graph, catalog, lambda name: there.get(name, ()), exists=lambda name: name == "a.png")
    assert (checked.problem, checked.problems) == (None, {})


def _name(definition):
    return definition.type.name
