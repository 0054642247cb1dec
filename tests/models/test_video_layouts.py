"""Networks for videos at their real size: the original layouts are recognised, and our key maps are diffusers'."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from diffusers.loaders import single_file_utils

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.registry import find_autoencoder, load_autoencoders, load_families

FAMILIES = {"wan21_t2v_1.3b": "wan21", "wan21_i2v_14b": "wan21", "wan22_ti2v_5b": "wan22"}
CONVERTERS = dict.fromkeys(FAMILIES, "convert_wan_transformer_to_diffusers")
FAMILIES["ltxv_2b"], CONVERTERS["ltxv_2b"] = "ltxv", "convert_ltx_transformer_checkpoint_to_diffusers"
AUTOENCODERS = {"wan21_vae": (16, 8), "wan22_vae": (48, 16)}


@pytest.fixture(scope="module")
def layouts() -> Mapping[str, Layout]:
    with gzip.open(Path(__file__).parent / "data" / "video_layouts.json.gz") as file:
        stored = json.load(file)
    return {name: Layout({key: tuple(shape) for key, shape in table.items()}) for name, table in stored.items()}


def fills(blueprint: Blueprint, layout: Layout) -> None:
    with torch.device("meta"):
        network = blueprint.build()
    wanted = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    found = {key: source.shape or layout.shape(source.names[0]) for key, source in blueprint.keys.items()}
    assert found == wanted
    assert {name for source in blueprint.keys.values() for name in source.names} == set(layout.shapes)


@pytest.mark.parametrize(("name", "family"), FAMILIES.items())
def test_each_is_of_one_family_and_fills_its_network(layouts, name, family):
    layout = layouts[name]
    assert [known.name for known in load_families().values() if known.recognise(layout)] == [family]
    fills(load_families()[family].network(layout), layout)


@pytest.mark.parametrize("name", CONVERTERS)
def test_key_map_is_that_of_diffusers(layouts, name):
    layout = layouts[name]
    blueprint = load_families()[FAMILIES[name]].network(layout)
    named = {key: torch.full((2,), float(number)) for number, key in enumerate(layout.shapes)}
    expected = getattr(single_file_utils, CONVERTERS[name])(dict(named))
    ours = {key: named[source.names[0]] for key, source in blueprint.keys.items()}
    assert ours.keys() == expected.keys()
    assert all(torch.equal(ours[key], tensor) for key, tensor in expected.items())


@pytest.mark.parametrize(("name", "facts"), AUTOENCODERS.items())
def test_autoencoders_fill_their_networks(layouts, name, facts):
    layout = layouts[name]
    found = find_autoencoder(layout, load_autoencoders())
    assert found is not None
    kind, blueprint = found
    assert kind.name == name.split("_")[0].rstrip("12")
    assert (blueprint.facts["latent_channels"], blueprint.facts["downscale"]) == facts
    fills(blueprint, layout)


def test_autoencoder_key_map_of_wan_21_is_that_of_diffusers(layouts):
    layout = layouts["wan21_vae"]
    expected = single_file_utils.convert_wan_vae_to_diffusers({key: torch.empty(0) for key in layout.shapes})
    found = find_autoencoder(layout, load_autoencoders())
    assert found is not None
    assert found[1].keys.keys() == expected.keys()
