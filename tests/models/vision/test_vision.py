"""Vision encoders and style models against transformers."""

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tests.models.control.test_unet_controls import random_like
from tests.models.vision.seeing import SIZES, clip, drawn, siglip
from torch import nn
from transformers import CLIPImageProcessor

from limner.graph.errors import ModelFileError
from limner.models.library import ModelLibrary
from limner.models.vision.encoder import SeenPicture, open_vision_encoder, prepared
from limner.models.vision.style import open_style_model
from limner.nodes.vision import style_model_apply
from limner.storage.folders import Folders


def as_open_clip(state):
    """A CLIP vision encoder's tensors as OpenCLIP writes them."""
    names = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    ends = {
        "embeddings.class_embedding": "class_embedding",
        "embeddings.patch_embedding.weight": "conv1.weight",
        "embeddings.position_embedding.weight": "positional_embedding",
        "pre_layrnorm": "ln_pre",
        "post_layernorm": "ln_post",
        "encoder.layers": "transformer.resblocks",
        "self_attn.out_proj": "attn.out_proj",
        **names,
    }
    renamed = {}
    for name, value in state.items():
        inside = name.removeprefix("vision_model.")
        for old, new in ends.items():
            inside = inside.replace(old, new)
        renamed[inside] = value
    renamed["proj"] = renamed.pop("visual_projection.weight").T.contiguous()
    for number in range(SIZES["num_hidden_layers"]):
        for kind in ("weight", "bias"):
            place = f"transformer.resblocks.{number}.self_attn."
            parts = [renamed.pop(f"{place}{part}_proj.{kind}") for part in "qkv"]
            renamed[f"transformer.resblocks.{number}.attn.in_proj_{kind}"] = torch.cat(parts)
    return {f"visual.{name}": value for name, value in renamed.items()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("vision")
    models = root / "models"
    for kind in ("clip_vision", "style_models"):
        (models / kind).mkdir(parents=True)
    seeing = drawn(clip())
    save_file(seeing.state_dict(), models / "clip_vision" / "clip.safetensors")
    save_file(as_open_clip(seeing.state_dict()), models / "clip_vision" / "open_clip.safetensors")
    state = {f"vision_model.{name}": value for name, value in drawn(siglip()).state_dict().items()}
    save_file(state, models / "clip_vision" / "siglip.safetensors")
    return Folders.under(root, model_roots=(models,))


@pytest.fixture
def library(folders):
    return ModelLibrary(folders)


@pytest.fixture
def picture():
    smooth = torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(2))
    return nn.functional.interpolate(smooth, size=(40, 56), mode="bilinear").movedim(1, -1)


@pytest.mark.parametrize(("name", "make"), [("clip", clip), ("open_clip", clip), ("siglip", siglip)])
def test_encoders_equal_transformers(library, picture, name, make):
    encoder = open_vision_encoder(library, f"{name}.safetensors")
    seen = encoder.encode(picture)
    with torch.no_grad():
        wanted = drawn(make())(pixel_values=prepared(picture, encoder.shape, crop=True), output_hidden_states=True)
    whole = wanted.pooler_output if name == "siglip" else wanted.image_embeds
    for ours, theirs in (
        (seen.last_hidden_state, wanted.last_hidden_state),
        (seen.penultimate_hidden_states, wanted.hidden_states[-2]),
        (seen.image_embeds, whole),
    ):
        assert (ours - theirs).abs().max() < 1e-4


def test_pictures_are_prepared_as_clip_was_trained(library, picture):
    encoder = open_vision_encoder(library, "clip.safetensors")
    ours = prepared((picture * 255).round() / 255, encoder.shape, crop=True)
    processor = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    image = Image.fromarray((picture[0] * 255).round().byte().numpy())
    theirs = processor(image, return_tensors="pt").pixel_values
    # Pillow resizes in whole numbers; a step of eight bits is 0.015 here.
    assert (ours - theirs).abs().max() < 0.032
    assert prepared(picture, encoder.shape, crop=False).shape == (1, 3, 28, 28)


def test_no_vision_encoder(library, folders):
    save_file({"a": torch.ones(1)}, folders.find("clip_vision", "clip.safetensors").with_name("other.safetensors"))
    with pytest.raises(ModelFileError, match="no vision encoder"):
        open_vision_encoder(library, "other.safetensors")


