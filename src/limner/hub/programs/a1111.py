"""The Stable Diffusion web UI of AUTOMATIC1111, and Forge and others that kept its folders."""

from pathlib import Path

from limner.hub.program import Installation, Program, present

LAYOUT = {
    "checkpoints": ("models/Stable-diffusion",),
    "loras": ("models/Lora", "models/LyCORIS"),
    "vae": ("models/VAE",),
    "text_encoders": ("models/text_encoder",),
    "upscale_models": ("models/ESRGAN", "models/RealESRGAN", "models/SwinIR", "models/DAT"),
    "embeddings": ("embeddings", "models/embeddings"),
    "hypernetworks": ("models/hypernetworks",),
    "controlnet": ("models/ControlNet", "extensions/sd-webui-controlnet/models"),
    "diffusers": ("models/diffusers",),
    "vae_approx": ("models/VAE-approx",),
    "gligen": ("models/GLIGEN",),
}


def _look(path: Path) -> Installation | None:
    """The installation, its folder ``models``, or a packaged one's folder around it."""
    for root in (path, path.parent, path / "webui", path / "stable-diffusion-webui"):
        if (root / "models" / "Stable-diffusion").is_dir() and (root != path.parent or path.name == "models"):
            return Installation(root, present(root, LAYOUT))
    return None


A1111 = Program("a1111", 10, "AUTOMATIC1111 or Forge", _look)
