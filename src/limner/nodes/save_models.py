"""Models into files, in the layout of single-file checkpoints, with the workflow that made them inside."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from limner.graph.declare import NodeResult, node
from limner.graph.errors import NumericsError
from limner.media.series import Series
from limner.media.weights import save_weights
from limner.models.saving import (
    autoencoder_tensors,
    checkpoint_text_tensors,
    model_metadata,
    model_tensors,
    text_tensors,
    vision_tensors,
)
from limner.nodes.merging import MERGING
from limner.nodes.save import ExtraDocument, FolderService, PromptDocument, document_texts, place
from limner.nodes.sockets import CLIP, CLIP_VISION, MODEL, VAE
from limner.nodes.text import present
from limner.storage.folders import Folders


def _save(folders: Folders, prefix: str, tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> None:
    folder, _, stem = place(folders.output, prefix)
    save_weights(Series(folder, stem), tensors, texts)


def _given(vae: Any) -> Any:
    """The autoencoder.

    Raises:
        NumericsError: if there is none.
    """
    if vae is None:
        raise NumericsError("There is no VAE to save: the file that was loaded holds none. Load one with VAELoader.")
    return vae


@node(name="CheckpointSave", title="Save Checkpoint", category=MERGING, output=True)
def checkpoint_save(
    *,
    model: MODEL,
    clip: CLIP,
    vae: VAE,
    filename_prefix: str = "checkpoints/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a model, its text encoder and its autoencoder as one file, with everything that was merged into them.

    Loaders find it under the output folder. LoRAs become part of the weights.
    """
    tensors = model_tensors(model) | checkpoint_text_tensors(present(clip))
    tensors |= autoencoder_tensors(_given(vae), "first_stage_model.")
    _save(folders, filename_prefix, tensors, model_metadata(model) | document_texts(prompt, extra_pnginfo))
    return NodeResult()


@node(name="ImageOnlyCheckpointSave", title="ImageOnlyCheckpointSave", category=MERGING, output=True)
def image_only_checkpoint_save(
    *,
    model: MODEL,
    clip_vision: CLIP_VISION,
    vae: VAE,
    filename_prefix: str = "checkpoints/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a model that looks at a picture, the network that it looks with, and its autoencoder as one file."""
    tensors = model_tensors(model) | vision_tensors(clip_vision)
    tensors |= autoencoder_tensors(_given(vae), "first_stage_model.")
    _save(folders, filename_prefix, tensors, model_metadata(model) | document_texts(prompt, extra_pnginfo))
    return NodeResult()


@node(name="ModelSave", title="ModelSave", category=MERGING, output=True)
def model_save(
    *,
    model: MODEL,
    filename_prefix: str = "diffusion_models/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves a denoising network alone, with everything that was merged into it."""
    texts = model_metadata(model) | document_texts(prompt, extra_pnginfo)
    _save(folders, filename_prefix, model_tensors(model), texts)
    return NodeResult()


@node(name="CLIPSave", title="CLIPSave", category=MERGING, output=True)
def clip_save(
    *,
    clip: CLIP,
    filename_prefix: str = "clip/ComfyUI",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves each text encoder as a file of its own, with the encoder's name behind the prefix."""
    texts = document_texts(prompt, extra_pnginfo)
    for branch in present(clip).branches:
        _save(folders, f"{filename_prefix}_{branch.name}", text_tensors(branch), texts)
    return NodeResult()


@node(name="VAESave", title="VAESave", category=MERGING, output=True)
def vae_save(
    *,
    vae: VAE,
    filename_prefix: str = "vae/ComfyUI_vae",
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
) -> NodeResult:
    """Saves an autoencoder as a file of its own."""
    _save(folders, filename_prefix, autoencoder_tensors(_given(vae)), document_texts(prompt, extra_pnginfo))
    return NodeResult()