def test_redux(library, folders, picture):
    generator = torch.Generator().manual_seed(6)
    shapes = {
        "redux_up.weight": (96, 64),
        "redux_up.bias": (96,),
        "redux_down.weight": (32, 96),
        "redux_down.bias": (32,),
    }
    state = {name: random_like(shape, generator) for name, shape in shapes.items()}
    folder = folders.find("clip_vision", "clip.safetensors").parents[1] / "style_models"
    save_file(state, folder / "redux.safetensors")
    style = open_style_model(library, "redux.safetensors")
    seen = open_vision_encoder(library, "siglip.safetensors").encode(picture)
    up = seen.last_hidden_state @ state["redux_up.weight"].T + state["redux_up.bias"]
    wanted = (up * torch.sigmoid(up)) @ state["redux_down.weight"].T + state["redux_down.bias"]
    assert torch.allclose(style.tokens(seen), wanted, atol=1e-5)
    applied = style_model_apply(
        conditioning=[[torch.zeros(1, 5, 32), {"guidance": 2.0}]],
        style_model=style,
        clip_vision_output=seen,
        strength=0.5,
        strength_type="multiply",
    )
    assert applied[0][0].shape == (1, 5 + 4, 32)
    assert applied[0][1] == {"guidance": 2.0}
    assert torch.allclose(applied[0][0][:, 5:], wanted * 0.5, atol=1e-5)


def test_style_adapter(library, folders):
    """Against the same layers of torch, put together in the order of the paper."""
    generator = torch.Generator().manual_seed(8)
    shapes = {"style_embedding": (1, 8, 64), "proj": (64, 32)}
    shapes |= {f"{norm}.{part}": (64,) for norm in ("ln_pre", "ln_post") for part in ("weight", "bias")}
    place = "transformer_layes.0."
    shapes |= {f"{place}{norm}.{part}": (64,) for norm in ("ln_1", "ln_2") for part in ("weight", "bias")}
    shapes |= {f"{place}attn.in_proj_weight": (192, 64), f"{place}attn.in_proj_bias": (192,)}
    shapes |= {f"{place}attn.out_proj.weight": (64, 64), f"{place}attn.out_proj.bias": (64,)}
    shapes |= {f"{place}mlp.c_fc.weight": (256, 64), f"{place}mlp.c_fc.bias": (256,)}
    shapes |= {f"{place}mlp.c_proj.weight": (64, 256), f"{place}mlp.c_proj.bias": (64,)}
    state = {name: random_like(shape, generator) for name, shape in shapes.items()}
    folder = folders.find("clip_vision", "clip.safetensors").parents[1] / "style_models"
    save_file(state, folder / "style.safetensors")
    states = torch.randn(1, 5, 64, generator=generator)
    ours = open_style_model(library, "style.safetensors").tokens(SeenPicture(states, states, states[:, 0]))
    normed = nn.functional.layer_norm
    x = torch.cat([states, state["style_embedding"]], dim=1)
    x = normed(x, (64,), state["ln_pre.weight"], state["ln_pre.bias"])
    inner = normed(x, (64,), state[f"{place}ln_1.weight"], state[f"{place}ln_1.bias"])
    query, key, value = (inner @ state[f"{place}attn.in_proj_weight"].T + state[f"{place}attn.in_proj_bias"]).chunk(
        3, -1
    )
    heads = [part.unflatten(-1, (8, 8)).transpose(1, 2) for part in (query, key, value)]
    mixed = (heads[0] @ heads[1].transpose(-1, -2) / 8**0.5).softmax(-1) @ heads[2]
    mixed = mixed.transpose(1, 2).flatten(2)
    x = x + mixed @ state[f"{place}attn.out_proj.weight"].T + state[f"{place}attn.out_proj.bias"]
    inner = normed(x, (64,), state[f"{place}ln_2.weight"], state[f"{place}ln_2.bias"])
    inner = inner @ state[f"{place}mlp.c_fc.weight"].T + state[f"{place}mlp.c_fc.bias"]
    inner = inner * torch.sigmoid(1.702 * inner)
    x = x + inner @ state[f"{place}mlp.c_proj.weight"].T + state[f"{place}mlp.c_proj.bias"]
    wanted = normed(x[:, -8:], (64,), state["ln_post.weight"], state["ln_post.bias"]) @ state["proj"]
    assert torch.allclose(ours, wanted, atol=1e-4)
