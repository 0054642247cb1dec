"""Networks are filled from files of any kind, and compute with what the file says."""

import pytest
import torch
from safetensors.torch import save_file
from tests.unit.models.load.gguf_writing import write_gguf
from torch import nn

from limner.graph.errors import ModelFileError
from limner.models.load.blueprint import Blueprint, Source, load_network
from limner.models.load.building import built
from limner.models.load.model_file import ModelFile
from limner.models.load.precision import Precision
from limner.models.load.quantised.storing import STORAGES
from limner.models.load.quantised.tensor import QuantisedTensor, dequantised

WIDTH = 64
CPU = torch.device("cpu")


class Small(nn.Module):
    """A network with one of everything, and a table that it computes itself."""

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(32, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.conv = nn.Conv2d(WIDTH, WIDTH, 1)
        self.turned = nn.Linear(WIDTH, 32, bias=False)
        self.register_buffer("angles", torch.arange(WIDTH) * 0.1, persistent=False)

    def forward(self, tokens):
        x = self.norm(self.token(tokens))
        x = x + self.angles.to(x)
        x = self.query(x) + self.key(x) * self.value(x)
        x = self.conv(x.transpose(1, 2)[..., None])[..., 0].transpose(1, 2)
        return self.turned(x)


def original():
    """Tensors in a layout with fused projections, one of them the other way round."""
    generator = torch.Generator().manual_seed(5)

    def normal(*shape):
        return torch.randn(shape, generator=generator) * 0.1

    return {
        "token.weight": normal(32, WIDTH),
        "norm.weight": 1 + normal(WIDTH),
        "norm.bias": normal(WIDTH),
        "qkv.weight": normal(3 * WIDTH, WIDTH),
        "qkv.bias": normal(3 * WIDTH),
        "conv.weight": normal(WIDTH, WIDTH, 1, 1),
        "conv.bias": normal(WIDTH),
        "turned": normal(WIDTH, 32),
    }


def third(index):
    return lambda fused: fused.chunk(3)[index]


def blueprint():
    keys = {name: Source((name,)) for name in original() if "qkv" not in name and name != "turned"}
    for index, part in enumerate(("query", "key", "value")):
        keys |= {f"{part}.{end}": Source((f"qkv.{end}",), third(index)) for end in ("weight", "bias")}
    keys["turned.weight"] = Source(("turned",), lambda weight: weight.t().contiguous(), (32, WIDTH))
    return Blueprint(keys, Small)


def loaded(file, storage=None, dtype=torch.float32):
    return load_network(blueprint(), file, dtype, CPU, storage)


def result(network):
    with torch.no_grad():
        return network(torch.arange(12).reshape(2, 6))


def near(network, reference):
    """Whether results differ by less than a third; the tests of each packing look at numbers more closely."""
    wanted = result(reference)
    return (result(network).float() - wanted).norm() < wanted.norm() / 3


def filled(network):
    """The same network with numbers for packed weights."""
    plain = Small()
    plain.load_state_dict({name: dequantised(weight) for name, weight in network.state_dict().items()})
    return plain


@pytest.fixture
def reference():
    return loaded(ModelFile.of(original()))


def test_tables_of_the_network_itself_are_there(reference):
    assert torch.equal(reference.angles, torch.arange(WIDTH) * 0.1)
    assert built(Small).query.weight.is_meta


def test_of_the_right_type_weights_are_views_of_the_file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file(original(), path)
    file = ModelFile.open(path)
    network = loaded(file)
    assert result(network).isfinite().all()
    start, whole = network.query.weight.untyped_storage(), network.value.weight.untyped_storage()
    assert start.data_ptr() == whole.data_ptr()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_converted(tmp_path, reference, dtype):
    path = tmp_path / "a.safetensors"
    save_file({name: tensor.to(dtype) for name, tensor in original().items()}, path)
    network = loaded(ModelFile.open(path))
    assert network.query.weight.dtype == torch.float32
    assert torch.equal(network.query.weight, reference.query.weight.to(dtype).float())


def packed_names(network):
    return {name for name, weight in network.named_parameters() if isinstance(weight, QuantisedTensor)}


@pytest.mark.parametrize("packed", ["Q4_0", "Q5_1", "Q8_0"])
def test_gguf(tmp_path, reference, packed):
    stored = {name: tensor.numpy() for name, tensor in original().items()}
    stored["conv.weight"] = stored["conv.weight"][..., 0, 0]
    fields = {"comfy.gguf.orig_shape.conv.weight": [WIDTH, WIDTH, 1, 1]}
    file = ModelFile.open(write_gguf(tmp_path / "a.gguf", stored, "flux", packed, fields))
    network = loaded(file)
    matrices = {f"{name}.weight" for name in ("token", "query", "key", "value", "conv")}
    assert packed_names(network) == matrices
    assert torch.equal(result(network), result(filled(network)))
    assert near(network, reference)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
@pytest.mark.parametrize("scaled", [False, True])
def test_fp8(tmp_path, dtype, scaled):
    stored = {name: tensor.to(dtype) for name, tensor in original().items()}
    if scaled:
        stored["qkv.scale_weight"] = torch.tensor(3.0)
        stored["scaled_fp8"] = torch.empty(0, dtype=dtype)
    path = tmp_path / "a.safetensors"
    save_file(stored, path)
    network = loaded(ModelFile.open(path))
    assert "query.weight" in packed_names(network)
    assert network.norm.weight.dtype == torch.float32
    factor = 3 if scaled else 1
    assert torch.equal(dequantised(network.key), stored["qkv.weight"].chunk(3)[1].float() * factor)
    assert torch.equal(result(network), result(filled(network)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("storage", STORAGES)
def test_packed_while_loading(reference, storage, dtype):
    network = loaded(ModelFile.of(original()), storage, dtype)
    assert {"query.weight", "key.weight", "value.weight", "token.weight", "turned.weight"} <= packed_names(network)
    assert network.query.weight.dtype == dtype
    if dtype != torch.float16:  # layer norms of half a type have no CPU kernel everywhere
        assert torch.equal(result(network), result(filled(network).to(dtype)))
        assert near(network, reference)
    bytes_ = sum(parameter.nbytes for parameter in network.parameters())
    assert bytes_ < sum(parameter.nbytes for parameter in reference.parameters()) / 2


@pytest.mark.parametrize("storage", [None, *STORAGES])
@pytest.mark.parametrize("stored", [torch.float32, torch.float16, torch.float8_e4m3fn])
def test_bytes_are_foreseen(storage, stored):
    file = ModelFile.of({name: tensor.to(stored) for name, tensor in original().items()})
    precision = Precision(torch.bfloat16, storage)
    network = loaded(file, storage, torch.bfloat16)
    for name, source in blueprint().keys.items():
        shape = tuple(network.get_parameter(name).shape)
        foreseen = precision.bytes(name, file.tensors[source.names[0]], shape)
        if name != "turned.weight" or stored != torch.float8_e4m3fn:  # turned round it is numbers
            assert foreseen == network.get_parameter(name).nbytes, name


def test_what_does_not_fit_is_named():
    stored = original()
    del stored["norm.bias"]
    file = ModelFile.of(stored | {"conv.bias": torch.ones(3)}, "odd")
    keys = {name: source for name, source in blueprint().keys.items() if name != "norm.bias"}
    with pytest.raises(ModelFileError, match=r"1 tensors are missing \(norm\.bias .*conv\.bias: expected \(64,\)"):
        load_network(Blueprint(keys, Small), file, torch.float32, CPU)
