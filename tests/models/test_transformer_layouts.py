"""Image transformers at their real size: the original layouts are recognised, and our key maps are diffusers'."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from diffusers.loaders import single_file_utils

from limner.models.load.blueprint import made
from limner.models.load.layout import Layout
from limner.models.registry import load_families

PREFIX = "model.diffusion_model."
FAMILIES = {
    "sd3_medium": "sd3",
    "sd35_medium": "sd3",
    "sd35_large": "sd3",
    "flux_dev": "flux",
    "flux_schnell": "flux",
    "flux_fill": "flux",
    "chroma": "chroma",
    "auraflow": "auraflow",
    "lumina2": "lumina2",
    "pixart_sigma": "pixart_sigma",
    "qwen_image": "qwen_image",
}
CONVERTERS = {
    "sd3_medium": "convert_sd3_transformer_checkpoint_to_diffusers",
    "sd35_medium": "convert_sd3_transformer_checkpoint_to_diffusers",
    "flux_dev": "convert_flux_transformer_checkpoint_to_diffusers",
    "flux_schnell": "convert_flux_transformer_checkpoint_to_diffusers",
    "chroma": "convert_chroma_transformer_checkpoint_to_diffusers",
    "auraflow": "convert_auraflow_transformer_checkpoint_to_diffusers",
    "lumina2": "convert_lumina2_to_diffusers",
}


@pytest.fixture(scope="module")
def layouts() -> Mapping[str, Layout]:
    with gzip.open(Path(__file__).parent / "data" / "transformer_layouts.json.gz") as file:
        stored = json.load(file)
    return {name: Layout({key: tuple(shape) for key, shape in table.items()}) for name, table in stored.items()}


@pytest.mark.parametrize(("name", "family"), FAMILIES.items())
def test_each_is_of_one_family_and_fills_its_network(layouts, name, family):
    layout = layouts[name]
    assert [known.name for known in load_families().values() if known.recognise(layout)] == [family]
    blueprint = load_families()[family].network(layout)
    with torch.device("meta"):
        network = blueprint.build()
    wanted = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    found = {key: source.shape or layout.shape(source.names[0]) for key, source in blueprint.keys.items()}
    assert found == wanted


def narrow(layout: Layout) -> dict[str, torch.Tensor]:
    """Values for every tensor, one column wide: rows are all that key maps move."""
    generator = torch.Generator().manual_seed(1)
    return {
        name: torch.rand(shape[:1] + (1,) * (len(shape) - 1), generator=generator)
        for name, shape in layout.shapes.items()
    }


@pytest.mark.parametrize("name", CONVERTERS)
def test_key_map_is_that_of_diffusers(layouts, name):
    layout = layouts[name]
    values = narrow(layout)
    inner = {key.removeprefix(PREFIX): tensor for key, tensor in values.items()}
    if name.startswith("sd3"):
        # The converter reads the width off this shape.
        inner["context_embedder.weight"] = torch.zeros(layout.shape(f"{PREFIX}context_embedder.weight"))
        values[f"{PREFIX}context_embedder.weight"] = inner["context_embedder.weight"]
    theirs = getattr(single_file_utils, CONVERTERS[name])(inner)
    ours = load_families()[FAMILIES[name]].network(layout).keys
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(made(source, values), theirs[key]) for key, source in ours.items())
