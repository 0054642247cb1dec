"""The loaders that workflows for GGUF files name."""

import pytest
import torch
from tests.golden.running import definitions
from tests.models.families.case import Bench, load_cases
from tests.unit.models.load.gguf_writing import write_gguf

from limner.graph.catalog import SUFFIXES, Catalog
from limner.models.load.quantised.tensor import QuantisedTensor
from limner.nodes.growing import OWN
from limner.nodes.loaders_gguf import (
    clip_loader_gguf,
    dual_clip_loader_gguf,
    triple_clip_loader_gguf,
    unet_loader_gguf,
)

NAMES = ("UnetLoaderGGUF", "CLIPLoaderGGUF", "DualCLIPLoaderGGUF", "TripleCLIPLoaderGGUF")


class Shelf:
    """A library that says what it was asked for."""

    def text_encoder(self, *names, purpose):
        return names, purpose


def test_networks_stay_packed(tmp_path):
    bench = Bench(load_cases()["flux dev"], tmp_path)
    folder = tmp_path / "models" / "diffusion_models"
    folder.mkdir(parents=True)
    state = bench.case.layouts["original"](bench.network.state_dict()).state
    write_gguf(folder / "tiny.gguf", {name: tensor.numpy() for name, tensor in state.items()}, packed="Q8_0")
    model = unet_loader_gguf(unet_name="tiny.gguf", library=bench.library)
    assert model.family.name == "flux"
    with model.network.lease() as network:
        assert any(isinstance(weight.data, QuantisedTensor) for weight in network.parameters())
    plain = bench.load("original")
    noise = torch.randn(1, *bench.case.latent, generator=torch.Generator().manual_seed(1))
    [[context, options]] = bench.texts(1)
    answers = [one.predict(noise, torch.tensor([0.5]), one.inputs(options, context, noise)) for one in (model, plain)]
    assert 0 < (answers[0] - answers[1]).abs().max() < 0.1


def test_text_encoders_are_told_what_they_are_for():
    shelf = Shelf()
    assert clip_loader_gguf(clip_name="a", type="wan", library=shelf) == (("a",), "wan")
    assert dual_clip_loader_gguf(clip_name1="a", clip_name2="b", type="flux", library=shelf) == (("a", "b"), "flux")
    triple = triple_clip_loader_gguf(clip_name1="a", clip_name2="b", clip_name3="c", library=shelf)
    assert triple == (("a", "b", "c"), "sd3")


@pytest.mark.parametrize("name", NAMES)
def test_they_are_ours_so_that_a_pack_may_take_their_place(name):
    assert definitions()[name].type.module == OWN


def test_networks_are_listed_by_their_suffix():
    [entry] = definitions()["UnetLoaderGGUF"].type.inputs
    assert entry.options[SUFFIXES] == [".gguf"]
    assert list(Catalog().choices(entry, lambda kind: ["a.gguf", "b.safetensors"])) == ["a.gguf"]
