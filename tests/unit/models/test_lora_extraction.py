"""LoRAs made of differences give back the differences, in names that loaders know."""

import pytest
import torch
from tests.models.families.case import Bench, load_cases, randomised

from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.load.model_file import ModelFile
from limner.models.lora_extraction import Extraction, extracted, low_rank, network_differences
from limner.models.merging import Mix, merged, weight_of

CPU = torch.device("cpu")


def product(rank, rows, columns, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sizes = [torch.randn(*shape, generator=generator) for shape in ((rows, rank), (rank, columns))]
    return sizes[0] @ sizes[1] / columns**0.5


@pytest.mark.parametrize("shape", [(24, 40), (40, 24), (16, 8, 3, 3)])
def test_a_difference_of_low_rank_comes_back(shape):
    difference = product(3, shape[0], torch.Size(shape[1:]).numel()).reshape(shape)
    up, down = low_rank(difference, 5)
    assert up.shape[1] == down.shape[0] == 5
    torch.testing.assert_close((up.flatten(1) @ down.flatten(1)).reshape(shape), difference, atol=1e-5, rtol=1e-4)


def test_no_other_product_of_the_rank_is_nearer():
    difference = product(40, 600, 700) + 0.1 * product(300, 600, 700, seed=1)
    up, down = low_rank(difference, 12)  # large: by a sketch
    best = torch.linalg.svdvals(difference)[12:].square().sum().sqrt()
    assert torch.linalg.norm(difference - up @ down) < best * 1.001


def test_ranks_are_bounded_by_the_weight():
    up, down = low_rank(torch.ones(2, 7), 100)
    assert (up.shape, down.shape) == ((2, 2), (2, 7))


def test_what_is_written():
    difference = torch.ones(4, 6)
    assert Extraction(2).parts("a.weight", difference).keys() == {"a.lora_up.weight", "a.lora_down.weight"}
    assert Extraction(2, whole=True).parts("a.weight", difference).keys() == {"a.diff"}
    assert Extraction(2).parts("norm.weight", torch.ones(4)).keys() == {"norm.diff"}
    assert Extraction(2).parts("a.bias", torch.ones(4)).keys() == {"a.diff_b"}
    assert Extraction(2, biases=False).parts("a.bias", torch.ones(4)) == {}
    assert Extraction(2).parts("table", torch.ones(1, 4)).keys() == {"table.diff"}
    nothing, whole = extracted({"a.weight": torch.zeros(4, 6), "b.weight": difference}, Extraction(1), CPU)
    assert (nothing, {tensor.dtype for tensor in whole.values()}) == ({}, {torch.float16})


@pytest.mark.parametrize(
    ("name", "layout"),
    [("flux dev", "original"), ("flux dev", "diffusers"), ("wan 2.1", "original"), ("sd1", "diffusers")],
)
def test_a_lora_of_a_difference_makes_the_one_network_of_the_other(tmp_path, name, layout):
    bench = Bench(load_cases()[name], tmp_path)
    first = bench.load(layout).network
    randomised(bench.network, seed=6)
    second = bench.load("checkpoint").network
    difference = merged(second, first, lambda name: Mix(1.0, -1.0), "difference")
    tensors = {}
    for parts in extracted(network_differences(difference), Extraction(4, whole=True), CPU):
        tensors |= parts
    adapter = read_adapter("made", ModelFile.of(tensors), load_kinds())
    changed = first.with_adapter(adapter, 1.0)
    assert changed.changes.keys() == difference.changes.keys()
    for weight in changed.changes:
        torch.testing.assert_close(weight_of(changed, weight), weight_of(second, weight), atol=4e-3, rtol=2e-3)
