"""Merging, multiplying and saving, on the built-in model."""

import json

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.nodes.attention_weights import (
    clip_attention_multiply,
    model_compute_dtype,
    unet_cross_attention_multiply,
    unet_self_attention_multiply,
    unet_temporal_attention_multiply,
)
from limner.nodes.merging import (
    MODEL_MERGE_BLOCKS,
    MODEL_MERGE_SD1,
    clip_merge_add,
    clip_merge_simple,
    clip_merge_subtract,
    model_merge_add,
    model_merge_simple,
    model_merge_subtract,
)
from limner.nodes.save_models import checkpoint_save, clip_save, model_save, vae_save
from limner.storage.builtin import builtin_models
from limner.storage.folders import Folders

NAME = "limner-mini.safetensors"
FIRST, QUERY = "conv_in.weight", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight"


@pytest.fixture
def library(tmp_path):
    folders = Folders.under(tmp_path, builtin=builtin_models())
    folders.create()
    return ModelLibrary(folders)


@pytest.fixture
def mini(library):
    return library.checkpoint(NAME)


def _weights(network):
    with network.lease() as loaded:
        return {name: weight.clone() for name, weight in loaded.named_parameters()}


def test_sums_and_differences(mini):
    plain = _weights(mini.model.network)[FIRST]
    half = model_merge_simple(model1=mini.model, model2=mini.model, ratio=0.5)
    assert torch.allclose(_weights(half.network)[FIRST], plain)
    nothing = model_merge_subtract(model1=mini.model, model2=mini.model, multiplier=2.0)
    assert not _weights(nothing.network)[FIRST].any()
    assert torch.equal(_weights(model_merge_add(model1=mini.model, model2=nothing).network)[FIRST], plain)
    assert model_merge_simple(model1=mini.model, model2=nothing, ratio=1.0).network.changes == {}


def test_shares_by_block(mini):
    nothing = model_merge_subtract(model1=mini.model, model2=mini.model)
    plain = _weights(mini.model.network)
    shares = {"input": 0.5, "middle": 1.0, "out": 0.25}
    mixed = _weights(MODEL_MERGE_BLOCKS(model1=mini.model, model2=nothing, **shares).network)
    assert torch.allclose(mixed[FIRST], plain[FIRST] * 0.5)
    assert torch.equal(mixed["mid_block.resnets.0.conv1.weight"], plain["mid_block.resnets.0.conv1.weight"])
    assert torch.allclose(mixed["conv_out.weight"], plain["conv_out.weight"] * 0.25)
    assert torch.allclose(mixed["time_embedding.linear_1.weight"], plain["time_embedding.linear_1.weight"] * 0.5)
    inputs = [entry.name for entry in MODEL_MERGE_SD1.type.inputs[2:]]
    detailed = MODEL_MERGE_SD1(
        model1=mini.model, model2=nothing, **{name: float(name == "input_blocks.0.") for name in inputs}
    )
    assert torch.equal(_weights(detailed.network)[FIRST], plain[FIRST])
    assert not _weights(detailed.network)["conv_out.weight"].any()


def test_text_encoders_merge_and_stay_of_their_files_type(mini):
    texts = clip_merge_simple(clip1=mini.clip, clip2=mini.clip, ratio=0.3)
    nothing = clip_merge_subtract(clip1=mini.clip, clip2=mini.clip)
    whole = clip_merge_add(clip1=nothing, clip2=mini.clip)
    name = "text.encoder.layers.0.mlp.fc1.weight"
    plain = _weights(mini.clip.branches[0].network)[name]
    assert torch.equal(_weights(whole.branches[0].network)[name], plain)
    assert torch.allclose(_weights(texts.branches[0].network)[name], plain, atol=1e-3)
    assert torch.equal(whole.encode("a red apple")[0][0], mini.clip.encode("a red apple")[0][0])
    with pytest.raises(NumericsError, match="clip input is invalid"):
        clip_merge_add(clip1=None, clip2=mini.clip)


