import gguf
import numpy as np
import pytest
import torch
from tests.unit.models.load.gguf_writing import write_gguf

from limner.graph.errors import ModelFileError
from limner.models.load.content import HeldContent
from limner.models.load.gguf_text import with_text_names
from limner.models.load.model_file import ModelFile
from limner.models.load.quantised.tensor import QuantisedTensor

T5 = {
    "shared.weight": (32, 64),
    "encoder.final_layer_norm.weight": (64,),
    "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": (32, 4),
    **{f"encoder.block.1.layer.0.SelfAttention.{part}.weight": (64, 64) for part in "qkvo"},
    "encoder.block.1.layer.0.layer_norm.weight": (64,),
    "encoder.block.1.layer.1.layer_norm.weight": (64,),
    **{f"encoder.block.1.layer.1.DenseReluDense.{part}.weight": (64, 64) for part in ("wi_0", "wi_1", "wo")},
}
DECODER = {
    "model.embed_tokens.weight": (32, 64),
    "model.norm.weight": (64,),
    **{f"model.layers.1.self_attn.{part}_proj.weight": (64, 64) for part in "qkvo"},
    **{f"model.layers.1.mlp.{part}_proj.weight": (64, 64) for part in ("gate", "up", "down")},
    "model.layers.1.input_layernorm.weight": (64,),
    "model.layers.1.post_attention_layernorm.weight": (64,),
}
HEAD_NORMS = {f"model.layers.1.self_attn.{part}_norm.weight": (64,) for part in "qk"}
GEMMA = {f"model.layers.1.{part}_feedforward_layernorm.weight": (64,) for part in ("pre", "post")}
QWEN = {f"model.layers.1.self_attn.{part}_proj.bias": (64,) for part in "qkv"}

ARCHITECTURES = {
    "t5": T5,
    "t5encoder": T5,
    "llama": DECODER,
    "qwen2": {**DECODER, **QWEN},
    "qwen2vl": {**DECODER, **QWEN},
    "qwen3": {**DECODER, **HEAD_NORMS},
    "gemma2": {**DECODER, **GEMMA},
    "gemma3": {**DECODER, **GEMMA, **HEAD_NORMS},
}


@pytest.fixture
def numbers():
    generator = np.random.default_rng(3)
    return {"double_blocks.0.img_attn.qkv.weight": generator.normal(size=(96, 256)), "norm.scale": np.arange(5.0)}


@pytest.mark.parametrize("packed", ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"])
def test_names_and_numbers(tmp_path, numbers, packed):
    file = ModelFile.open(write_gguf(tmp_path / "a.gguf", numbers, packed=packed))
    assert file.layout.shapes == {"double_blocks.0.img_attn.qkv.weight": (96, 256), "norm.scale": (5,)}
    tensors = file.read()
    kind = gguf.GGMLQuantizationType[packed]
    weight = numbers["double_blocks.0.img_attn.qkv.weight"].astype(np.float32)
    theirs = gguf.quants.dequantize(gguf.quants.quantize(weight, kind), kind)
    ours = tensors["double_blocks.0.img_attn.qkv.weight"]
    assert isinstance(ours, QuantisedTensor) == packed.startswith("Q")
    assert torch.equal(ours.float() + 0, torch.from_numpy(theirs))
    assert torch.equal(tensors["norm.scale"], torch.arange(5.0))


def test_reshaped_tensors_get_their_shape_back(tmp_path):
    convolution = np.random.default_rng(4).normal(size=(16, 32, 3, 3))
    small = np.random.default_rng(5).normal(size=(8, 4, 4, 4))
    fields = {"comfy.gguf.orig_shape.conv.weight": [16, 32, 3, 3], "comfy.gguf.orig_shape.small.weight": [8, 4, 4, 4]}
    stored = {"conv.weight": convolution.reshape(-1, 256), "small.weight": small.reshape(-1, 256)}
    file = ModelFile.open(write_gguf(tmp_path / "sd.gguf", stored, "sdxl", "Q8_0", fields))
    tensors = file.read()
    assert isinstance(tensors["conv.weight"], QuantisedTensor)
    for name, whole in (("conv.weight", convolution), ("small.weight", small)):
        assert file.layout.shape(name) == whole.shape
        assert torch.allclose(tensors[name] + 0, torch.from_numpy(whole).float(), atol=0.03)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_text_encoders_get_the_names_of_transformers(architecture):
    kind = next(kind for kind, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(kind, 2)
    stored = {}
    for name, shape in ARCHITECTURES[architecture].items():
        base, _, suffix = name.rpartition(".")
        stored[f"{names.get_name(base)}.{suffix}"] = torch.randn(shape)
    content = HeldContent(stored)
    content.metadata = {"general.architecture": architecture}
    assert with_text_names(content).tensors.keys() == ARCHITECTURES[architecture].keys()


def turned(weight, heads):
    """Rows as converters order them for a rotation of neighbours."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def test_llama_queries_and_keys_come_back_in_order_and_packed(tmp_path):
    weight = np.random.default_rng(6).normal(size=(64, 64)).astype(np.float32)
    stored = {"blk.0.attn_q.weight": turned(weight, 4), "blk.0.attn_k.weight": turned(weight[:32], 2)}
    fields = {"llama.attention.head_count": 4, "llama.attention.head_count_kv": 2}
    tensors = ModelFile.open(write_gguf(tmp_path / "a.gguf", stored, "llama", "Q8_0", fields)).read()
    query, key = (tensors[f"model.layers.0.self_attn.{part}_proj.weight"] for part in "qk")
    assert isinstance(query, QuantisedTensor)
    assert torch.allclose(query + 0, torch.from_numpy(weight), atol=0.02)
    assert torch.allclose(key + 0, torch.from_numpy(weight[:32]), atol=0.02)


def test_gemma_norms_lose_the_one(tmp_path):
    path = write_gguf(tmp_path / "a.gguf", {"output_norm.weight": np.full(8, 1.25)}, "gemma2")
    assert torch.equal(ModelFile.open(path).read()["model.norm.weight"], torch.full((8,), 0.25))


def test_what_only_a_decoder_needs_is_left_out(tmp_path):
    stored = {"dec.blk.0.attn_q.weight": np.ones((4, 4)), "enc.output_norm.weight": np.ones(4)}
    file = ModelFile.open(write_gguf(tmp_path / "a.gguf", stored, "t5"))
    assert set(file.tensors) == {"encoder.final_layer_norm.weight"}


def test_unknown_formats_are_named(tmp_path):
    path = tmp_path / "a.gguf"
    writer = gguf.GGUFWriter(path, "flux")
    writer.add_tensor("a", np.zeros((1, 66), np.uint8), raw_dtype=gguf.GGMLQuantizationType.IQ2_XXS)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelFileError, match="IQ2_XXS, which is not read"):
        ModelFile.open(path)


def test_tokenizers_can_be_read(tmp_path, numbers):
    fields = {"tokenizer.ggml.tokens": ["<pad>", "a", "b"] * 100}
    file = ModelFile.open(write_gguf(tmp_path / "a.gguf", numbers, fields=fields))
    assert file.fields()["tokenizer.ggml.tokens"][:3] == ["<pad>", "a", "b"]
    assert file.metadata["general.architecture"] == "flux"
    assert ModelFile.of({"a": torch.ones(1)}).fields() == {}
