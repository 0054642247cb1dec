"""Networks that do not fit: block by block they compute bit for bit the same, within the bytes that they may use."""

import threading
from dataclasses import replace

import pytest
import torch
from torch import nn

from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.memory.load_plan import MemoryRefusal
from limner.models.memory.offload import Offload


def resident(module):
    """Bytes of the tensors of a module that are no views of its file: the types differ."""
    tensors = [*module.parameters(), *module.buffers()]
    return sum(tensor.nbytes for tensor in tensors if tensor.dtype == torch.float32)


def most_resident(case, network):
    """Output, and the most bytes that were resident whenever a module began or ended."""
    seen = []
    with torch.no_grad(), network.lease("denoising") as module:
        for part in module.modules():
            part.register_forward_hook(lambda *_: seen.append(resident(module)))
        output = module(**case.inputs)[0]
        seen.append(resident(module))
    return output, max(seen)


@pytest.mark.parametrize("share", [0.3, 0.75])
def test_block_by_block_is_bit_equal_and_within_its_budget(case, share):
    whole = case.run(case.network())
    weights, work = max(int(case.whole * share), case.least), case.work
    network = case.network(weights + work)
    output, most = most_resident(case, network)
    assert torch.equal(output, whole)
    assert most <= weights < case.whole
    assert torch.equal(case.run(network), whole), "a second step"
    (entry,) = network.ledger.status()["entries"]
    assert "blocks resident" in entry["placement"]
    assert entry["bytes"] <= weights


def test_more_room_keeps_more_blocks(case):
    least, whole = case.least, case.whole
    held = []
    for capacity in (least, (least + whole) // 2, whole):
        network = case.network(capacity + case.work)
        case.run(network)
        (entry,) = network.ledger.status()["entries"]
        held.append(entry["bytes"])
    assert held == sorted(held)
    assert held[-1] == whole


def test_refused_with_numbers(case):
    network = case.network(case.least - 1)
    with pytest.raises(MemoryRefusal) as refused:
        case.run(network)
    text = str(refused.value)
    for said in ("tiny", "cpu", "needs", "may use", "block by block", "--ram"):
        assert said in text
    assert isinstance(refused.value, MemoryError), "so that batches and tiles become smaller"


def test_adapters_change_blocks_when_they_come(case):
    adapter = adapter_for(case)
    plain = case.run(case.network())
    changed = case.run(case.network().with_changes(adapter, 0.8))
    assert not torch.equal(changed, plain)
    network = case.network(int(case.whole * 0.8) + case.work).with_changes(adapter, 0.8)
    assert torch.equal(case.run(network), changed)
    assert torch.equal(case.run(replace(network, attached=())), plain), "detached"


def adapter_for(case):
    names = [name for name in case.blueprint.keys if name.endswith("to_q.weight")]
    shapes = case.blueprint.build().state_dict()
    generator = torch.Generator().manual_seed(1)

    def change(name):
        rows, columns = shapes[name].shape
        down, up = (torch.randn(size, generator=generator) * 0.1 for size in ((2, columns), (rows, 2)))
        return LowRank(down=down, up=up, alpha=2.0)

    return Adapter(name="test", key="test", changes={name: change(name) for name in names})


def test_parts_may_be_called_directly(case):
    """Node packs call single layers; they come just as whole blocks do."""
    network = case.network(case.least + case.work)
    whole = case.network()
    with torch.no_grad(), network.lease() as module, whole.lease() as reference:
        names = [name for name, part in reference.named_modules() if isinstance(part, nn.Linear)]
        for name in names:
            part, expected = module.get_submodule(name), reference.get_submodule(name)
            x = torch.ones(1, part.in_features)
            assert torch.equal(part(x), expected(x)), name


def test_threads_take_turns(case):
    expected = case.run(case.network())
    network = case.network(case.least + case.work)
    results = []

    def work():
        with network.lease("kept for the whole job"):
            results.extend(torch.equal(case.run(network), expected) for _ in range(2))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 6


def test_a_failing_pass_leaves_the_network_usable(case):
    network = case.network(case.least + case.work)
    with pytest.raises((TypeError, RuntimeError, AttributeError)):
        case.run(network, encoder_hidden_states=torch.zeros(1, 1, 5))
    assert torch.equal(case.run(network), case.run(case.network()))


def test_a_file_in_the_networks_own_type_is_used_where_it_lies(case):
    network = case.network(1 << 20, torch.float16)
    with network.lease():
        pass
    (entry,) = network.ledger.status()["entries"]
    assert entry["placement"] == "whole, in the mapped file"
    assert entry["mapped"] == entry["bytes"] > 0


@pytest.mark.parametrize("storage", ["fp8_e4m3fn", "nf4"])
def test_packed_weights_come_and_go_packed(case, storage):
    whole = case.network(storage=storage)
    expected = case.run(whole)
    assert not torch.equal(expected, case.run(case.network()))
    part = case.network(storage=storage, offload=Offload(share=0.0))
    assert torch.equal(case.run(part), expected)
    (packed,), (plain,) = (network.ledger.status()["entries"] for network in (whole, part))
    assert "0 of" in plain["placement"]
    assert plain["bytes"] < packed["bytes"] < case.whole


def test_adapters_on_packed_weights_that_come_and_go(case):
    adapter, storage = adapter_for(case), "fp8_e4m3fn"
    expected = case.run(case.network(storage=storage).with_changes(adapter, 0.8))
    part = case.network(storage=storage, offload=Offload(share=0.0)).with_changes(adapter, 0.8)
    assert torch.equal(case.run(part), expected)
    (entry,) = part.ledger.status()["entries"]
    assert entry["what"] == "tiny with test"


def test_all_or_nothing(case):
    network = case.network(case.whole - 1, offload=Offload(share=None))
    with pytest.raises(MemoryRefusal) as refused:
        case.run(network)
    assert "block by block" not in str(refused.value)
    assert torch.equal(case.run(case.network(offload=Offload(share=None))), case.run(case.network()))


def test_half_of_the_blocks(case):
    network = case.network(offload=Offload(share=0.5))
    assert torch.equal(case.run(network), case.run(case.network()))
    (entry,) = network.ledger.status()["entries"]
    assert case.least <= entry["bytes"] <= (case.least + case.whole) / 2 + 1
