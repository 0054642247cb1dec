"""A packed weight is, to everything but memory, the tensor of its numbers."""

import copy

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from limner.graph.errors import NumericsError
from limner.models.load.quantised.storing import STORAGES, stored_as
from limner.models.load.quantised.tensor import QuantisedTensor, dequantised

ROWS, COLUMNS = 12, 64


@pytest.fixture(params=sorted(STORAGES))
def packed(request):
    weight = torch.randn(ROWS, COLUMNS, generator=torch.Generator().manual_seed(2))
    return stored_as(weight, request.param, torch.float32)


@pytest.fixture
def numbers(packed):
    return packed.numbers()


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_layers_compute_with_its_numbers(packed, numbers, mode):
    layer, plain = nn.Linear(COLUMNS, ROWS), nn.Linear(COLUMNS, ROWS)
    plain.bias = layer.bias
    layer.weight, plain.weight = (nn.Parameter(weight, requires_grad=False) for weight in (packed, numbers))
    x = torch.randn(2, 3, COLUMNS)
    with mode():
        assert torch.equal(layer(x), plain(x))
    assert layer.weight.nbytes < numbers.nbytes / 2
    assert dict(layer.named_parameters())["weight"].shape == (ROWS, COLUMNS)


def test_convolutions_too(packed, numbers):
    x = torch.randn(1, 16, 5, 5)
    shape = (ROWS, 16, 2, 2)
    assert torch.equal(functional.conv2d(x, packed.view(shape)), functional.conv2d(x, numbers.view(shape)))


def test_embedding_decodes_only_the_rows_that_it_needs(packed, numbers, monkeypatch):
    seen = []
    original = QuantisedTensor.numbers
    monkeypatch.setattr(
        QuantisedTensor, "numbers", lambda self, *dtype: seen.append(len(self)) or original(self, *dtype)
    )
    tokens = torch.tensor([[3, 1, 3], [11, 1, 3]])
    assert torch.equal(functional.embedding(tokens, packed), functional.embedding(tokens, numbers))
    assert seen == [3]


MOVES = {
    "slice": lambda weight: weight[2:7],
    "last rows": lambda weight: weight[-3:],
    "every other": lambda weight: weight[::2],
    "chunk": lambda weight: weight.chunk(3)[1],
    "chunk of a rest": lambda weight: weight.split(5)[2],
    "split": lambda weight: weight.split([3, 4, 5])[1],
    "narrow": lambda weight: weight.narrow(0, 1, 4),
    "chosen": lambda weight: weight[torch.tensor([5, 0, 5])],
    "index_select": lambda weight: weight.index_select(0, torch.tensor([5, 0])),
    "joined": lambda weight: torch.cat([weight[6:], weight[:6]]),
    "shape": lambda weight: weight.reshape(ROWS, 4, -1),
    "flattened": lambda weight: weight.reshape(ROWS, 4, 16).flatten(1),
    "clone": lambda weight: weight.clone(),
    "detach": lambda weight: weight.detach(),
}


@pytest.mark.parametrize("move", MOVES)
def test_moving_rows_leaves_them_packed(packed, numbers, move):
    moved = MOVES[move](packed)
    assert isinstance(moved, QuantisedTensor)
    assert torch.equal(moved.numbers(), MOVES[move](numbers))
    assert moved.shape == MOVES[move](numbers).shape


