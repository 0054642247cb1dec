"""What an evaluation takes is foreseen without memory, and the ledger makes room for it."""

import pytest
import torch
from torch.utils._pytree import tree_leaves

from limner.models.memory.load_plan import MemoryRefusal
from limner.models.memory.working_memory import WorkEstimate, _Alive

BATCH = 4


def larger(case):
    """Inputs whose tensors weigh more than the network's."""
    inputs = dict(case.inputs)
    if "sample" in inputs:
        inputs |= {"sample": torch.randn(BATCH, 4, 32, 32), "timestep": torch.ones(BATCH)}
        return inputs | {"encoder_hidden_states": torch.randn(BATCH, 8, 32)}
    tokens = 1024
    inputs |= {"hidden_states": torch.randn(2, tokens, 16), "img_ids": torch.zeros(tokens, 3)}
    return inputs


def estimate_of(case):
    return WorkEstimate(case.blueprint.build, torch.float32)


def test_foreseen_as_it_is(case):
    inputs = larger(case)
    with case.network().lease() as module, torch.no_grad(), _Alive() as alive:
        module(**inputs)
    assert alive.now == 0 or alive.now < alive.most, "results are dropped"
    foreseen = estimate_of(case).bytes("", (), inputs)
    assert foreseen == pytest.approx(alive.most, rel=0.1)


def test_grows_with_the_batch(case):
    estimate = estimate_of(case)
    single = {
        name: value[:1] if isinstance(value, torch.Tensor) and value.ndim > 1 and "ids" not in name else value
        for name, value in larger(case).items()
    }
    single["timestep"] = torch.ones(1)
    one = estimate.bytes("", (), single)
    four = {
        name: value.repeat(4, *[1] * (value.ndim - 1))
        if isinstance(value, torch.Tensor) and "ids" not in name
        else value
        for name, value in single.items()
    }
    assert estimate.bytes("", (), four) == 4 * one > 0


def test_a_network_that_looks_at_values_is_not_foreseen():
    class Curious(torch.nn.Module):
        def forward(self, x):
            return x if x.sum().item() > 0 else -x

    assert WorkEstimate(Curious, torch.float32).bytes("", (torch.ones(2, 3),), {}) == 0


def test_blocks_go_home_for_a_large_evaluation(case):
    inputs = larger(case)
    work = estimate_of(case).bytes("", (), inputs)
    network = case.network(case.whole + work - 1)
    with network.lease("the whole job"):
        small = case.run(network)
        assert placement(network) == "whole"
        large = case.run(network, **inputs)
        assert "blocks resident" in placement(network)
        assert held(network) <= case.whole - 1
        assert torch.equal(large, case.run(case.network(), **inputs))
    assert torch.equal(case.run(network), small), "it grows again when small work follows"
    case.run(network)
    assert placement(network) == "whole"


def test_an_evaluation_that_never_fits_is_refused(case):
    inputs = larger(case)
    work = estimate_of(case).bytes("", (), inputs)
    network = case.network(case.least + work - 1)
    with pytest.raises(MemoryRefusal, match="one evaluation of this size"):
        case.run(network, **inputs)
    assert network.ledger.status()["entries"][0]["work"] == 0
    half = {
        name: value[: len(value) // 2] if isinstance(value, torch.Tensor) and "ids" not in name else value
        for name, value in inputs.items()
    }
    assert all(bool(leaf.isfinite().all()) for leaf in tree_leaves(case.run(network, **half)))


def placement(network):
    return network.ledger.status()["entries"][0]["placement"]


def held(network):
    return network.ledger.status()["entries"][0]["bytes"]
