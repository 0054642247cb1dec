"""Which recipe files of text encoders are for, where their tokenizers are found, and what adapters reach in them."""

import pytest
import torch
from safetensors.torch import save_file
from tests.models.families.sd3 import MEDIUM
from tests.models.text_files import clip, decoder, save_encoder, save_tokenizer, t5, tiny_tokenizer

from limner.graph.errors import ModelFileError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.text.registry import choose_recipe, load_recipes, load_text_kinds, recipe_for
from limner.storage.folders import Folders

KINDS, RECIPES = load_text_kinds(), load_recipes()


def t5_layout(width, *, own=False, gated=True, vocabulary=32128):
    block = "encoder.block.{}.layer.0.SelfAttention."
    shapes = {"shared.weight": (vocabulary, width), "encoder.final_layer_norm.weight": (width,)}
    for n in range(2):
        shapes[block.format(n) + "q.weight"] = (width, width)
        shapes |= {block.format(n) + "relative_attention_bias.weight": (32, 64)} if own or n == 0 else {}
        names = ("wi_0", "wi_1") if gated else ("wi",)
        shapes |= {f"encoder.block.{n}.layer.1.DenseReluDense.{name}.weight": (2 * width, width) for name in names}
    return shapes


def decoder_layout(width, prefix="model.", *, normed=False, biased=False, gemma=False, vocabulary=1000):
    layer = f"{prefix}layers.0."
    shapes = {f"{prefix}embed_tokens.weight": (vocabulary, width), f"{layer}mlp.gate_proj.weight": (2 * width, width)}
    shapes |= {f"{layer}self_attn.{name}_proj.weight": (1024, width) for name in "qkv"}
    shapes |= {f"{layer}self_attn.q_norm.weight": (128,)} if normed else {}
    shapes |= {f"{layer}self_attn.q_proj.bias": (1024,)} if biased else {}
    shapes |= {f"{layer}pre_feedforward_layernorm.weight": (width,)} if gemma else {}
    return shapes


def clip_layout(width):
    return {
        "text_model.embeddings.token_embedding.weight": (49408, width),
        "text_model.embeddings.position_embedding.weight": (77, width),
        "text_model.encoder.layers.0.layer_norm1.weight": (width,),
        "text_model.encoder.layers.0.mlp.fc1.weight": (4 * width, width),
    }


def found(shapes):
    """The one encoder that is seen in a layout."""
    (encoder,) = [kind.find(Layout(shapes), "") for kind in KINDS.values() if kind.find(Layout(shapes), "")]
    return encoder


@pytest.mark.parametrize(
    ("shapes", "name"),
    [
        (clip_layout(768), "clip_l"),
        (clip_layout(1024), "clip_h"),
        (clip_layout(1280), "clip_g"),
        (t5_layout(4096), "t5xxl"),
        (t5_layout(4096, own=True, vocabulary=256384), "umt5xxl"),
        (t5_layout(2048, own=True), "pile_t5xl"),
        (t5_layout(768, gated=False), "t5_first_base"),
        (decoder_layout(4096), "llama"),
        (decoder_layout(5120, "language_model.model."), "mistral3_24b"),
        (decoder_layout(3584, biased=True), "qwen25_7b"),
        (decoder_layout(3584, "model.language_model.", biased=True), "qwen25_7b"),
        (decoder_layout(2560, normed=True), "qwen3_4b"),
        (decoder_layout(2304, gemma=True), "gemma2_2b"),
    ],
)
def test_encoders_are_told_by_names_and_shapes(shapes, name):
    encoder = found(shapes)
    assert (encoder.name, encoder.certain) == (name, True)


@pytest.mark.parametrize(
    ("wanted", "layouts", "recipe"),
    [
        ("stable_diffusion", [clip_layout(768)], "sd1"),
        ("stable_diffusion", [clip_layout(1024)], "sd2"),
        ("sdxl", [clip_layout(1280), clip_layout(768)], "sdxl"),
        ("flux", [clip_layout(768), t5_layout(4096)], "flux"),
        ("sd3", [t5_layout(4096), clip_layout(768)], "sd3"),
        ("sd3", [t5_layout(4096)], "sd3"),
        ("sd3", [clip_layout(768), clip_layout(1280), t5_layout(4096)], "sd3"),
        ("chroma", [t5_layout(4096)], "chroma"),
        ("ltxv", [t5_layout(4096)], "ltxv"),
        ("pixart", [t5_layout(4096)], "pixart"),
        ("wan", [t5_layout(4096, own=True)], "wan"),
        ("cosmos", [t5_layout(1024, gated=False)], "cosmos"),
        ("stable_diffusion", [t5_layout(2048, own=True)], "auraflow"),
        ("lumina2", [decoder_layout(2304, gemma=True)], "lumina2"),
        ("lumina2", [decoder_layout(2560, normed=True)], "z_image"),
        ("flux2", [decoder_layout(2560, normed=True)], "flux2_klein"),
        ("flux2", [decoder_layout(5120)], "flux2"),
        ("qwen_image", [decoder_layout(3584, biased=True)], "qwen_image"),
        ("hunyuan_video", [clip_layout(768), decoder_layout(4096)], "hunyuan_video"),
        ("hidream", [t5_layout(4096), decoder_layout(4096)], "hidream"),
        ("hidream", [clip_layout(768), clip_layout(1280), t5_layout(4096), decoder_layout(4096)], "hidream"),
    ],
)
def test_recipes_are_chosen_by_encoders_and_type(wanted, layouts, recipe):
    encoders = [found(shapes) for shapes in layouts]
    chosen, slots = choose_recipe(encoders, wanted, RECIPES)
    assert (chosen.name, len(slots)) == (recipe, len(layouts))
    assert all(encoder.name == name for name, encoder in slots.items())


