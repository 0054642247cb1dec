"""Subgraphs: ids, borders, promoted values in all three generations, and what would never end."""

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.graph.test_api_document import json_values

from limner.graph.errors import DocumentError
from limner.graph.graph import Link
from limner.graph.ui.document import convert_ui_document, from_ui_document

from .test_document import drawn, image, preview


def link(number: int, source: int, slot: int, target: int, target_slot: int, kind: str = "IMAGE") -> dict[str, Any]:
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    return dict(zip(keys, (number, source, slot, target, target_slot, kind), strict=True))


def port(name: str, kind: str = "IMAGE") -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "linkIds": []}


def subgraph(key: str, nodes: list, links: list, inputs: tuple = (), outputs: tuple = (), **more: Any) -> dict:
    return {
        "id": key, "name": f"the {key}", "nodes": nodes, "links": links, "inputs": list(inputs),
        "outputs": list(outputs), "inputNode": {"id": -10}, "outputNode": {"id": -20},
    } | more  # fmt: skip


def sized(number: int, kind: str = "EmptyLatentImage", **links: int) -> dict[str, Any]:
    """An inner node whose widgets ``links`` names are fed from outside."""
    node = drawn(number, kind, outputs=["LATENT"], values=[64, 32, 1])
    node["inputs"] = [{"name": n, "type": "INT", "link": each, "widget": {"name": n}} for n, each in links.items()]
    return node


@pytest.fixture
def read(catalog, lists):
    def run(*nodes, links=(), subgraphs=(), **more):
        document = {"nodes": list(nodes), "links": list(links), "definitions": {"subgraphs": list(subgraphs)}} | more
        return from_ui_document(document, catalog, lists).nodes

    return run


BLENDING = subgraph(
    "blending",
    [drawn(1, "Blend", [("first", "IMAGE", 1), ("second", "IMAGE", 2)], ["IMAGE"])],
    [link(1, -10, 0, 1, 0), link(2, -10, 1, 1, 1), link(3, 1, 0, -20, 0)],
    (port("a"), port("b")),
    (port("IMAGE"),),
)


def hosted(number: int, first: int | None, second: int | None, key: str = "blending", **more: Any) -> dict:
    return drawn(number, key, [("a", "IMAGE", first), ("b", "IMAGE", second)], ["IMAGE"], **more)


def test_inputs_and_outputs(read):
    nodes = read(
        image(1),
        hosted(2, 1, None),
        preview(3, 2),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        subgraphs=[BLENDING],
    )
    assert list(nodes) == ["1", "2:1", "3"]
    assert nodes["2:1"].inputs == {"first": Link("1", 0)}
    assert nodes["3"].inputs == {"images": Link("2:1", 0)}


def test_inputs_that_the_instance_does_not_list_are_found_by_name(read):
    host = drawn(2, "blending", [("b", "IMAGE", 1)], ["IMAGE"])
    nodes = read(image(1), host, links=[[1, 1, 0, 2, 0, "IMAGE"]], subgraphs=[BLENDING])
    assert nodes["2:1"].inputs == {"second": Link("1", 0)}


def test_one_definition_in_several_instances_and_inside_another(read):
    outer = subgraph(
        "outer",
        [hosted(5, 1, 1), hosted(6, 2, None)],
        [link(1, -10, 0, 5, 0), link(2, 5, 0, 6, 0), link(3, 6, 0, -20, 0)],
        (port("x"),),
        (port("IMAGE"),),
        definitions={"subgraphs": [BLENDING]},
    )
    nodes = read(
        image(1),
        drawn(2, "outer", [("x", "IMAGE", 1)], ["IMAGE"], title="Mine"),
        hosted(3, 2, 1),
        preview(4, 3),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [3, 3, 0, 4, 0, "IMAGE"]],
        subgraphs=[outer],
    )
    assert {name: node.inputs for name, node in nodes.items() if name != "1"} == {
        "2:5:1": {"first": Link("1", 0), "second": Link("1", 0)},
        "2:6:1": {"first": Link("2:5:1", 0)},
        "3:1": {"first": Link("2:6:1", 0), "second": Link("1", 0)},
        "4": {"images": Link("3:1", 0)},
    }


