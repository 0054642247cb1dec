"""Every node of ours is declared as the clients of ComfyUI know it, and documented."""

import json
from pathlib import Path

import pytest
from tests.golden.running import definitions

from limner.graph.node_type import Input, NodeType

LISTING = json.loads((Path(__file__).parent.parent / "golden" / "catalog" / "nodes.json").read_text())
NODES = {name: definition.type for name, definition in definitions().items()}
SHARED = sorted(LISTING.keys() & NODES.keys())
BEHAVIOUR_ONLY = {"tooltip", "options", "multiselect"}
"""What a listing says beside the limits, or says in another place."""

LISTED_ELSEWHERE = {"SaveImageWebsocket"}
"""Nodes that ComfyUI ships as an example pack; its core listing does not have them."""


def _inputs(entry: dict, group: str) -> dict:
    return entry["input"].get(group, {})


def _options(listed: list) -> dict:
    options = listed[1] if len(listed) > 1 else {}
    return {key: value for key, value in options.items() if key not in BEHAVIOUR_ONLY}


def _choices(listed: list) -> list[str] | None:
    if isinstance(listed[0], list):
        return listed[0]
    return listed[1].get("options") if listed[0] == "COMBO" else None


def _assert_same(ours: Input, listed: list) -> None:
    choices = _choices(listed)
    assert ours.type == ("COMBO" if choices is not None else listed[0])
    assert ours.options == _options(listed)
    if ours.choices is not None:
        assert list(ours.choices) == choices
    elif choices is not None:
        assert ours.choices_from


def test_every_node_is_in_the_listing():
    assert set(NODES) - set(LISTING) == LISTED_ELSEWHERE
    assert set(LISTING) <= set(NODES)


@pytest.mark.parametrize("name", SHARED)
def test_inputs_are_the_same_and_in_the_same_order(name: str):
    ours, listed = NODES[name], LISTING[name]
    for group, required in (("required", True), ("optional", False)):
        mine = [entry for entry in ours.inputs if entry.required is required]
        assert [entry.name for entry in mine] == list(_inputs(listed, group))
        for entry in mine:
            _assert_same(entry, _inputs(listed, group)[entry.name])
    assert ours.hidden == _inputs(listed, "hidden")


@pytest.mark.parametrize("name", SHARED)
def test_outputs_and_names_are_the_same(name: str):
    ours, listed = NODES[name], LISTING[name]
    assert [output.type for output in ours.outputs] == listed["output"]
    assert [output.name for output in ours.outputs] == listed["output_name"]
    assert [output.is_list for output in ours.outputs] == listed["output_is_list"]
    assert ours.title == (listed["display_name"] or name)
    assert ours.category == listed["category"]
    assert ours.is_output == listed["output_node"]


@pytest.mark.parametrize("name", sorted(NODES))
def test_node_has_documentation(name: str):
    node: NodeType = NODES[name]
    assert len(node.doc.splitlines()[0]) > 10


def test_sampler_and_schedule_names_are_known_to_clients():
    pytest.importorskip("limner.sampling.registry")
    from limner.sampling.registry import SamplingRegistry

    registry = SamplingRegistry.discovered()
    required = LISTING["KSampler"]["input"]["required"]
    assert set(registry.samplers) <= set(required["sampler_name"][0])
    assert list(registry.schedules) == required["scheduler"][0]
