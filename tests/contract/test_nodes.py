"""Every node of ours is declared as the clients of ComfyUI know it, and documented."""

import pytest
from tests.golden.node_page import core_listing
from tests.golden.running import definitions

from limner.app.registry import load_definitions
from limner.graph.errors import StepError
from limner.graph.node_type import Input, NodeType
from limner.nodes.declared.loading import declared_definitions, declared_groups
from limner.nodes.growing import NEWER, OWN
from limner.sampling.registry import SamplingRegistry

LISTING = core_listing()
WRITTEN = {name: definition.type for name, definition in definitions().items()}
DECLARED = {name: definition.type for name, definition in declared_definitions().items()}
NODES = DECLARED | WRITTEN
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
    return listed[1].get("options", []) if listed[0] == "COMBO" else None


def _assert_same(ours: Input, listed: list) -> None:
    choices = _choices(listed)
    assert ours.type == ("COMBO" if choices is not None else listed[0])
    assert ours.options == _options(listed)
    if ours.choices is not None:
        assert list(ours.choices) == choices
    elif choices:
        assert ours.choices_from


def _hidden(entry: dict) -> dict[str, str]:
    """Hidden inputs; some classes list the kind inside a list."""
    return {name: kind[0] if isinstance(kind, list) else kind for name, kind in _inputs(entry, "hidden").items()}


def test_every_node_of_the_listing_is_written_or_declared():
    own = {name for name, node in WRITTEN.items() if node.module == OWN}
    further = set(WRITTEN) - set(LISTING) - LISTED_ELSEWHERE - own
    assert further == {name for name, node in WRITTEN.items() if NEWER in node.doc}
    assert set(LISTING) <= set(NODES)
    assert not own & set(LISTING), "a node of our own has the name of one of ComfyUI's"
    assert set(DECLARED) - set(LISTING) == {node.name for node in declared_groups()["newer"].nodes}


def test_no_node_is_both_written_and_declared():
    declared = [node.name for group in declared_groups().values() for node in group.nodes]
    assert len(declared) == len(set(declared))
    # Whoever writes a node removes its entry from the file in src/limner/nodes/declared.
    assert not set(declared) & set(WRITTEN)


@pytest.mark.parametrize("name", SHARED)
def test_inputs_are_the_same_and_in_the_same_order(name: str):
    ours, listed = NODES[name], LISTING[name]
    for group, required in (("required", True), ("optional", False)):
        mine = [entry for entry in ours.inputs if entry.required is required]
        assert [entry.name for entry in mine] == list(_inputs(listed, group))
        for entry in mine:
            _assert_same(entry, _inputs(listed, group)[entry.name])
    assert ours.hidden == _hidden(listed)


@pytest.mark.parametrize("name", SHARED)
def test_outputs_and_names_are_the_same(name: str):
    ours, listed = NODES[name], LISTING[name]
    assert [output.type for output in ours.outputs] == listed["output"]
    assert [output.name for output in ours.outputs] == listed["output_name"]
    assert [output.is_list for output in ours.outputs] == listed["output_is_list"]
    assert ours.title == (listed["display_name"] or name)
    assert ours.category == listed["category"]
    assert ours.is_output == listed["output_node"]


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_node_has_documentation(name: str):
    node: NodeType = WRITTEN[name]
    assert len(node.doc.splitlines()[0]) > 10


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_declared_node_says_what_it_waits_for(name: str):
    definition = declared_definitions()[name]
    assert definition.type.needs in definition.type.doc
    with pytest.raises(StepError, match="cannot run it yet: it needs") as caught:
        definition()
    assert name in str(caught.value)
    assert definition.type.needs in str(caught.value)


def test_the_registry_holds_written_and_declared_nodes():
    assert set(load_definitions()) >= set(NODES)


def test_sampler_and_schedule_names_are_known_to_clients():
    """Those of ComfyUI in its order, so that the first one is the same; then those that other doors brought."""
    registry = SamplingRegistry.discovered()
    required = LISTING["KSampler"]["input"]["required"]
    known = required["sampler_name"][0]
    assert list(registry.samplers) == [*(name for name in known if name in registry.samplers), "restart"]
    assert list(registry.schedules) == [*required["scheduler"][0], "align_your_steps", "align_your_steps_sdxl"]
