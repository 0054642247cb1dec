"""LTX-Video's networks at their real size: both are recognised, and told places as their version reads them."""

import json

import pytest
import torch
from diffusers import LTXVideoTransformer3DModel
from tests.models.families.original import original, prefixed

from limner.models.load.layout import Layout
from limner.models.parts.ltx_keys import LTX
from limner.models.registry import load_families

SIZES = {
    "2b": {},
    "13b": {"attention_head_dim": 128, "cross_attention_dim": 4096, "num_layers": 48},
}


@pytest.fixture(params=SIZES)
def network(request):
    with torch.device("meta"):
        return request.param, LTXVideoTransformer3DModel(**SIZES[request.param])


@pytest.mark.parametrize("layout", ["original", "checkpoint", "diffusers"])
def test_each_size_is_recognised_and_fills_its_network(network, layout):
    size, theirs = network
    state = theirs.state_dict()
    if layout != "diffusers":
        state = original(LTX, state)
    if layout == "checkpoint":
        state = prefixed(state)
    shapes = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    assert [family.name for family in load_families().values() if family.recognise(shapes)] == ["ltxv"]
    blueprint = load_families()["ltxv"].network(shapes)
    with torch.device("meta"):
        ours = blueprint.build()
    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: value.shape for name, value in theirs.state_dict().items()
    }
    assert blueprint.keys.keys() == theirs.state_dict().keys()
    assert blueprint.facts["causal_places"] == (size == "13b")


def test_a_file_says_how_its_network_reads_places(network):
    shapes = {name: tuple(tensor.shape) for name, tensor in network[1].state_dict().items()}
    told = {"config": json.dumps({"transformer": {"causal_temporal_positioning": True}})}
    assert load_families()["ltxv"].network(Layout(shapes, told)).facts["causal_places"] is True
