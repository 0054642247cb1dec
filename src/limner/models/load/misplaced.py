"""Files of one kind of model where another is asked for: what they are, and what to do with them."""

from limner.models.load.model_file import ModelFile
from limner.storage.tensor_marks import kind_of_tensors

LOADERS = {
    "checkpoints": ("a checkpoint", "CheckpointLoaderSimple"),
    "clip_vision": ("a vision encoder", "CLIPVisionLoader"),
    "controlnet": ("a control network", "ControlNetLoader"),
    "diffusion_models": ("a denoising network without text encoder and autoencoder", "UNETLoader"),
    "embeddings": ("a learned embedding", "embedding:NAME in a prompt"),
    "gligen": ("a GLIGEN file", "GLIGENLoader"),
    "hypernetworks": ("a hypernetwork", "HypernetworkLoader"),
    "ipadapter": ("an IP-Adapter", "LoadIPAdapter"),
    "latent_upscale_models": ("an upscaler of latents", "LatentUpscaleModelLoader"),
    "loras": ("a LoRA or its kin", "LoraLoader"),
    "model_patches": ("a model patch", "ModelPatchLoader"),
    "style_models": ("a style model", "StyleModelLoader"),
    "text_encoders": ("a text encoder", "CLIPLoader"),
    "upscale_models": ("an upscaler", "UpscaleModelLoader"),
    "vae": ("an autoencoder", "VAELoader"),
}
"""What files of a kind are called, and what loads them."""


def advice(file: ModelFile, wanted: str) -> str:
    """A sentence about a file that cannot be loaded as one of the wanted kind; empty: nothing is known of it."""
    kind = kind_of_tensors(file.tensors)
    if kind == wanted or kind not in LOADERS:
        return ""
    what, loader = LOADERS[kind]
    return f" It looks like {what}: put it into {kind}, and load it with {loader}."
