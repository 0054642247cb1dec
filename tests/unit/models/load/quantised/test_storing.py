import pytest
import torch

from limner.models.load.quantised.storing import NF4, STORAGES, packed_bytes, storable, stored_as

# Greatest error of a number, in units of the greatest number of its block (for fp8: of itself).
ERRORS = {"int8": 0.5 / 127, "nf4": (1 - 0.6961928009986877) / 2}


@pytest.fixture
def weight():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(24, 192, generator=generator) * torch.logspace(-3, 2, 24)[:, None]


@pytest.mark.parametrize("storage", ERRORS)
def test_error_is_within_half_a_step_of_each_block(weight, storage):
    packed = stored_as(weight, storage, torch.float32)
    error = (packed.numbers() - weight).reshape(24, -1, 64).abs()
    greatest = weight.reshape(24, -1, 64).abs().amax(-1, keepdim=True)
    assert (error <= greatest * ERRORS[storage] * 1.0001).all()
    assert packed.nbytes == packed_bytes((24, 192), storage) < weight.nbytes / 3


@pytest.mark.parametrize(("storage", "bits"), [("fp8_e4m3fn", 3), ("fp8_e4m3fn_fast", 3), ("fp8_e5m2", 2)])
def test_fp8_rounds_to_the_nearest_and_saturates(storage, bits):
    weight = torch.linspace(-4, 4, 128).reshape(2, 64)
    numbers = stored_as(weight, storage, torch.float32).numbers()
    assert ((numbers - weight).abs() <= weight.abs() * 2.0 ** -(bits + 1) + 1e-2).all()
    large = stored_as(torch.full((1, 2), 1e9), storage, torch.float32).numbers()
    assert torch.isfinite(large).all()
    assert packed_bytes((2, 64), storage) == 128


@pytest.mark.parametrize("storage", STORAGES)
def test_zeros_stay_zeros(storage):
    assert not stored_as(torch.zeros(2, 64), storage, torch.float32).numbers().any()


def test_nf4_hits_its_own_table():
    weight = torch.tensor(NF4.table).repeat(2, 4)
    assert torch.equal(stored_as(weight, "nf4", torch.float32).numbers(), weight)


def test_what_is_packed():
    assert storable("blocks.0.attn.to_q.weight", (64, 64), "nf4")
    assert not storable("blocks.0.attn.to_q.weight", (64, 60), "nf4")
    assert not storable("scale_shift_table", (6, 64), "fp8_e4m3fn")
    assert not storable("norm.weight", (64,), "fp8_e4m3fn")
    assert storable("conv_in.weight", (64, 4, 3, 3), "fp8_e5m2")
    assert not storable("conv_in.weight", (64, 64, 3, 3), "int8")
