import json

import pytest
import torch
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.load.quantised.storing import NF4, stored_as
from limner.models.load.quantised.tensor import QuantisedTensor

FP8 = (torch.float8_e4m3fn, torch.float8_e5m2)


def codes(*shape, dtype=torch.float8_e4m3fn):
    return torch.randn(shape, generator=torch.Generator().manual_seed(8)).to(dtype)


@pytest.mark.parametrize("dtype", FP8)
def test_scaled_fp8_with_its_marker(tmp_path, dtype):
    path = tmp_path / "a.safetensors"
    weight = codes(8, 16, dtype=dtype)
    stored = {
        "model.diffusion_model.scaled_fp8": torch.zeros(2, dtype=dtype),
        "model.diffusion_model.a.weight": weight,
        "model.diffusion_model.a.scale_weight": torch.tensor(0.25),
        "model.diffusion_model.a.scale_input": torch.tensor(3.0),
        "model.diffusion_model.a.bias": torch.ones(8),
        "model.diffusion_model.b.weight": weight.clone(),
    }
    save_file(stored, path)
    file = ModelFile.open(path)
    assert set(file.tensors) == {f"model.diffusion_model.{name}" for name in ("a.weight", "a.bias", "b.weight")}
    read = file.read()
    packed = read["model.diffusion_model.a.weight"]
    assert isinstance(packed, QuantisedTensor)
    assert torch.equal(packed.numbers(), weight.float() * 0.25)
    assert packed.nbytes == 128 + 8 * 4
    assert torch.equal(read["model.diffusion_model.b.weight"].float(), weight.float())
    assert file.as_stored().keys() == stored.keys()


@pytest.mark.parametrize(
    ("name", "scale", "expanded"),
    [
        ("weight_scale", torch.rand(256), lambda scale: scale[:, None]),
        ("weight_scale", torch.rand(256, 1), lambda scale: scale),
        ("weight_scale", torch.rand(1), lambda scale: scale),
        ("weight_scale", torch.rand(256, 6), lambda scale: scale.repeat_interleave(50, 1)),
        ("scale_weight", torch.rand(1, 1).half(), lambda scale: scale.float()),
        (
            "weight_scale_inv",
            torch.rand(2, 3),
            lambda scale: scale.repeat_interleave(128, 0).repeat_interleave(128, 1)[:, :300],
        ),
    ],
)
def test_scales_of_rows_and_blocks(name, scale, expanded):
    weight = codes(256, 300)
    file = ModelFile.of({"x.weight": weight, f"x.{name}": scale, "x.input_scale": torch.ones(1)})
    assert list(file.tensors) == ["x.weight"]
    read = file.read()["x.weight"]
    assert torch.equal(read + 0, weight.float() * expanded(scale))


def test_blocks_that_fit_stay_packed():
    file = ModelFile.of({"x.weight": codes(200, 256), "x.weight_scale_inv": torch.rand(2, 2)})
    assert isinstance(file.read()["x.weight"], QuantisedTensor)


def test_int8_rows():
    weight = torch.randint(-127, 128, (4, 8), dtype=torch.int8)
    greatest = torch.tensor([1.0, 2.0, 3.0, 4.0])
    read = ModelFile.of({"x.weight": weight, "x.SCB": greatest, "x.weight_format": torch.tensor(0)}).read()
    assert list(read) == ["x.weight"]
    assert torch.allclose(read["x.weight"].numbers(), weight.float() * greatest[:, None] / 127)


def test_scales_of_vectors_and_of_full_weights():
    read = ModelFile.of({"n.weight": codes(6), "n.weight_scale": torch.tensor(2.0)}).read()
    assert torch.equal(read["n.weight"], codes(6).float() * 2)


def test_scales_that_do_not_fit():
    file = ModelFile.of({"x.weight": codes(4, 8), "x.weight_scale": torch.rand(3)}, "odd")
    with pytest.raises(ModelFileError, match=r"odd: x\.weight .* cannot have scales of shape \[3\]"):
        file.read()


@pytest.mark.parametrize(
    "stored",
    [
        {"x.weight": torch.zeros(4, 8, dtype=torch.uint8), "x.weight_scale": codes(4, 1)},
        {"x.weight": codes(4, 8), "x.weight_scale": torch.zeros(4, 1, dtype=torch.uint8)},
        {"x.weight": codes(4, 8), "x.weight_scale": torch.rand(1), "x.weight_scale_2": torch.rand(1)},
    ],
)
def test_formats_that_are_not_read_are_named(stored):
    with pytest.raises(ModelFileError, match="not read"):
        ModelFile.of(stored)


def test_names_that_only_look_like_scales_stay():
    stored = {"scale_weight": torch.ones(1), "a.weight_scale": torch.ones(2), "a.input_scale": torch.ones(1)}
    assert set(ModelFile.of(stored).tensors) == set(stored)


def bitsandbytes(weight, *, nested):
    """What bitsandbytes writes for a weight, from its published layout."""
    packed = stored_as(weight, "nf4", torch.float32)
    state = {"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": list(weight.shape)}
    absmax = packed.scales.flatten()
    stored = {"x.weight": packed.codes.reshape(-1, 1), "x.weight.quant_map": torch.tensor(NF4.table)}
    if nested:
        offset = absmax.mean()
        outer = (absmax - offset).abs().max()
        table = torch.linspace(-1, 1, 256)
        stored["x.weight.nested_absmax"], stored["x.weight.nested_quant_map"] = outer.reshape(1), table
        absmax = torch.bucketize((absmax - offset) / outer, (table[1:] + table[:-1]) / 2).to(torch.uint8)
        state |= {"nested_blocksize": 256, "nested_offset": offset.item(), "nested_dtype": "float32"}
    stored["x.weight.absmax"] = absmax
    text = json.dumps(state).encode()
    stored["x.weight.quant_state.bitsandbytes__nf4"] = torch.tensor(list(text), dtype=torch.uint8)
    return stored, packed.numbers()


@pytest.mark.parametrize("nested", [False, True])
def test_four_bits(nested):
    stored, numbers = bitsandbytes(torch.randn(8, 128), nested=nested)
    file = ModelFile.of(stored)
    assert {name: (info.shape, info.dtype) for name, info in file.tensors.items()} == {"x.weight": ((8, 128), "nf4")}
    read = file.read()["x.weight"]
    assert isinstance(read, QuantisedTensor)
    assert torch.allclose(read.numbers(), numbers, atol=0.02 if nested else 0)


def test_four_bits_across_the_ends_of_rows():
    values = torch.randn(128)
    stored, numbers = bitsandbytes(values.reshape(2, 64), nested=False)
    state = json.loads(bytes(stored["x.weight.quant_state.bitsandbytes__nf4"].tolist()))
    text = json.dumps(state | {"shape": [16, 8]}).encode()
    stored["x.weight.quant_state.bitsandbytes__nf4"] = torch.tensor(list(text), dtype=torch.uint8)
    assert torch.equal(ModelFile.of(stored).read()["x.weight"], numbers.reshape(16, 8))


@pytest.mark.parametrize(
    "text", [b"{}", b"[]", b"nonsense", b'{"shape": [8, 99], "blocksize": 64}', b'{"shape": [0, 8], "blocksize": 0}']
)
def test_four_bits_that_make_no_sense(text):
    stored, _ = bitsandbytes(torch.randn(8, 128), nested=False)
    stored["x.weight.quant_state.bitsandbytes__nf4"] = torch.tensor(list(text), dtype=torch.uint8)
    with pytest.raises(ModelFileError, match=r"x\.weight"):
        ModelFile.of(stored, "damaged")
