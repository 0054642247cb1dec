"""The UI format: what is sent, what is looked through, and which widget value is which input."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.graph.test_api_document import json_values

from limner.graph.check import check
from limner.graph.errors import DocumentError
from limner.graph.graph import Link
from limner.graph.prompts import find_prompts
from limner.graph.substitution import StandIn, substitute
from limner.graph.ui.document import convert_ui_document, from_ui_document


def drawn(number: int, kind: str, inputs: Any = (), outputs: Any = (), values: Any = None, **more: Any) -> dict:
    """A node; inputs as (name, type, link), outputs as types."""
    return {
        "id": number,
        "type": kind,
        "mode": 0,
        "inputs": [{"name": name, "type": socket, "link": link} for name, socket, link in inputs],
        "outputs": [{"name": socket, "type": socket} for socket in outputs],
        "widgets_values": [] if values is None else values,
    } | more


TYPES = [
    "KSampler",
    "Reroute",
    "SetNode",
    "GetNode",
    "PrimitiveNode",
    "Show",
    "LoadImageMask",
    "Strange",
    "Note",
    "uuid",
]


@pytest.fixture
def read(catalog, lists):
    def run(*nodes, links=(), **more):
        return from_ui_document(
            {"nodes": list(nodes), "links": [list(link) if isinstance(link, tuple) else link for link in links]} | more,
            catalog,
            lists,
        ).nodes

    return run


def image(number, **more):
    return drawn(number, "EmptyImage", outputs=["IMAGE"], values=[number], **more)


def preview(number, link):
    return drawn(number, "PreviewImage", [("images", "IMAGE", link)])


def blend(number, first, second, **more):
    return drawn(number, "Blend", [("first", "IMAGE", first), ("second", "IMAGE", second)], ["IMAGE"], **more)


def test_links_of_both_versions(read):
    link = {"id": 7, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0, "type": "IMAGE"}
    arrays = read(image(1), preview(2, 7), links=[(7, 1, 0, 2, 0, "IMAGE")])
    objects = read(image(1), preview(2, 7), links=[link], version=1)
    assert arrays == objects
    assert arrays["2"].inputs == {"images": Link("1", 0)}
    assert arrays["1"].inputs == {"width": 1}


def test_titles(read):
    nodes = read(image(1, title="Mine"), image(2))
    assert (nodes["1"].title, nodes["2"].title) == ("Mine", "Empty Image")


def test_a_muted_node_is_gone_with_its_links(read):
    nodes = read(image(1, mode=2), preview(2, 7), links=[(7, 1, 0, 2, 0, "IMAGE")])
    assert list(nodes) == ["2"]
    assert nodes["2"].inputs == {}


def test_a_bypassed_node_hands_on_the_input_of_its_type(read):
    nodes = read(
        image(1),
        image(2),
        blend(3, 1, 2, mode=4),
        blend(4, 3, None, mode=4),
        preview(5, 4),
        links=[(1, 1, 0, 3, 0, "IMAGE"), (2, 2, 0, 3, 1, "IMAGE"), (3, 3, 0, 4, 0, "IMAGE"), (4, 4, 0, 5, 0, "IMAGE")],
    )
    assert set(nodes) == {"1", "2", "5"}
    assert nodes["5"].inputs == {"images": Link("1", 0)}


def test_a_bypassed_lora_hands_on_model_and_clip(read):
    loader = drawn(1, "CheckpointLoaderSimple", outputs=["MODEL", "CLIP", "VAE"], values=["a"])
    lora = drawn(2, "LoraLoader", [("model", "MODEL", 1), ("clip", "CLIP", 2)], ["MODEL", "CLIP"], ["x", 1, 1], mode=4)
    text = drawn(3, "CLIPTextEncode", [("clip", "CLIP", 3)], ["CONDITIONING"], ["hi"])
    nodes = read(loader, lora, text, links=[(1, 1, 0, 2, 0, "MODEL"), (2, 1, 1, 2, 1, "CLIP"), (3, 2, 1, 3, 0, "CLIP")])
    assert nodes["3"].inputs == {"text": "hi", "clip": Link("1", 1)}


def test_a_bypassed_node_without_a_fitting_input_ends_the_link(read):
    nodes = read(image(1, mode=4), preview(2, 7), links=[(7, 1, 0, 2, 0, "IMAGE")])
    assert nodes["2"].inputs == {}


def test_reroutes_and_names(read):
    nodes = read(
        image(1),
        drawn(2, "Reroute", [("", "*", 1)], ["IMAGE"]),
        drawn(3, "Reroute (rgthree)", [("", "*", 2)], ["IMAGE"]),
        drawn(4, "SetNode", [("IMAGE", "IMAGE", 3)], ["*"], ["pic"]),
        drawn(5, "GetNode", outputs=["IMAGE"], values=["pic"]),
        drawn(6, "Note", values=["remember"]),
        drawn(7, "MarkdownNote", values=["# remember"]),
        preview(8, 5),
        links=[(1, 1, 0, 2, 0, "*"), (2, 2, 0, 3, 0, "*"), (3, 3, 0, 4, 0, "IMAGE"), (5, 5, 0, 8, 0, "IMAGE")],
    )
    assert set(nodes) == {"1", "8"}
    assert nodes["8"].inputs == {"images": Link("1", 0)}


def test_reroutes_in_a_circle(read):
    one, two = (drawn(number, "Reroute", [("", "*", number)], ["IMAGE"]) for number in (1, 2))
    nodes = read(one, two, preview(3, 5), links=[(1, 2, 0, 1, 0, "*"), (2, 1, 0, 2, 0, "*"), (5, 1, 0, 3, 0, "*")])
    assert nodes["3"].inputs == {}


def test_a_primitive_gives_its_value(read):
    primitive = drawn(1, "PrimitiveNode", outputs=["INT"], values=[64, "fixed"])
    target = drawn(2, "EmptyImage", outputs=["IMAGE"], values=[8])
    target["inputs"] = [{"name": "width", "type": "INT", "link": 4, "widget": {"name": "width"}}]
    assert read(primitive, target, links=[(4, 1, 0, 2, 0, "INT")])["2"].inputs == {"width": 64}


def test_a_linked_widget_keeps_its_place(read):
    number = drawn(1, "PrimitiveInt", outputs=["INT"], values=[3, "randomize"])
    latent = drawn(2, "EmptyLatentImage", outputs=["LATENT"], values=[256, 320, 2])
    latent["inputs"] = [{"name": "width", "type": "INT", "link": 4, "widget": {"name": "width"}}]
    nodes = read(number, latent, links=[(4, 1, 0, 2, 0, "INT")])
    assert nodes["2"].inputs == {"width": Link("1", 0), "height": 320, "batch_size": 2}


SAMPLER = {"seed": 5, "steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}


@pytest.mark.parametrize(
    "values",
    [
        [5, "randomize", 20, 8, "euler", "normal", 1],
        [5, 20, 8, "euler", "normal", 1],
        [5, "fixed", 20, 8, "euler", "normal"],
        {**SAMPLER, "videopreview": {}},
        [None, 5, "fixed", 20, 8, "euler", "normal", 1],
    ],
)
def test_values_of_a_sampler(read, values):
    found = read(drawn(1, "KSampler", outputs=["LATENT"], values=values))["1"].inputs
    assert found == SAMPLER


def test_missing_values_get_defaults(read):
    nodes = read(drawn(1, "EmptyLatentImage", values=[64]), drawn(2, "LatentUpscale", values=None))
    assert nodes["1"].inputs == {"width": 64, "height": 512, "batch_size": 1}
    assert nodes["2"].inputs == {"upscale_method": "nearest-exact", "width": 512, "height": 512, "crop": "disabled"}


@pytest.mark.parametrize(
    ("kind", "values", "inputs"),
    [
        ("LoadImage", ["a.png", "image"], {"image": "a.png"}),
        ("LoadImage", ["a.png"], {"image": "a.png"}),
        ("LoadImage", ["a.png", None], {"image": "a.png"}),
        ("LoadImageMask", ["a.png", "red", "image"], {"image": "a.png", "channel": "red"}),
        ("LoadImageMask", ["a.png", "image", "red"], {"image": "a.png", "channel": "red"}),
    ],
)
def test_upload_buttons(read, kind, values, inputs):
    assert read(drawn(1, kind, values=values))["1"].inputs == inputs


@pytest.mark.parametrize("values", [["", True, "b", ["p", "q"]], [True, "b", ["p", "q"]]])
def test_dummies_of_forced_inputs(read, values):
    found = read(drawn(1, "Show", [("text", "STRING", None)], values=values))["1"].inputs
    assert found == {"flag": True, "mode": "b", "several": ("p", "q")}


def test_a_list_is_a_value(read):
    assert read(drawn(1, "CLIPTextEncode", values=[["1", 0]]))["1"].inputs == {"text": ("1", 0)}


@pytest.mark.parametrize(
    ("values", "named", "inputs"),
    [
        ([7, 8], {"width": 7, "height": 8}, {"width": 7, "height": 8, "batch_size": 1}),
        ([7, 8], {"height": 7, "width": 8}, {"width": 8, "height": 7, "batch_size": 1}),
        ([7, 8], {"width": 1, "height": 1}, {"width": 7, "height": 8, "batch_size": 1}),
        (["what", 7, 8, 1, 5], {"width": 3}, {"width": 3, "height": 512, "batch_size": 1}),
        ([7, 8], {"width": 3}, {"width": 7, "height": 8, "batch_size": 1}),
        ([], {"width": 3}, {"width": 3, "height": 512, "batch_size": 1}),
        ([None, None], None, {"width": 512, "height": 512, "batch_size": 1}),
    ],
)
def test_values_with_names_beside_them(read, values, named, inputs):
    found = read(drawn(1, "EmptyLatentImage", values=values, widgets_values_named=named))
    assert found["1"].inputs == inputs


@pytest.mark.parametrize(
    ("types", "wanted", "slot", "comes_from"),
    [
        (["IMAGE", "MASK"], "MASK", 1, 2),
        (["IMAGE", "MASK"], "MASK", 0, 2),
        (["MASK", "IMAGE", "IMAGE"], "IMAGE", 0, 2),
        (["IMAGE", "IMAGE"], "IMAGE", 1, 2),
        (["IMAGE", "MASK"], "*", 1, 2),
        (["IMAGE,MASK", "MASK"], "MASK", 0, 1),
        (["LATENT", "IMAGE,MASK"], "MASK", 0, 2),
        (["LATENT", "*"], "MASK", 3, 2),
        (["LATENT"], "MASK", 0, None),
        (["LATENT"], "*", 4, 1),
        ([], "MASK", 0, None),
    ],
)
def test_which_input_a_bypassed_node_hands_on(read, types, wanted, slot, comes_from):
    sources = [image(number) for number in range(1, len(types) + 1)]
    links = [(number, number, 0, 9, number - 1, "IMAGE") for number in range(1, len(types) + 1)]
    inputs = [(f"in{number}", kind, number + 1) for number, kind in enumerate(types)]
    passed = drawn(9, "Blend", inputs, ["X"] * slot + [wanted], mode=4)
    nodes = read(*sources, passed, preview(10, 50), links=[*links, (50, 9, slot, 10, 0, wanted)])
    assert nodes["10"].inputs == ({} if comes_from is None else {"images": Link(str(comes_from), 0)})


def test_widgets_that_only_the_node_shows(read):
    socket = {"name": "anything", "type": "CURVE", "link": None, "widget": {"name": "anything"}}
    show = drawn(1, "Show", values=[True, "b", "p", {"points": [1]}]) | {"inputs": [socket]}
    assert read(show)["1"].inputs == {"flag": True, "mode": "b", "several": "p", "anything": {"points": [1]}}


def test_an_unknown_type_whose_sockets_name_its_widgets(catalog, lists):
    sockets = [
        {"name": "images", "type": "IMAGE", "link": None},
        {"name": "seed", "type": "INT", "link": None, "widget": {"name": "seed"}},
        {"name": "text", "type": "STRING", "link": None, "widget": {"name": "text"}},
    ]
    nodes = [
        drawn(1, "Strange", values=[5, "fixed", ["a"]]) | {"inputs": sockets},
        drawn(2, "Stranger", values=[1, 2]) | {"inputs": sockets[:1]},
        drawn(3, "Named", values=[1, "fixed"], widgets_values_named={"a": 1, "control_after_generate": "fixed"}),
    ]
    found = convert_ui_document({"nodes": nodes}, catalog, lists)
    inputs = {name: node.inputs for name, node in found.graph.nodes.items()}
    assert inputs == {"1": {"seed": 5, "text": ("a",)}, "2": {}, "3": {"a": 1}}
    assert found.unknown == {"Strange": ("1",), "Stranger": ("2",), "Named": ("3",)}
    assert found.notes == ("2 (Stranger): the names of its 2 values are unknown; they are left out",)


def test_tokens_in_prefixes(catalog, lists):
    prefix = "%date:yyyy-MM-dd%/%Sized.width%_%Pair.height%_%Nobody.width%_%width%"
    nodes = [
        drawn(1, "EmptyLatentImage", values=[64, 32, 1], properties={"Node name for S&R": "Sized"}),
        drawn(2, "EmptyLatentImage", values=[48, 24, 1], title="Pair"),
        drawn(3, "SaveImage", values=[prefix]),
    ]
    graph = from_ui_document({"nodes": nodes}, catalog, lists, now=datetime(2026, 3, 9))
    assert graph.nodes["3"].inputs == {"filename_prefix": "2026-03-09/64_24_%Nobody.width%_%width%"}


def test_a_long_chain_of_reroutes_is_followed_once(read):
    count = 20_000
    reroutes = [drawn(number, "Reroute", [("", "*", number)], ["*"]) for number in range(1, count)]
    links = [(number, number - 1, 0, number, 0, "*") for number in range(1, count + 1)]
    previews = [preview(count + number, count) for number in range(1000)]
    nodes = read(image(0), *reroutes, *previews, links=links)
    assert nodes[str(count)].inputs == {"images": Link("0", 0)}


def test_dynamic_prompts_are_drawn(catalog, lists):
    document = {"nodes": [drawn(1, "CLIPTextEncode", values=["a {red|blue} cat"])]}
    for index, text in ((0, "a red cat"), (1, "a blue cat")):
        graph = from_ui_document(document, catalog, lists, draw=lambda count, index=index: index)
        assert graph.nodes["1"].inputs["text"] == text


def test_unknown_types_keep_their_links(read):
    strange = drawn(2, "Strange", [("images", "IMAGE", 7)], values={"mode": "x"})
    nodes = read(image(1), strange, links=[(7, 1, 0, 2, 0, "IMAGE")])
    assert nodes["2"].inputs == {"mode": "x", "images": Link("1", 0)}
    assert nodes["2"].title is None


@pytest.mark.parametrize(
    "document",
    [
        {
            "nodes": [
                {
                    "id": 1,
                    "type": "EmptyImage",
                    "mode": "x",
                    "inputs": 5,
                    "outputs": {},
                    "widgets_values": 3,
                    "title": 4,
                }
            ]
        },
        {
            "nodes": [{"id": 1, "type": "EmptyImage", "inputs": [None, {"name": 3, "link": [1]}, {"link": "x"}]}],
            "links": 5,
        },
        {"nodes": [], "links": [None], "definitions": [], "extra": None},
    ],
)
def test_rubbish_is_read_over(catalog, lists, document):
    nodes = from_ui_document(document, catalog, lists).nodes
    assert all(node.inputs == {"width": 512} for node in nodes.values())


slots = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["model", "seed", "text"]),
        "type": st.sampled_from(["*", "IMAGE"]) | json_values,
    },
).flatmap(lambda slot: st.integers(0, 4).map(lambda link: slot | {"link": link}) | st.just(slot))
rough_nodes = st.fixed_dictionaries(
    {"id": st.integers(0, 4), "type": st.sampled_from(TYPES)},
    optional={
        "mode": st.sampled_from([0, 2, 4]) | json_values,
        "inputs": st.lists(slots, max_size=4) | json_values,
        "outputs": st.lists(slots, max_size=4) | json_values,
        "widgets_values": st.lists(json_values, max_size=8) | json_values,
        "title": json_values,
    },
)
rough_links = st.lists(st.integers(0, 4), min_size=5, max_size=5).map(lambda link: [*link, "IMAGE"])


@given(st.lists(rough_nodes, max_size=5), st.lists(rough_links, max_size=5), json_values)
def test_any_drawing_is_read_or_refused(catalog, lists, nodes, links, definitions):
    with suppress(DocumentError):
        document = {"nodes": nodes, "links": links, "definitions": definitions}
        found = from_ui_document(document, catalog, lists, draw=lambda count: 0)
        assert all(link.source in found.nodes for node in found.nodes.values() for _, link in node.links())
        assert check(found, catalog, lists) is not None
        assert find_prompts(found, catalog) is not None
        assert substitute(found, catalog, lists, StandIn()) is not None
