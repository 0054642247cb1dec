"""What families draw well with, by name.

Sources: their publishers' cards; docs/families.md says which networks are wired how.
"""

from collections.abc import Mapping
from typing import Any

CLIP_TOKENS = 75
"""What CLIP's text encoders read at once, without start and end."""

_SD1: Mapping[str, Any] = {
    "latent": "EmptyLatentImage",
    "multiple": 8,
    "sampler": "dpmpp_2m",
    "schedule": "karras",
    "tokens": CLIP_TOKENS,
}

FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "sd1": {"title": "Stable Diffusion 1", "size": 512, **_SD1},
    "sd2": {"title": "Stable Diffusion 2", "size": 768, **_SD1},
    "sdxl": {"title": "SDXL", "guidance": 6.0, **_SD1},
    "playground": {"title": "Playground 2.5", "guidance": 3.0, **_SD1},
    "kolors": {
        "title": "Kolors",
        "guidance": 5.0,
        **_SD1,
        "tokens": 0,
        "parts": {"texts": ("chatglm3",), "purpose": "kolors", "autoencoder": "sdxl"},
    },
    "sd3": {
        "title": "Stable Diffusion 3",
        "steps": 28,
        "guidance": 4.5,
        "schedule": "sgm_uniform",
        "parts": {"texts": ("clip_l", "clip_g", "t5xxl"), "purpose": "sd3", "autoencoder": "sd3"},
    },
    "flux": {
        "title": "Flux.1",
        "steps": 20,
        "guidance": 3.5,
        "schedule": "simple",
        "negative": False,
        "told": True,
        "parts": {"texts": ("clip_l", "t5xxl"), "purpose": "flux", "autoencoder": "ae"},
    },
    "flux2": {
        "title": "Flux.2",
        "steps": 20,
        "guidance": 4.0,
        "schedule": "simple",
        "negative": False,
        "told": True,
        "latent": "EmptyFlux2LatentImage",
        "shows": True,
        "parts": {"texts": ("mistral",), "purpose": "flux2", "autoencoder": "flux2"},
    },
    "chroma": {
        "title": "Chroma",
        "steps": 26,
        "guidance": 4.0,
        "schedule": "simple",
        "parts": {"texts": ("t5xxl",), "purpose": "chroma", "autoencoder": "ae"},
    },
    "auraflow": {"title": "AuraFlow", "guidance": 3.5, "schedule": "simple", "latent": "EmptyLatentImage"},
    "pixart_alpha": {
        "title": "PixArt alpha",
        "steps": 20,
        "guidance": 4.5,
        "latent": "EmptyLatentImage",
        "parts": {"texts": ("t5xxl",), "purpose": "pixart", "autoencoder": "ema"},
    },
    "pixart_sigma": {
        "title": "PixArt Sigma",
        "steps": 20,
        "guidance": 4.5,
        "latent": "EmptyLatentImage",
        "parts": {"texts": ("t5xxl",), "purpose": "pixart", "autoencoder": "sdxl"},
    },
    "lumina2": {
        "title": "Lumina Image 2",
        "guidance": 4.0,
        "schedule": "simple",
        "parts": {"texts": ("gemma_2",), "purpose": "lumina2", "autoencoder": "ae"},
    },
    "z_image": {
        "title": "Z-Image",
        "steps": 28,
        "guidance": 4.0,
        "schedule": "simple",
        "parts": {"texts": ("qwen_3",), "purpose": "lumina2", "autoencoder": "ae"},
    },
    "qwen_image": {
        "title": "Qwen-Image",
        "size": 1328,
        "steps": 20,
        "guidance": 2.5,
        "schedule": "simple",
        "shows": True,
        "parts": {"texts": ("qwen_2.5_vl",), "purpose": "qwen_image", "autoencoder": "qwen_image"},
    },
    "hidream": {
        "title": "HiDream I1",
        "steps": 28,
        "guidance": 5.0,
        "schedule": "simple",
        "parts": {"texts": ("clip_l", "clip_g", "t5xxl", "llama"), "purpose": "hidream", "autoencoder": "ae"},
    },
    "hunyuan_image": {
        "title": "HunyuanImage 2.1",
        "size": 2048,
        "multiple": 32,
        "steps": 20,
        "guidance": 3.5,
        "schedule": "simple",
        "latent": "EmptyHunyuanImageLatent",
        "parts": {"texts": ("qwen_2.5_vl", "byt5"), "purpose": "hunyuan_image", "autoencoder": "hunyuan_image_2.1"},
    },
}
"""Settings that differ from the usual ones; see FamilySettings."""

FASTER: tuple[tuple[frozenset[str], str, Mapping[str, Any]], ...] = (
    (
        frozenset({"sdxl", "sd2"}),
        "turbo",
        {"size": 512, "steps": 2, "guidance": 1.0, "sampler": "euler_ancestral", "schedule": "normal"},
    ),
    (
        frozenset({"sdxl"}),
        "lightning",
        {"steps": 4, "guidance": 1.0, "sampler": "euler", "schedule": "sgm_uniform"},
    ),
    (
        frozenset({"sd1", "sdxl"}),
        "lcm",
        {"steps": 6, "guidance": 1.5, "sampler": "lcm", "schedule": "sgm_uniform"},
    ),
    (frozenset({"flux"}), "schnell", {"steps": 4}),
    (frozenset({"flux"}), "kontext", {"guidance": 2.5, "shows": True}),
    (frozenset({"flux2"}), "klein", {"steps": 4, "guidance": 1.0}),
    (frozenset({"z_image"}), "turbo", {"steps": 8, "guidance": 1.0}),
    (frozenset({"hidream"}), "fast", {"steps": 16, "guidance": 1.0}),
    (frozenset({"qwen_image"}), "lightning", {"steps": 4, "guidance": 1.0}),
)
"""Families, a word in a file's name, and what it changes: distilled networks look like those that they were made of."""
