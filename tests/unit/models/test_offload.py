"""Networks that do not fit: block by block they compute bit for bit the same, within the bytes that they may use."""

import threading
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.ledger import ResidencyLedger
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.model_file import ModelFile
from limner.models.load_plan import MemoryRefusal
from limner.models.network import Network


def tiny_transformer():
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=16,
        num_layers=2,
        num_single_layers=3,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
    )


def transformer_inputs(tokens=16):
    generator = torch.Generator().manual_seed(0)
    return {
        "hidden_states": torch.randn(2, tokens, 16, generator=generator),
        "encoder_hidden_states": torch.randn(2, 8, 32, generator=generator),
        "pooled_projections": torch.randn(2, 32, generator=generator),
        "timestep": torch.tensor([0.3, 0.7]),
        "img_ids": torch.zeros(tokens, 3),
        "txt_ids": torch.zeros(8, 3),
        "return_dict": False,
    }


def tiny_unet():
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )


def unet_inputs(side=8):
    generator = torch.Generator().manual_seed(0)
    return {
        "sample": torch.randn(2, 4, side, side, generator=generator),
        "timestep": torch.tensor([3, 700]),
        "encoder_hidden_states": torch.randn(2, 8, 32, generator=generator),
        "return_dict": False,
    }


CASES = {"unet": (tiny_unet, unet_inputs), "transformer": (tiny_transformer, transformer_inputs)}


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    """A network's file in half precision, its blueprint, and inputs."""
    build, inputs = CASES[request.param]
    torch.manual_seed(0)
    state = {name: tensor.half() for name, tensor in build().state_dict().items()}
    path = tmp_path_factory.mktemp(request.param) / "network.safetensors"
    save_file(state, path)
    return ModelFile.open(path), Blueprint({name: Source((name,)) for name in state}, build), inputs()


def network_of(case, capacity=None, dtype=torch.float32):
    file, blueprint, _ = case
    ledger = ResidencyLedger("cpu", capacity)
    return Network("tiny", file, blueprint, dtype, torch.device("cpu"), ledger)


def run(network, inputs):
    with torch.no_grad(), network.lease("denoising") as module:
        return module(**inputs)[0]


def weights_of(network):
    return network._places.bytes


def resident(module, file):
    """Bytes of the tensors of a module that are no views of its file: the types differ."""
    tensors = [*module.parameters(), *module.buffers()]
    return sum(tensor.nbytes for tensor in tensors if tensor.dtype == torch.float32)


def most_resident(network, inputs):
    """Output, and the most bytes that were resident whenever a module began or ended."""
    seen = []
    with torch.no_grad(), network.lease("denoising") as module:
        for part in module.modules():
            part.register_forward_hook(lambda *_: seen.append(resident(module, network.file)))
        output = module(**inputs)[0]
        seen.append(resident(module, network.file))
    return output, max(seen)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.75, 0.95])
def test_block_by_block_is_bit_equal_and_within_its_budget(case, share):
    *_, inputs = case
    whole = run(network_of(case), inputs)
    probe = network_of(case)
    capacity = max(int(weights_of(probe) * share), probe._places.least)
    network = network_of(case, capacity)
    output, most = most_resident(network, inputs)
    assert torch.equal(output, whole)
    assert most <= capacity < weights_of(network)
    assert torch.equal(run(network, inputs), whole), "a second step"
    (entry,) = network.ledger.status()["entries"]
    assert "blocks resident" in entry["placement"]
    assert entry["bytes"] <= capacity


def test_more_room_keeps_more_blocks(case):
    probe = network_of(case)
    least, whole = probe._places.least, weights_of(probe)
    held = []
    for capacity in (least, (least + whole) // 2, whole):
        network = network_of(case, capacity)
        run(network, case[2])
        (entry,) = network.ledger.status()["entries"]
        held.append(entry["bytes"])
    assert held == sorted(held)
    assert held[-1] == whole


def test_refused_with_numbers(case):
    probe = network_of(case)
    network = network_of(case, probe._places.least - 1)
    with pytest.raises(MemoryRefusal) as refused:
        run(network, case[2])
    text = str(refused.value)
    for said in ("tiny", "cpu", "needs", "may use", "block by block", "--ram"):
        assert said in text
    assert isinstance(refused.value, MemoryError), "so that batches and tiles become smaller"


def test_adapters_change_blocks_when_they_come(case):
    *_, inputs = case
    adapter = adapter_for(case)
    plain = run(network_of(case), inputs)
    changed = run(network_of(case).with_changes(adapter, 0.8), inputs)
    assert not torch.equal(changed, plain)
    probe = network_of(case)
    network = network_of(case, int(weights_of(probe) * 0.8)).with_changes(adapter, 0.8)
    assert torch.equal(run(network, inputs), changed)
    assert torch.equal(run(replace(network, attached=()), inputs), plain), "detached"


def adapter_for(case):
    _, blueprint, _ = case
    names = [name for name in blueprint.keys if name.endswith("to_q.weight")]
    shapes = blueprint.build().state_dict()
    generator = torch.Generator().manual_seed(1)

    def change(name):
        rows, columns = shapes[name].shape
        down, up = (torch.randn(size, generator=generator) * 0.1 for size in ((2, columns), (rows, 2)))
        return LowRank(down=down, up=up, alpha=2.0)

    return Adapter(name="test", key="test", changes={name: change(name) for name in names})


def test_parts_may_be_called_directly(case):
    """Node packs call single layers; they come just as whole blocks do."""
    network = network_of(case, network_of(case)._places.least)
    whole = network_of(case)
    with torch.no_grad(), network.lease() as module, whole.lease() as reference:
        names = [name for name, part in reference.named_modules() if isinstance(part, nn.Linear)]
        for name in names:
            part, expected = module.get_submodule(name), reference.get_submodule(name)
            x = torch.ones(1, part.in_features)
            assert torch.equal(part(x), expected(x)), name


def test_threads_take_turns(case):
    *_, inputs = case
    expected = run(network_of(case), inputs)
    network = network_of(case, network_of(case)._places.least)
    results = []

    def work():
        with network.lease("kept for the whole job"):
            results.extend(torch.equal(run(network, inputs), expected) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 12


def test_a_failing_pass_leaves_the_network_usable(case):
    *_, inputs = case
    network = network_of(case, network_of(case)._places.least)
    with pytest.raises((TypeError, RuntimeError, AttributeError)):
        run(network, inputs | {"encoder_hidden_states": torch.zeros(1, 1, 5)})
    assert torch.equal(run(network, inputs), run(network_of(case), inputs))


def test_a_file_in_the_networks_own_type_is_used_where_it_lies(case):
    network = network_of(case, 1 << 20, torch.float16)
    with network.lease():
        pass
    (entry,) = network.ledger.status()["entries"]
    assert entry["placement"] == "whole, in the mapped file"
    assert entry["mapped"] == entry["bytes"] > 0
