"""Models whose weights are packed: opened, computed with, adapted and saved through the ordinary ways in."""

import dataclasses

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.unit.models.load.gguf_writing import write_gguf

from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.load.model_file import ModelFile
from limner.models.load.quantised.tensor import QuantisedTensor, dequantised
from limner.models.saving import model_tensors

PREFIX = "model.diffusion_model."
ALIAS = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
WEIGHT = "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"


def unet(state):
    return {name.removeprefix(PREFIX): tensor for name, tensor in state.items() if name.startswith(PREFIX)}


def evaluated(network):
    generator = torch.Generator().manual_seed(3)
    latent = torch.randn(1, 4, 8, 8, generator=generator)
    text = torch.randn(1, 5, 64, generator=generator)
    with torch.no_grad(), network.lease() as module:
        return module(latent, torch.tensor([500.0]), encoder_hidden_states=text).sample


def with_numbers(network):
    """The same network from a file of the numbers that its packed weights stand for."""
    with network.lease() as module:
        numbers = {name: dequantised(weight) for name, weight in module.state_dict().items()}
    stored = {source.names[0]: numbers[name] for name, source in network.blueprint.keys.items()}
    return dataclasses.replace(network, file=ModelFile.of(stored), storage=None)


def packed(network):
    with network.lease() as module:
        return {name for name, weight in module.named_parameters() if isinstance(weight, QuantisedTensor)}


@pytest.fixture
def network(request, library, state, tmp_path):
    """A tiny SD1 network, packed in one of the ways."""
    weights, kind, storage = unet(state), request.param, None
    if kind.startswith("q"):
        arrays = {name: tensor.numpy() for name, tensor in weights.items()}
        file = ModelFile.open(write_gguf(tmp_path / "unet.gguf", arrays, "sd1", kind.upper()))
    elif kind == "scaled fp8":
        scaled = {name: (tensor * 64).to(torch.float8_e4m3fn) for name, tensor in weights.items() if tensor.ndim == 2}
        scales = {f"{name.removesuffix('weight')}scale_weight": torch.tensor(1 / 64) for name in scaled}
        file = ModelFile.of({**weights, **scaled, **scales, "scaled_fp8": torch.zeros(2)})
    else:
        file, storage = ModelFile.of(weights), kind
    return library.diffusion_model_in(file, storage).network


@pytest.mark.parametrize("network", ["q4_0", "nf4"], indirect=True)
def test_computes_with_the_numbers_of_its_weights(network):
    assert WEIGHT in packed(network)
    assert torch.equal(evaluated(network), evaluated(with_numbers(network)))


@pytest.mark.parametrize("network", ["scaled fp8"], indirect=True)
def test_an_adapter_changes_one_weight_and_leaves_the_others_packed(network):
    up, down = torch.randn(64, 2), torch.randn(2, 64)
    adapter = Adapter("change", "change", {ALIAS: LowRank(up, down)})
    before = evaluated(network)
    adapted = network.with_adapter(adapter, 0.5)
    assert torch.equal(evaluated(adapted), evaluated(with_numbers(network).with_adapter(adapter, 0.5)))
    assert packed(adapted) == packed(network) - {WEIGHT}
    assert torch.equal(evaluated(network), before)


@pytest.mark.parametrize("network", ["q4_0"], indirect=True)
def test_saved_it_is_numbers(network, library, tmp_path):
    model = dataclasses.replace(library.diffusion_model_in(network.file, network.storage))
    save_file(model_tensors(model), tmp_path / "saved.safetensors")
    saved = ModelFile.open(tmp_path / "saved.safetensors")
    again = library.diffusion_model_in(saved, network.storage).network
    assert torch.equal(evaluated(again), evaluated(network))
    assert all(tensor.dtype != torch.uint8 for tensor in load_file(tmp_path / "saved.safetensors").values())
