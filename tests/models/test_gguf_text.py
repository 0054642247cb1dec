"""Text encoders from GGUF files against transformers with the weights that the files were made of.

Files are written as converters write them: names by the gguf package's own tables, queries and keys of Llama in the
order of interleaved rotation (the published conversion), norms of Gemma with one added.
"""

import gguf
import pytest
import torch
import transformers
from tests.unit.models.load.gguf_writing import write_gguf

from limner.models.load.blueprint import load_network
from limner.models.load.model_file import ModelFile
from limner.models.load.quantised.tensor import QuantisedTensor
from limner.models.text.kinds.language_model import LANGUAGE_MODEL
from limner.models.text.kinds.t5 import T5

WIDTH, HEADS, KEY_HEADS, LAYERS = 64, 4, 2, 2
SIZES = {
    "vocab_size": 96,
    "hidden_size": WIDTH,
    "intermediate_size": 96,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KEY_HEADS,
}


def t5():
    sizes = {"vocab_size": 96, "d_model": WIDTH, "d_kv": 16, "d_ff": 96, "num_layers": LAYERS, "num_heads": HEADS}
    return transformers.T5EncoderModel(transformers.T5Config(**sizes, feed_forward_proj="gated-gelu"))


def decoder(name, **further):
    configuration = getattr(transformers, f"{name}Config")(**SIZES, **further)
    return getattr(transformers, f"{name}Model")(configuration)


def turned(weight, heads):
    return weight.reshape(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def converted(model, architecture):
    """A model's tensors as a GGUF file keeps them."""
    kind = next(kind for kind, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(kind, LAYERS)
    stored = {}
    for name, tensor in model.state_dict().items():
        base, _, suffix = name.rpartition(".")
        target = names.get_name(base) or names.get_name(f"model.{base}")
        if architecture == "llama" and base.endswith(("q_proj", "k_proj")):
            tensor = turned(tensor, HEADS if base.endswith("q_proj") else KEY_HEADS)
        if architecture.startswith("gemma") and base.endswith("norm"):
            tensor = tensor + 1
        if target is not None:
            stored[f"{target}.{suffix}"] = tensor.numpy()
    return stored


def stated(model, architecture):
    """What a file says beside its tensors."""
    rotation = getattr(model.config, "rope_parameters", None) or {"rope_theta": 10_000.0}
    values = {
        "attention.head_count": HEADS,
        "attention.head_count_kv": KEY_HEADS,
        "attention.key_length": 16,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "rope.freq_base": float(rotation["rope_theta"]),
    }
    return {f"{architecture}.{key}": value for key, value in values.items()}


MODELS = {
    "t5": (t5, T5, {}),
    "llama": (lambda: decoder("Llama", head_dim=16), LANGUAGE_MODEL, {}),
    "qwen3": (lambda: decoder("Qwen3", head_dim=16), LANGUAGE_MODEL, {}),
    "qwen2": (lambda: decoder("Qwen2"), LANGUAGE_MODEL, {}),
    "gemma2": (lambda: decoder("Gemma2", head_dim=16, query_pre_attn_scalar=256), LANGUAGE_MODEL, {}),
}


@pytest.mark.parametrize("packed", ["F32", "Q8_0"])
@pytest.mark.parametrize("architecture", MODELS)
def test_equals_transformers(tmp_path, architecture, packed):
    torch.manual_seed(4)
    build, kind, _ = MODELS[architecture]
    model = build().eval()
    path = write_gguf(
        tmp_path / "text.gguf", converted(model, architecture), architecture, packed, stated(model, architecture)
    )
    file = ModelFile.open(path)
    found = kind.find(file.layout, "")
    blueprint = found.blueprint(found.name, ())
    network = load_network(blueprint, file, torch.float32, torch.device("cpu"))
    tokens = torch.arange(8)[None] * 9
    with torch.no_grad():
        ours = network(network.embed(tokens), None, (-1,))[:, 0]
        theirs = model(tokens).last_hidden_state
    difference = (ours - theirs).norm() / theirs.norm()
    assert difference < (1e-5 if packed == "F32" else 0.02)
    held = sum(isinstance(weight, QuantisedTensor) for weight in network.parameters())
    assert held > 10 if packed == "Q8_0" else held == 0