@pytest.mark.parametrize(("mode", "inputs"), [(2, {}), (4, {"images": Link("1", 0)})])
def test_muting_and_bypassing_hold_for_the_whole_instance(read, mode, inputs):
    nodes = read(
        image(1),
        hosted(2, 1, None, mode=mode),
        preview(3, 2),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        subgraphs=[BLENDING],
    )
    assert list(nodes) == ["1", "3"]
    assert nodes["3"].inputs == inputs


def test_a_line_through_a_subgraph(read):
    through = subgraph("through", [], [link(1, -10, 0, -20, 0)], (port("a"),), (port("IMAGE"),))
    nodes = read(
        image(1),
        drawn(2, "through", [("a", "IMAGE", 1)], ["IMAGE"]),
        preview(3, 2),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        subgraphs=[through],
    )
    assert nodes["3"].inputs == {"images": Link("1", 0)}


PROMOTING = subgraph(
    "promoting",
    [sized(1, width=1, height=2), drawn(7, "EmptyImage", values=[5])],
    [link(1, -10, 1, 1, 0, "INT"), link(2, -10, 2, 1, 1, "INT")],
    (port("image"), port("width", "INT"), port("height", "INT")),
)
INNER = {"width": 64, "height": 32, "batch_size": 1}


@pytest.mark.parametrize(
    ("host", "inputs"),
    [
        ({}, {}),
        ({"widgets_values": []}, {}),
        ({"widgets_values": [10, 20]}, {"width": 10, "height": 20}),
        ({"widgets_values": [10, "fixed", 20]}, {"width": 10, "height": 20}),
        ({"widgets_values": [10]}, {"width": 10}),
        ({"widgets_values": [1, 2], "widgets_values_named": {"height": 1, "width": 2}}, {"width": 2, "height": 1}),
        ({"widgets_values_named": {"height": 20, "nothing": 3}}, {"height": 20}),
        ({"properties": {"proxyWidgets": [["1", "height"]]}, "widgets_values": [20]}, {"height": 20}),
        ({"properties": {"proxyWidgets": [["1", "batch_size"], ["-1", "width"]]}, "widgets_values": [4, 10]},
         {"batch_size": 4, "width": 10}),
        ({"properties": {"proxyWidgets": [["1", "height"], ["9", "$$picture"], ["1", "batch_size"]]},
          "widgets_values": [20, 3]}, {"height": 20, "batch_size": 3}),
        ({"properties": {"proxyWidgets": [["1", "height"]]}, "widgets_values": []}, {}),
        ({"properties": {"proxyWidgets": [["gone", "height"], 5, ["1"]]}, "widgets_values": [20]}, {}),
    ],
)  # fmt: skip
def test_promoted_values(read, host, inputs):
    nodes = read(drawn(2, "promoting", **{"widgets_values": None} | host), subgraphs=[PROMOTING])
    assert nodes["2:1"].inputs == INNER | inputs
    assert nodes["2:7"].inputs == {"width": 5}


def test_a_link_to_a_promoted_widget_stands_above_its_value(read):
    host = drawn(2, "promoting", [("width", "INT", 1), ("height", "INT", 2)], values=[10, 20])
    number, primitive = drawn(1, "PrimitiveInt", values=[3]), drawn(3, "PrimitiveNode", values=[8, "fixed"])
    links = [[1, 1, 0, 2, 0, "INT"], [2, 3, 0, 2, 1, "INT"]]
    nodes = read(number, primitive, host, links=links, subgraphs=[PROMOTING])
    assert nodes["2:1"].inputs == {"width": Link("1", 0), "height": 8, "batch_size": 1}


def test_values_promoted_twice(read):
    outer = subgraph(
        "outer",
        [
            drawn(5, "promoting", [("width", "INT", 1)], values=[10, 20])
            | {"inputs": [{"name": "width", "type": "INT", "link": 1, "widget": {"name": "width"}}]}
        ],
        [link(1, -10, 0, 5, 0, "INT")],
        (port("size", "INT"),),
    )
    by_port = read(drawn(2, "outer", values=[99]), subgraphs=[outer, PROMOTING])
    by_proxy = read(
        drawn(2, "outer", values=[77], properties={"proxyWidgets": [["5", "height"]]}), subgraphs=[outer, PROMOTING]
    )
    assert by_port["2:5:1"].inputs == {"width": 99, "height": 20, "batch_size": 1}
    assert by_proxy["2:5:1"].inputs == {"width": 10, "height": 77, "batch_size": 1}


