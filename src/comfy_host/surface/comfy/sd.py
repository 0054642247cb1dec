"""Models from files, text encoders and autoencoders as packs use them."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import comfy.lora
import comfy.utils
from comfy.model_patcher import ModelPatcher
from comfy_host import context
from comfy_host.clip import CLIP
from comfy_host.missing import absent
from comfy_host.vae import VAE
from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile


class CLIPType(Enum):
    """What a text encoder is for."""

    STABLE_DIFFUSION = 1
    STABLE_CASCADE = 2
    SD3 = 3
    STABLE_AUDIO = 4
    HUNYUAN_DIT = 5
    FLUX = 6
    MOCHI = 7
    LTXV = 8
    HUNYUAN_VIDEO = 9
    PIXART = 10
    COSMOS = 11
    LUMINA2 = 12
    WAN = 13
    HIDREAM = 14
    CHROMA = 15
    ACE = 16
    OMNIGEN2 = 17
    QWEN_IMAGE = 18
    HUNYUAN_IMAGE = 19


class TEModel(Enum):
    """Kinds of text encoders."""

    CLIP_L = 1
    CLIP_H = 2
    CLIP_G = 3
    T5_XXL = 4
    T5_XL = 5
    T5_BASE = 6
    LLAMA3_8 = 7


def _checkpoint(file, output_vae=True, output_clip=True, output_model=True, model_options=None):
    found = context.host().library.checkpoint_in(file)
    model = ModelPatcher.of(found.model) if output_model else None
    if model is not None:
        model.model_options = {**model.model_options, **_options(model_options)}
    clip = CLIP(found.clip) if output_clip and found.clip is not None else None
    return model, clip, VAE(found.vae) if output_vae and found.vae is not None else None, None


def _options(model_options):
    """Those that sampling reads; types and operations are the worker's to choose."""
    known = ("dtype", "custom_operations", "fp8_optimizations", "weight_dtype", "load_device", "initial_device")
    return {name: value for name, value in (model_options or {}).items() if name not in known}


def load_checkpoint_guess_config(
    ckpt_path,
    output_vae=True,
    output_clip=True,
    output_clipvision=False,
    embedding_directory=None,
    output_model=True,
    model_options={},
    te_model_options={},
):
    """(model, clip, vae, clip vision) of a checkpoint; what it lacks is None."""
    return _checkpoint(ModelFile.open(Path(ckpt_path)), output_vae, output_clip, output_model, model_options)


def load_checkpoint(config_path=None, ckpt_path=None, output_vae=True, output_clip=True, **_):
    """(model, clip, vae) of a checkpoint; what a configuration file would say is read off the tensors."""
    return load_checkpoint_guess_config(ckpt_path, output_vae, output_clip)[:3]


def load_state_dict_guess_config(
    sd,
    output_vae=True,
    output_clip=True,
    output_clipvision=False,
    embedding_directory=None,
    output_model=True,
    model_options={},
    te_model_options={},
    metadata=None,
):
    """The same of tensors by name; None if they are no checkpoint."""
    try:
        return _checkpoint(ModelFile.of(sd, "a checkpoint of a node pack"), output_vae, output_clip, output_model)
    except ModelFileError:
        return None


def load_diffusion_model(unet_path, model_options={}):
    """A denoising network in a file of its own."""
    model = ModelPatcher.of(context.host().library.diffusion_model_in(ModelFile.open(Path(unet_path))))
    model.model_options = {**model.model_options, **_options(model_options)}
    return model


def load_diffusion_model_state_dict(sd, model_options={}, metadata=None):
    """The same of tensors by name; None if they are none."""
    try:
        native = context.host().library.diffusion_model_in(ModelFile.of(sd, "a network of a node pack"))
    except ModelFileError:
        return None
    return ModelPatcher.of(native)


def load_unet(unet_path, dtype=None):
    """A denoising network in a file of its own."""
    return load_diffusion_model(unet_path)


def load_unet_state_dict(sd, dtype=None):
    """The same of tensors by name."""
    return load_diffusion_model_state_dict(sd)


def load_clip(ckpt_paths, embedding_directory=None, clip_type=CLIPType.STABLE_DIFFUSION, model_options={}):
    """A text encoder of one file, or of two that belong together."""
    files = [ModelFile.open(Path(path)) for path in ckpt_paths]
    return CLIP(context.host().library.text_encoder_in(files))


def load_text_encoder_state_dicts(
    state_dicts=[], embedding_directory=None, clip_type=CLIPType.STABLE_DIFFUSION, model_options={}
):
    """The same of tensors by name."""
    files = [ModelFile.of(sd, f"text encoder {place} of a node pack") for place, sd in enumerate(state_dicts)]
    return CLIP(context.host().library.text_encoder_in(files))


def load_lora_for_models(model, clip, lora, strength_model, strength_clip):
    """(model, clip) with a LoRA, given as tensors by name."""
    names = {}
    if model is not None:
        names = comfy.lora.model_lora_keys_unet(model.model, names)
    if clip is not None:
        names = comfy.lora.model_lora_keys_clip(clip.cond_stage_model, names)
    layers = comfy.lora.load_lora(lora, names)
    changed, read = None, None
    if model is not None:
        changed = model.clone()
        changed.add_patches(layers, strength_model)
    if clip is not None:
        read = clip.clone()
        read.add_patches(layers, strength_clip)
    return changed, read


class StyleModel:
    """A style model, for packs that ask whether something is one; Limner's own are loaded by its nodes."""


def _later(what):
    def load(*_, **__):
        raise ModelFileError(f"comfy.sd.{what}: Limner does not load models of this kind yet.")

    return load


load_style_model = _later("load_style_model")
load_gligen = _later("load_gligen")


def save_checkpoint(output_path, model, clip=None, vae=None, clip_vision=None, metadata=None, extra_keys={}):
    """Writes a checkpoint: the network with its patches under original names, the text encoders, the autoencoder."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict_for_saving().items()}
    if clip is not None:
        tensors |= {f"text_encoders.{name}": tensor for name, tensor in clip.get_sd().items()}
    if vae is not None:
        sources = vae.native.network.blueprint.keys
        tensors |= {sources[name].names[0]: tensor for name, tensor in vae.get_sd().items()}
    comfy.utils.save_torch_file({**tensors, **extra_keys}, output_path, metadata=metadata)


__getattr__ = absent(__name__)
