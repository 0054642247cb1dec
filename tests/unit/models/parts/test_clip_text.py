import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from limner.models.load.layout import Layout
from limner.models.parts.clip_text import END, START, clip_text_blueprint
from limner.models.text.kinds.clip import CLIP

WIDTH = 128
PREFIX = "cond_stage_model.transformer."
TOKENS = torch.tensor([[START, 320, 1125, END, END, END], [START, 5, END, 0, 0, 0]])


@pytest.fixture(params=["quick_gelu", "gelu"])
def activation(request):
    return request.param


@pytest.fixture
def oracle(activation):
    torch.manual_seed(0)
    configuration = CLIPTextConfig(
        hidden_size=WIDTH,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=2,
        projection_dim=64,
        hidden_act=activation,
        eos_token_id=END,
    )
    return CLIPTextModelWithProjection(configuration).eval()


def original(state):
    """The same tensors in the OpenCLIP layout: fused query, key and value; the projection turned."""
    names = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    names |= {"self_attn.out_proj": "attn.out_proj"}
    result = {
        "token_embedding.weight": state["text_model.embeddings.token_embedding.weight"],
        "positional_embedding": state["text_model.embeddings.position_embedding.weight"],
        "ln_final.weight": state["text_model.final_layer_norm.weight"],
        "ln_final.bias": state["text_model.final_layer_norm.bias"],
        "text_projection": state["text_projection.weight"].t(),
        "logit_scale": torch.ones(()),
    }
    for layer in range(3):
        old, new = f"text_model.encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
        for kind in ("weight", "bias"):
            parts = [state[f"{old}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            result[f"{new}attn.in_proj_{kind}"] = torch.cat(parts)
            result |= {f"{new}{b}.{kind}": state[f"{old}{a}.{kind}"] for a, b in names.items()}
    return {f"cond_stage_model.model.{name}": tensor for name, tensor in result.items()}


def built(state, activation):
    layout = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    blueprint = next(
        found
        for prefix in ("cond_stage_model.model.", PREFIX)
        if (found := clip_text_blueprint(layout, prefix, activation=activation))
    )
    network = blueprint.build().eval()
    filled = {
        name: source.transform(*(state[part] for part in source.names)) if source.transform else state[source.names[0]]
        for name, source in blueprint.keys.items()
    }
    network.load_state_dict(filled)
    return network, blueprint


@pytest.mark.parametrize("layout", ["transformers", "open_clip"])
def test_equals_transformers(oracle, activation, layout):
    state = oracle.state_dict()
    stored = original(state) if layout == "open_clip" else {PREFIX + name: tensor for name, tensor in state.items()}
    network, blueprint = built(stored, activation)
    assert (blueprint.facts["layers"], blueprint.facts["projection"]) == (3, 64)
    with torch.no_grad():
        theirs = oracle(input_ids=TOKENS, output_hidden_states=True)
        vectors, end = network.embed(TOKENS), torch.tensor([3, 2])
        last, pooled = network(vectors, end, None, normed=True)
        torch.testing.assert_close(last, theirs.last_hidden_state, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(pooled, theirs.text_embeds, rtol=1e-5, atol=1e-5)
        for layer in (-2, -3):
            states, _ = network(vectors, end, layer, normed=False)
            torch.testing.assert_close(states, theirs.hidden_states[layer], rtol=1e-5, atol=1e-5)
        normed, _ = network(vectors, end, -2, normed=True)
        torch.testing.assert_close(normed, network.text.final_layer_norm(theirs.hidden_states[-2]))


def test_a_small_token_table_is_expanded(oracle):
    state = {PREFIX + name: tensor for name, tensor in oracle.state_dict().items()}
    name = PREFIX + "text_model.embeddings.token_embedding."
    whole, _ = built(state, "quick_gelu")
    rows = torch.zeros(49408, dtype=torch.int32)
    rows[torch.tensor([START, END, 320, 1125])] = torch.tensor([1, 2, 3, 4], dtype=torch.int32)
    compact = state[name + "weight"][[0, START, END, 320, 1125]]
    small, _ = built({**state, name + "weight": compact, name + "rows": rows}, "quick_gelu")
    assert torch.equal(small.embed(TOKENS[:1]), whole.embed(TOKENS[:1]))
    assert torch.equal(small.embed(torch.tensor([7])), whole.embed(torch.tensor([0])))


def test_names_of_adapters(oracle):
    state = {PREFIX + name: tensor for name, tensor in oracle.state_dict().items()}
    layout = Layout({name: tuple(tensor.shape) for name, tensor in state.items()})
    blueprint = CLIP.find(layout, PREFIX).blueprint("clip_l", ("te",))
    target = "text.encoder.layers.0.self_attn.q_proj.weight"
    assert blueprint.aliases["lora_te_text_model_encoder_layers_0_self_attn_q_proj"] == target
    assert blueprint.aliases["text_encoder.text_model.encoder.layers.0.self_attn.q_proj"] == target
    assert blueprint.aliases["clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj"] == target