def test_names_set_outside_are_known_inside(read):
    inside = subgraph("inside", [drawn(1, "GetNode", outputs=["IMAGE"], values=["pic"]), preview(2, 5)],
                      [link(5, 1, 0, 2, 0)])  # fmt: skip
    setter = drawn(3, "SetNode", [("IMAGE", "IMAGE", 1)], ["*"], ["pic"])
    nodes = read(image(1), setter, drawn(2, "inside"), links=[[1, 1, 0, 3, 0, "IMAGE"]], subgraphs=[inside])
    assert nodes["2:2"].inputs == {"images": Link("1", 0)}


def test_a_subgraph_without_a_definition_is_an_unknown_type(catalog, lists):
    found = convert_ui_document({"nodes": [drawn(1, "0000-uuid")]}, catalog, lists)
    assert found.unknown == {"0000-uuid": ("1",)}


def test_a_subgraph_in_itself(read):
    one = subgraph("one", [drawn(1, "two")], [])
    two = subgraph("two", [drawn(1, "one")], [])
    with pytest.raises(DocumentError, match="Node 7:1:1 is the subgraph 'the one', which contains itself"):
        read(drawn(7, "one"), subgraphs=[one, two])
    assert read(drawn(7, "one", mode=2), subgraphs=[one, two]) == {}


def test_too_many_instances(read):
    """Ten instances in each of ten definitions: ten to the power of ten nodes."""
    bombs = [subgraph(f"s{n}", [drawn(i, f"s{n + 1}") for i in range(10)], []) for n in range(10)]
    began = time.monotonic()
    with pytest.raises(DocumentError, match="over 100000 nodes"):
        read(drawn(1, "s0"), subgraphs=[*bombs, subgraph("s10", [image(1)], [])])
    assert time.monotonic() - began < 60


def test_too_deep(read):
    bombs = [subgraph(f"s{n}", [drawn(1, f"s{n + 1}")], []) for n in range(1000)]
    with pytest.raises(DocumentError, match="inside 50 others"):
        read(drawn(1, "s0"), subgraphs=bombs)


KEYS = ["a", "b"]
rough_links = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([-10, -20, 1, 2]), st.integers(0, 2), st.sampled_from([-20, 1, 2]),
              st.integers(0, 2), st.just("IMAGE")).map(lambda each: link(*each)),
    max_size=5,
)  # fmt: skip
rough_inner = st.builds(
    drawn,
    st.integers(1, 3),
    st.sampled_from([*KEYS, "Reroute", "EmptyImage", "GetNode", "SetNode", "PrimitiveNode"]),
    st.lists(st.tuples(st.sampled_from("abx"), st.just("IMAGE"), st.integers(0, 4)), max_size=3),
    st.lists(st.just("IMAGE"), max_size=2),
    json_values,
    mode=st.sampled_from([0, 0, 4]),
    properties=st.fixed_dictionaries({"proxyWidgets": json_values | st.just([["1", "width"]])}),
)
rough_subgraphs = st.builds(
    subgraph,
    st.sampled_from(KEYS),
    st.lists(rough_inner, max_size=3),
    rough_links,
    st.just((port("a"), port("b"))),
    st.just((port("IMAGE"),)),
)


@given(st.lists(rough_inner, max_size=4), rough_links, st.lists(rough_subgraphs | json_values, max_size=2))
def test_any_subgraphs_are_read_or_refused(catalog, lists, nodes, links, subgraphs):
    with suppress(DocumentError):
        document = {"nodes": nodes, "links": links, "definitions": {"subgraphs": subgraphs}}
        found = from_ui_document(document, catalog, lists).nodes
        assert all(each.source in found for node in found.values() for _, each in node.links())