def test_encoders_that_do_not_go_together():
    encoders = [found(clip_layout(768)), found(decoder_layout(2304, gemma=True))]
    with pytest.raises(ModelFileError, match="clip_l, gemma2_2b"):
        choose_recipe(encoders, "sd3", RECIPES)
    assert recipe_for([found(clip_layout(768))], "wan", RECIPES) is None


def test_every_recipe_is_made_of_known_kinds():
    kinds = {"clip", "t5", "umt5", "t5_first", "llama", "qwen2", "qwen3", "gemma2", "glm"}
    for recipe in RECIPES.values():
        assert recipe.types
        assert {kind for slot in recipe.slots for kind in slot.kinds} <= kinds


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models" / "text_encoders"


@pytest.fixture
def library(tmp_path):
    return ModelLibrary(Folders.under(tmp_path))


def test_a_missing_tokenizer_is_told_at_once_with_what_to_do(library, folder):
    save_encoder(t5(), folder / "t5.safetensors")
    with pytest.raises(ModelFileError, match=r"tokenizer of this text encoder \(t5xxl\) is missing.*limner pull"):
        library.text_encoder("t5.safetensors", purpose="chroma")


def states(encoder):
    return encoder.encode("a red apple")[0][0]


def test_where_tokenizers_are_found(library, folder):
    """In a folder of the encoder's name or the file's, in a file that begins so, beside, and inside the file."""
    network = t5()
    save_encoder(network, folder / "t5.safetensors")
    for place in ("t5xxl/tokenizer.json", "t5/tokenizer.json", "t5xxl.tokenizer.json", "t5.tokenizer.json"):
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        tiny_tokenizer().save(str(path))
        assert states(library.text_encoder("t5.safetensors", purpose="chroma")).shape[-1] == 32
        path.unlink()
    save_encoder(network, folder / "whole" / "model.safetensors")
    tiny_tokenizer().save(str(folder / "whole" / "tokenizer.json"))
    beside = states(library.text_encoder("whole/model.safetensors", purpose="chroma"))
    tensors = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    tensors["tokenizer_json"] = torch.tensor(list(tiny_tokenizer().to_str().encode()), dtype=torch.uint8)
    del tensors["encoder.embed_tokens.weight"]
    save_file(tensors, folder / "carries.safetensors")
    assert torch.equal(states(library.text_encoder("carries.safetensors", purpose="chroma")), beside)


def test_a_checkpoint_gives_the_encoders_that_it_holds(library, tmp_path, folder):

    first, second, third = clip(64), clip(128, 128, "gelu", 1), t5()
    state = dict(MEDIUM.layouts["checkpoint"](MEDIUM.network().state_dict()).state)
    for name, network in (("clip_l", first), ("clip_g", second), ("t5xxl", third)):
        state |= {f"text_encoders.{name}.transformer.{key}": tensor for key, tensor in network.state_dict().items()}
    path = tmp_path / "models" / "checkpoints" / "all.safetensors"
    path.parent.mkdir(parents=True)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in state.items()}, path)
    encoder = library.checkpoint("all.safetensors").clip
    assert [branch.name for branch in encoder.branches] == ["clip_l", "clip_g", "t5xxl"]
    with pytest.raises(ModelFileError, match="is missing"):
        encoder.encode("a")
    save_tokenizer(folder, "t5xxl")
    ((whole, options),) = library.checkpoint("all.safetensors").clip.encode("a red apple")
    assert (whole.shape, options["pooled_output"].shape) == ((1, 154, 192), (1, 192))


@pytest.mark.parametrize(
    "module",
    [
        "lora_te3_encoder_block_0_layer_0_SelfAttention_q",
        "text_encoder_2.encoder.block.0.layer.0.SelfAttention.q",
        "text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.q",
    ],
)
def test_adapters_reach_t5(library, folder, module):
    save_encoder(clip(), folder / "l.safetensors")
    save_encoder(t5(), folder / "t5.safetensors")
    save_tokenizer(folder, "t5xxl")
    plain = library.text_encoder("l.safetensors", "t5.safetensors", purpose="flux")
    change = LowRank(torch.ones(32, 1), torch.ones(1, 32), None, None)
    changed = plain.with_adapter(Adapter("a", ("a", module), {module: change}), 0.5)
    assert not torch.allclose(states(changed), states(plain))
    assert torch.equal(states(plain.with_adapter(Adapter("a", ("a", module), {module: change}), 0.0)), states(plain))


def test_configurations_say_what_shapes_do_not(library, folder):
    network = decoder("Qwen3", layers=2, rope_parameters={"rope_type": "default", "rope_theta": 100.0})
    configuration = {"rope_theta": 100.0, "rms_norm_eps": 1e-6}
    save_encoder(network, folder / "qwen3_4b.safetensors", configuration=configuration)
    save_tokenizer(folder, "qwen3_4b")
    ours = library.text_encoder("qwen3_4b.safetensors", purpose="lumina2")
    ((tokens,),) = ours.chunks("a red apple").values()
    numbers = torch.tensor([[token.value for token in tokens]])
    with torch.no_grad():
        expected = network(numbers, output_hidden_states=True).hidden_states[-2]
    torch.testing.assert_close(states(ours), expected, atol=1e-4, rtol=1e-4)
