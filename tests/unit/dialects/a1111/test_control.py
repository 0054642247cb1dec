"""Units of ControlNet."""

import pytest

import limner.nodes
from limner.dialects.a1111.control import (
    Shown,
    Unit,
    control_units,
    find_control,
    find_module,
    fitted,
    hint,
    referred,
    steered,
)
from limner.dialects.a1111.control_keys import ALIASES, MODULES
from limner.dialects.a1111.errors import refusal_of
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover
from limner.graph.errors import GraphError
from limner.graph.graph import Link, Node

NETWORKS = ["sd15/control_canny.pth", "tile.safetensors"]


def scripts(*units, name="ControlNet"):
    return {name: {"args": list(units)}}


def made():
    """Nodes, and what adds to them."""
    nodes = {}

    def add(name, kind, /, **inputs):
        nodes[name] = Node(type=kind, inputs=inputs)
        return Link(name, 0)

    return nodes, add


def test_units_are_read_in_the_spellings_of_all_clients():
    first = {"model": "control_canny [0123abcd]", "module": "Canny", "image": "AAAA", "weight": 0.5, "mask": ""}
    second = {"model": "Tile", "input_image": {"image": "BBBB", "mask": ""}, "resize_mode": "Scale to Fit (Inner Fit)",
              "control_mode": "ControlNet is more important", "hr_option": "Low res only"}  # fmt: skip
    read = control_units(scripts(first, second, {"enabled": False, "model": "x"}, {"model": "None"}, "x"), NETWORKS)
    assert read == [
        Unit(module="canny", network=NETWORKS[0], picture="AAAA", weight=0.5),
        Unit(module="none", network=NETWORKS[1], picture="BBBB", mode=2, passes="low"),
    ]


def test_an_entry_without_units_is_no_mistake():
    assert control_units(scripts(name="controlnet"), []) == []
    assert control_units({"ControlNet": {}}, []) == []


@pytest.mark.parametrize(
    ("told", "place"),
    [
        (scripts(name="ADetailer"), ["ADetailer"]),
        (scripts({"model": "no such"}), ["ControlNet", 0, "model"]),
        (scripts({"model": "tile", "module": "no such"}), ["ControlNet", 0, "module"]),
        (scripts({"model": "tile", "weight": "much"}), ["ControlNet", 0, "weight"]),
        (scripts({"model": "tile", "resize_mode": 7}), ["ControlNet", 0, "resize_mode"]),
        (scripts({"model": "tile", "control_mode": 3}), ["ControlNet", 0, "control_mode"]),
        (scripts(*[{"model": "tile"}] * 11), []),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(told, place):
    with pytest.raises(GraphError) as caught:
        control_units(told, NETWORKS)
    status, body = refusal_of(caught.value)
    assert (status, body["detail"][0]["loc"]) == (422, ["body", "alwayson_scripts", *place])


def test_a_hint_is_made_with_numbers_in_range_only():
    nodes, add = made()
    image = Link("image", 0)
    assert hint(add, "none", "none", image) == image
    hint(add, "canny", "canny", image, (51.0, -1.0))
    hint(add, "tile", "tile_resample", image, (64.0, 64.0))
    assert nodes["canny"].inputs == {"image": image, "low_threshold": 0.2, "high_threshold": pytest.approx(200 / 255)}
    assert nodes["tile"].inputs["reduction"] == 1


def test_a_unit_steers_both_texts_or_the_wanted_one():
    texts = (Link("p", 0), Link("n", 0))
    unit = Unit(module="none", network="tile.safetensors", picture="x", weight=0.7)
    nodes, add = made()
    assert steered(add, "unit", unit, Shown(Link("hint", 0)), texts, Link("vae", 0)) == (
        Link("unit", 0),
        Link("unit", 1),
    )
    assert nodes["unit"].inputs["strength"] == 0.7
    only = Unit(module="none", network="tile.safetensors", picture="x", mode=2)
    assert steered(add, "unit", only, Shown(Link("hint", 0)), texts, Link("vae", 0)) == (Link("unit", 0), texts[1])
    for resize, kind in ((0, "ImageScale"), (1, "ImageScale"), (2, "ResizeAndPadImage")):
        assert nodes[fitted(add, "fitted", Link("i", 0), (64, 32), resize).source].type == kind


def test_a_unit_may_leave_the_prompt_more_or_count_in_a_part_only():
    texts, hint = (Link("p", 0), Link("n", 0)), Link("hint", 0)
    soft = Unit(module="none", network="tile.safetensors", picture="x", mode=1)
    nodes, add = made()
    assert steered(add, "unit", soft, Shown(hint), texts, Link("vae", 0)) == (Link("unit", 0), Link("unit", 1))
    assert (nodes["unit"].type, nodes["unit"].inputs["decay"]) == ("ControlNetApplyShaped", 0.825)
    part = Unit(module="none", network="tile.safetensors", picture="x", mask="y", mode=2)
    assert steered(add, "part", part, Shown(hint, Link("m", 0)), texts, Link("vae", 0)) == (Link("part", 0), texts[1])
    assert (nodes["part"].inputs["decay"], nodes["part"].inputs["mask"]) == (1.0, Link("part mask", 0))


def test_a_reference_needs_no_network():
    [unit] = control_units(scripts({"module": "reference_only", "model": "None", "image": "AAAA", "weight": 9}), [])
    nodes, add = made()
    assert referred(add, "unit", unit, Link("i", 0), Link("model", 0), Link("vae", 0)) == Link("unit", 0)
    assert (nodes["unit"].type, nodes["unit"].inputs["strength"]) == ("ReferenceOnly", 4.0)


def test_masks_come_in_several_fields():
    sent = ({"mask": "M"}, {"mask_image": "M"}, {"image": {"image": "A", "mask": "M"}}, {"mask": ""}, {})
    units = control_units(scripts(*({"model": "tile", "image": "A", **one} for one in sent)), NETWORKS)
    assert [unit.mask for unit in units] == ["M", "M", "M", "", ""]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_all_that_its_node_needs(module):
    nodes, add = made()
    hint(add, "hint", module, Link("image", 0))
    known = discover(limner.nodes, NodeDefinition, lambda found: found.type.name)
    for node in nodes.values():
        needed = {entry.name for entry in known[node.type].type.inputs}
        assert needed == set(node.inputs)


def test_names_are_found():
    assert find_control("SD15/control_canny", NETWORKS) == NETWORKS[0]
    assert find_control("canny", NETWORKS) is None
    assert (find_module("HED"), find_module(None), find_module("x")) == ("softedge_hed", "none", None)
    assert set(ALIASES.values()) <= set(MODULES)
