"""Group nodes: inner ids, sockets by name and type, values one after the other."""

from typing import Any

import pytest

from limner.graph.errors import DocumentError
from limner.graph.graph import Link
from limner.graph.ui.document import convert_ui_document, from_ui_document

from .test_document import drawn, image, preview

SAMPLER_VALUES = [1, "fixed", 20, 8, "euler", "normal", 1]


def inner(kind: str, index: int, inputs: Any = (), outputs: Any = (), values: Any = ()) -> dict[str, Any]:
    """An inner node as a group's definition holds it: its links are those of the drawing that it was made of."""
    return drawn(-1, kind, [(name, socket, 777) for name, socket in inputs], outputs, list(values)) | {"index": index}


TEXTS = {
    "nodes": [
        inner("CLIPTextEncode", 0, [("clip", "CLIP")], ["CONDITIONING"], ["good"]),
        inner("CLIPTextEncode", 1, [("clip", "CLIP")], ["CONDITIONING"], ["bad"]),
        inner("EmptyLatentImage", 2, (), ["LATENT"], [64, 64, 1]),
        inner(
            "KSampler",
            3,
            [(name, name.upper()) for name in ("model",)]
            + [("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("latent_image", "LATENT")],
            ["LATENT"],
            SAMPLER_VALUES,
        ),
    ],
    "links": [[0, 0, 3, 1, 5, "CONDITIONING"], [1, 0, 3, 2, 6, "CONDITIONING"], [2, 0, 3, 3, 7, "LATENT"], None, [1]],
    "external": [[3, 0, "LATENT"]],
}


@pytest.fixture
def read(catalog, lists):
    def run(*nodes, links=(), groups=None):
        document = {"nodes": list(nodes), "links": list(links), "extra": {"groupNodes": groups or {}}}
        return from_ui_document(document, catalog, lists).nodes

    return run


def loader() -> dict[str, Any]:
    return drawn(1, "CheckpointLoaderSimple", outputs=["MODEL", "CLIP", "VAE"], values=["a"])


def host(kind: str = "workflow>Texts", values: Any = None, **more: Any) -> dict[str, Any]:
    inputs = [("clip", "CLIP", 1), ("CLIPTextEncode clip", "CLIP", 2), ("model", "MODEL", 3)]
    return drawn(10, kind, inputs, ["LATENT"], values, **more)


LINKS = [[1, 1, 1, 10, 0, "CLIP"], [2, 1, 1, 10, 1, "CLIP"], [3, 1, 0, 10, 2, "MODEL"], [4, 10, 0, 11, 0, "LATENT"]]


@pytest.mark.parametrize("kind", ["workflow>Texts", "workflow/Texts"])
def test_a_group(read, kind):
    values = ["a cat", "a dog", 128, 256, 2, 7, "randomize", 10, 5, "heun", "karras", 0.5]
    decode = drawn(11, "VAEDecode", [("samples", "LATENT", 4)], ["IMAGE"])
    nodes = read(loader(), host(kind, values), decode, links=LINKS, groups={"Texts": TEXTS})
    assert list(nodes) == ["1", "10:0", "10:1", "10:2", "10:3", "11"]
    assert nodes["10:0"].inputs == {"text": "a cat", "clip": Link("1", 1)}
    assert nodes["10:1"].inputs == {"text": "a dog", "clip": Link("1", 1)}
    assert nodes["10:2"].inputs == {"width": 128, "height": 256, "batch_size": 2}
    assert nodes["10:3"].inputs == {
        "model": Link("1", 0), "positive": Link("10:0", 0), "negative": Link("10:1", 0),
        "latent_image": Link("10:2", 0), "seed": 7, "steps": 10, "cfg": 5, "sampler_name": "heun",
        "scheduler": "karras", "denoise": 0.5,
    }  # fmt: skip
    assert nodes["11"].inputs == {"samples": Link("10:3", 0)}


def test_values_that_do_not_fit_leave_the_definition_as_it_is(read):
    nodes = read(loader(), host(values=["a cat"]), links=LINKS[:3], groups={"Texts": TEXTS})
    assert nodes["10:0"].inputs["text"] == "good"


def test_a_widget_that_an_inner_link_feeds_is_none_of_the_group(read):
    sized = inner("EmptyLatentImage", 1, (), ["LATENT"], [64, 32, 1])
    sized["inputs"] = [{"name": "width", "type": "INT", "link": 3, "widget": {"name": "width"}}]
    group = {"nodes": [inner("PrimitiveInt", 0, (), ["INT"], [5, "fixed"]), sized], "links": [[0, 0, 1, 0, 9, "INT"]]}
    nodes = read(drawn(1, "workflow>Sized", values=[6, "fixed", 16, 2]), groups={"Sized": group})
    assert nodes["1:0"].inputs == {"value": 6}
    assert nodes["1:1"].inputs == {"width": Link("1:0", 0), "height": 16, "batch_size": 2}


def test_a_widget_that_became_a_socket_of_the_group(read):
    group = {"nodes": [inner("EmptyLatentImage", 0, (), ["LATENT"], [64, 32, 1])], "links": []}
    sized = drawn(2, "workflow>Sized", values=[64, 32, 1])
    sized["inputs"] = [{"name": "height", "type": "INT", "link": 1, "widget": {"name": "height"}}]
    number = drawn(1, "PrimitiveInt", outputs=["INT"], values=[3])
    nodes = read(number, sized, links=[[1, 1, 0, 2, 0, "INT"]], groups={"Sized": group})
    assert nodes["2:0"].inputs == {"width": 64, "height": Link("1", 0), "batch_size": 1}


def test_sockets_under_other_names(read):
    group = {
        "nodes": [
            inner("Blend", 0, [("first", "IMAGE"), ("second", "IMAGE")], ["IMAGE"]),
            inner("Blend", 1, [("first", "IMAGE"), ("second", "IMAGE")], ["IMAGE"]),
        ],
        "links": [[0, 0, 1, 0, 3, "IMAGE"]],
        "config": {"1": {"input": {"second": {"name": "extra"}}}, "0": {"output": {"0": {"visible": False}}}},
    }
    both = drawn(3, "workflow>Both", [("extra", "IMAGE", 1), ("renamed", "IMAGE", 2)], ["IMAGE"])
    links = [[1, 1, 0, 3, 0, "IMAGE"], [2, 2, 0, 3, 1, "IMAGE"], [3, 3, 0, 4, 0, "IMAGE"]]
    nodes = read(image(1), image(2), both, preview(4, 3), links=links, groups={"Both": group})
    assert nodes["3:0"].inputs == {"first": Link("2", 0)}
    assert nodes["3:1"].inputs == {"first": Link("3:0", 0), "second": Link("1", 0)}
    assert nodes["4"].inputs == {"images": Link("3:1", 0)}


@pytest.mark.parametrize(("mode", "inputs"), [(2, {}), (4, {})])
def test_muted_and_bypassed(read, mode, inputs):
    decode = drawn(11, "VAEDecode", [("samples", "LATENT", 4)], ["IMAGE"])
    nodes = read(loader(), host(mode=mode), decode, links=LINKS, groups={"Texts": TEXTS})
    assert list(nodes) == ["1", "11"]
    assert nodes["11"].inputs == inputs


def test_groups_in_groups(read):
    outer = {"nodes": [inner("workflow>Single", 0, (), ["IMAGE"], [9])], "links": []}
    single = {"nodes": [inner("EmptyImage", 0, (), ["IMAGE"], [5])], "links": []}
    nodes = read(
        drawn(1, "workflow>Outer", outputs=["IMAGE"], values=[]),
        preview(2, 1),
        links=[[1, 1, 0, 2, 0, "IMAGE"]],
        groups={"Outer": outer, "Single": single},
    )
    assert nodes["1:0:0"].inputs == {"width": 9}
    assert nodes["2"].inputs == {"images": Link("1:0:0", 0)}


def test_a_group_in_itself(read):
    with pytest.raises(DocumentError, match="contains itself"):
        read(drawn(1, "workflow>Loop"), groups={"Loop": {"nodes": [inner("workflow>Loop", 0)]}})


@pytest.mark.parametrize("group", [{}, {"nodes": 5, "links": {}, "config": [5]}, {"links": [[0, 0, 0, 0]]}])
def test_rubbish_in_groups(read, group):
    assert read(host(), groups={"Texts": group}) == {}


def test_a_group_without_a_definition_is_an_unknown_type(catalog, lists):
    found = convert_ui_document({"nodes": [host()]}, catalog, lists)
    assert found.unknown == {"workflow>Texts": ("10",)}
    assert found.graph.nodes["10"].inputs == {}
