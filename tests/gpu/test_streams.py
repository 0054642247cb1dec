"""Blocks that come from main memory while others compute: the same numbers, within the bytes that they may use."""

import threading

import pytest
import torch
from safetensors.torch import save_file

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.model_file import ModelFile
from limner.models.memory.devices import best_device, device_memory, give_back, module_of
from limner.models.memory.ledger import ResidencyLedger
from limner.models.memory.offload import Offload
from limner.models.network import Network

WIDTH = 512


def transformer():
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=64,
        num_layers=4,
        num_single_layers=8,
        attention_head_dim=64,
        num_attention_heads=WIDTH // 64,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        axes_dims_rope=(16, 24, 24),
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("gpu") / "network.safetensors"
    save_file({name: tensor.half() for name, tensor in transformer().state_dict().items()}, path)
    return ModelFile.open(path)


def network_of(file, device, capacity=None, **offload):
    blueprint = Blueprint({name: Source((name,)) for name in file.tensors}, transformer)
    ledger = ResidencyLedger(str(device), capacity, lambda: give_back(device))
    return Network("network", file, blueprint, torch.float16, device, ledger, offload=Offload(**offload))


def run(network, steps=1):
    generator = torch.Generator().manual_seed(0)
    device, tokens = network.device, 256
    inputs = {
        "hidden_states": torch.randn(1, tokens, 64, generator=generator).half(),
        "encoder_hidden_states": torch.randn(1, 64, WIDTH, generator=generator).half(),
        "pooled_projections": torch.randn(1, WIDTH, generator=generator).half(),
        "timestep": torch.tensor([0.5]),
        "img_ids": torch.zeros(tokens, 3),
        "txt_ids": torch.zeros(64, 3),
    }
    placed = {name: tensor.to(device) for name, tensor in inputs.items()}
    outputs = []
    for _ in range(steps):
        with torch.no_grad(), network.lease("test") as module:
            outputs.append(module(**placed, return_dict=False)[0].cpu())
    return outputs


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_same_numbers_step_after_step(file, device, share, streams):
    (whole,) = run(network_of(file, device))
    network = network_of(file, device, share=share, streams=streams)
    assert all(torch.equal(output, whole) for output in run(network, steps=5))
    (entry,) = network.ledger.status()["entries"]
    assert "blocks resident" in entry["placement"]


def test_memory_stays_within_the_budget(file, device):
    module = module_of(device)
    if not hasattr(module, "max_memory_allocated"):
        pytest.skip("torch does not count this device's memory")
    network = network_of(file, device, share=0.0)
    weights = sum(info.bytes for info in file.tensors.values())
    run(network)
    module.reset_peak_memory_stats(device)
    before = module.memory_allocated(device)
    run(network, steps=5)
    assert module.max_memory_allocated(device) - before < weights / 2


def test_threads_take_turns(file, device):
    (whole,) = run(network_of(file, device))
    network, results = network_of(file, device, share=0.0), []
    threads = [threading.Thread(target=lambda: results.extend(run(network, steps=3))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == 9
    assert all(torch.equal(output, whole) for output in results)


def test_what_is_known_of_the_device(device):
    memory = device_memory(device)
    assert memory.total >= memory.free > 0
    assert best_device() in str(device)
