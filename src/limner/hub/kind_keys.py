"""Which tensor names tell what a file is, and which folders of hubs mean which kind: facts about published files."""

from collections.abc import Mapping

FOLDERS: Mapping[str, str] = {
    "checkpoints": "checkpoints",
    "checkpoint": "checkpoints",
    "all_in_one": "checkpoints",
    "diffusion_models": "diffusion_models",
    "diffusion_model": "diffusion_models",
    "unet": "diffusion_models",
    "transformer": "diffusion_models",
    "text_encoders": "text_encoders",
    "text_encoder": "text_encoders",
    "text_encoder_2": "text_encoders",
    "text_encoder_3": "text_encoders",
    "clip": "text_encoders",
    "vae": "vae",
    "vae_approx": "vae_approx",
    "loras": "loras",
    "lora": "loras",
    "controlnet": "controlnet",
    "controlnets": "controlnet",
    "t2i_adapter": "controlnet",
    "clip_vision": "clip_vision",
    "image_encoder": "clip_vision",
    "style_models": "style_models",
    "ipadapter": "ipadapter",
    "ipadapters": "ipadapter",
    "ip_adapter": "ipadapter",
    "ip-adapter": "ipadapter",
    "embeddings": "embeddings",
    "upscale_models": "upscale_models",
    "latent_upscale_models": "latent_upscale_models",
    "model_patches": "model_patches",
    "audio_encoders": "audio_encoders",
    "hypernetworks": "hypernetworks",
    "photomaker": "photomaker",
    "gligen": "gligen",
    "background_removal": "background_removal",
    "detection": "detection",
    "frame_interpolation": "frame_interpolation",
    "geometry_estimation": "geometry_estimation",
    "optical_flow": "optical_flow",
}
"""A folder in a repository, and the kind of the files in it."""

LANGUAGE_MODELS: frozenset[str] = frozenset(
    {
        *("t5", "t5encoder", "umt5", "llama", "clip", "bert", "gemma", "gemma2", "gemma3", "qwen2", "qwen2vl"),
        *("qwen3", "qwen3vl", "mistral", "mistral3", "chatglm"),
    }
)
"""Architectures of GGUF files that hold text encoders; all others that picture programs use are diffusion models."""

CIVITAI: Mapping[str, str] = {
    "Checkpoint": "checkpoints",
    "TextualInversion": "embeddings",
    "Hypernetwork": "hypernetworks",
    "LORA": "loras",
    "LoCon": "loras",
    "DoRA": "loras",
    "Controlnet": "controlnet",
    "Upscaler": "upscale_models",
    "VAE": "vae",
    "Detection": "detection",
}
"""Types of models as CivitAI names them."""