def test_attention_is_multiplied_layer_by_layer(mini):
    plain = _weights(mini.model.network)
    one = _weights(unet_self_attention_multiply(model=mini.model, q=2.0).network)
    assert torch.equal(one[QUERY], plain[QUERY] * 2)
    crossed = QUERY.replace("attn1", "attn2")
    assert torch.equal(one[crossed], plain[crossed])
    two = _weights(unet_cross_attention_multiply(model=mini.model, out=0.5).network)
    out = crossed.replace("to_q.weight", "to_out.0.bias")
    assert torch.equal(two[out], plain[out] * 0.5)
    clip = clip_attention_multiply(clip=mini.clip, v=0.0)
    assert not _weights(clip.branches[0].network)["text.encoder.layers.0.self_attn.v_proj.bias"].any()
    assert clip_attention_multiply(clip=mini.clip).branches[0].network is mini.clip.branches[0].network


def test_compute_dtype(mini):
    assert model_compute_dtype(model=mini.model, dtype="default") is mini.model
    assert model_compute_dtype(model=mini.model, dtype="bf16").network.dtype is torch.bfloat16


def test_a_saved_checkpoint_is_found_and_equal(library, mini):
    merged = model_merge_simple(
        model1=mini.model, model2=unet_self_attention_multiply(model=mini.model, k=0.5), ratio=0.3
    )
    document = {"1": {"class_type": "CheckpointSave"}}
    checkpoint_save(
        model=merged,
        clip=mini.clip,
        vae=mini.vae,
        prompt=document,
        extra_pnginfo={"workflow": {"nodes": []}},
        folders=library.folders,
    )
    file = ModelFile.open(library.folders.output / "checkpoints" / "ComfyUI_00001_.safetensors")
    assert json.loads(file.metadata["prompt"]) == document
    assert json.loads(file.metadata["workflow"]) == {"nodes": []}
    again = library.checkpoint("ComfyUI_00001_.safetensors")
    assert again.model.native_size == mini.model.native_size
    assert again.model.parametrization == merged.parametrization
    for mine, theirs in (
        (merged.network, again.model.network),
        (mini.clip.branches[0].network, again.clip.branches[0].network),
        (mini.vae.network, again.vae.network),
    ):
        first, second = _weights(mine), _weights(theirs)
        assert all(torch.equal(first[name], second[name]) for name in first)


def test_parts_are_saved_where_their_loaders_look(library, mini):
    folders = library.folders
    vae_save(vae=mini.vae, folders=folders)
    clip_save(clip=mini.clip, folders=folders)
    model_save(model=mini.model, folders=folders)
    assert library.autoencoder("ComfyUI_vae_00001_.safetensors").downscale == mini.vae.downscale
    assert library.text_encoder("ComfyUI_clip_l_00001_.safetensors").branches[0].name == "clip_l"
    assert library.diffusion_model("ComfyUI_00001_.safetensors").family is mini.model.family
    vae_save(vae=mini.vae, folders=folders)
    assert sorted(path.name for path in (folders.output / "vae").iterdir()) == [
        "ComfyUI_vae_00001_.safetensors",
        "ComfyUI_vae_00002_.safetensors",
    ]
    with pytest.raises(NumericsError, match="no VAE"):
        vae_save(vae=None, folders=folders)


def test_what_attention_adds_within_and_between_frames_is_multiplied_apart(mini):
    plain = _weights(mini.model.network)
    changed = _weights(
        unet_temporal_attention_multiply(
            model=mini.model, self_structural=0.5, self_temporal=7.0, cross_temporal=9.0
        ).network
    )
    out = QUERY.replace("to_q", "to_out.0")
    assert torch.equal(changed[out], plain[out] * 0.5)
    assert torch.equal(changed[out.replace("weight", "bias")], plain[out.replace("weight", "bias")] * 0.5)
    assert torch.equal(changed[QUERY], plain[QUERY])
    assert torch.equal(changed[out.replace("attn1", "attn2")], plain[out.replace("attn1", "attn2")])