CHANGES = {
    "transposed": lambda weight: weight.t().contiguous(),
    "columns": lambda weight: weight[:, 3:9],
    "chunk of columns": lambda weight: weight.chunk(2, dim=1)[0],
    "columns joined": lambda weight: torch.cat([weight, weight], 1),
    "joined with numbers": lambda weight: torch.cat([weight, torch.ones(1, COLUMNS)]),
    "other rows": lambda weight: weight.reshape(ROWS * 2, -1),
    "all in one": lambda weight: weight.flatten(),
    "one row": lambda weight: weight[-2],
    "one number": lambda weight: weight[1, 2],
    "pairs": lambda weight: weight[torch.tensor([0, 1]), torch.tensor([2, 3])],
    "sum": lambda weight: weight + 1,
    "product": lambda weight: 2 * weight,
    "permuted": lambda weight: weight.reshape(2, 6, 8, 8).permute(1, 0, 3, 2),
    "stacked": lambda weight: torch.stack([weight, weight]),
    "norm": lambda weight: weight.norm(dim=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_everything_else_sees_the_numbers(packed, numbers, change):
    changed = CHANGES[change](packed)
    assert not isinstance(changed, QuantisedTensor)
    assert torch.equal(changed, CHANGES[change](numbers))


def test_unlike_rows_are_joined_as_numbers():
    one, two = (stored_as(torch.randn(2, 64), storage, torch.float32) for storage in ("int8", "nf4"))
    joined = torch.cat([one, two])
    assert torch.equal(joined, torch.cat([one.numbers(), two.numbers()]))


def test_asked_for_another_type_it_is_numbers(packed, numbers):
    assert torch.equal(packed.to(torch.bfloat16), packed.numbers(torch.bfloat16))
    assert torch.equal(packed.double(), numbers.double())
    assert torch.equal(packed.to(torch.float32, copy=True), numbers)


def test_another_device_takes_it_packed(packed):
    layer = nn.Linear(COLUMNS, ROWS)
    layer.weight = nn.Parameter(packed, requires_grad=False)
    layer.to("meta")
    assert isinstance(layer.weight, QuantisedTensor)
    assert layer.weight.is_meta
    assert layer.weight.codes.is_meta


def test_it_is_never_written(packed, numbers):
    for write in (lambda: packed.add_(1), lambda: packed.zero_(), lambda: packed.copy_(numbers)):
        with pytest.raises(NumericsError, match="in place"):
            write()
    numbers.copy_(packed)
    assert torch.equal(numbers, packed.numbers())


def test_buffers_for_copies(packed, numbers):
    buffer = torch.empty_like(packed)
    buffer.copy_(packed)
    assert torch.equal(buffer.numbers(), numbers)


def test_modules_copy_and_keep_it(packed, numbers):
    layer = nn.Linear(COLUMNS, ROWS)
    layer.weight = nn.Parameter(packed, requires_grad=False)
    twin = copy.deepcopy(layer)
    assert isinstance(twin.weight, nn.Parameter)
    assert isinstance(twin.weight, QuantisedTensor)
    assert twin.weight.untyped_storage().data_ptr() != layer.weight.untyped_storage().data_ptr()
    assert torch.equal(twin.weight.numbers(), numbers)
    shared = copy.deepcopy(layer, {id(layer.weight): layer.weight})
    assert shared.weight is layer.weight
    with torch.device("meta"):
        empty = nn.Linear(COLUMNS, ROWS)
    empty.load_state_dict(layer.state_dict(), assign=True)
    assert isinstance(empty.weight, QuantisedTensor)


def test_its_data_can_be_exchanged(packed, numbers):
    weight = nn.Parameter(packed, requires_grad=False)
    weight.data = packed[:6]
    assert isinstance(weight, nn.Parameter)
    assert torch.equal(dequantised(weight), numbers[:6])
    weight.data = numbers
    assert torch.equal(weight, numbers)


def test_dequantised_takes_weights_modules_and_networks(packed, numbers):
    layer = nn.Linear(COLUMNS, ROWS)
    layer.weight = nn.Parameter(packed, requires_grad=False)
    assert torch.equal(dequantised(layer.weight), numbers)
    assert torch.equal(dequantised(layer), numbers)
    assert torch.equal(dequantised(nn.Sequential(layer), "0.weight"), numbers)
    assert dequantised(layer, "bias") is layer.bias


def test_a_change_of_a_packed_weight_is_numbers(packed, numbers):
    """What adapters do."""
    total = packed.detach().float() + 0.5
    assert type(total) is torch.Tensor
    assert torch.equal(total, numbers + 0.5)


def test_writers_of_files_are_told(packed, tmp_path):
    with pytest.raises(NumericsError, match="take them first"):
        save_file({"a": packed}, tmp_path / "a.safetensors")


def test_large_weights_are_unpacked_in_parts(packed, numbers, monkeypatch):
    seen = []
    decode = type(packed.encoding).decode
    monkeypatch.setattr("limner.models.load.quantised.tensor.AT_ONCE", COLUMNS * 5)
    monkeypatch.setattr(type(packed.encoding), "decode", lambda self, *a: seen.append(len(a[0])) or decode(self, *a))
    assert torch.equal(packed.numbers(), numbers)
    assert seen == [5, 5, 2]
