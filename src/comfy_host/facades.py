"""Fills the bridge: the one place that knows which facade node packs are handed for which of our classes."""

from __future__ import annotations

from typing import Any

import torch

from comfy_host.bridge import Bridge
from comfy_host.clip import CLIP
from comfy_host.patcher import ModelPatcher
from comfy_host.takeover import host_guider, host_sampler
from comfy_host.vae import VAE, Adopted
from limner.models.autoencoder import Autoencoder
from limner.models.model import DiffusionModel
from limner.models.text.encoder import TextEncoder
from limner.nodes.sampling import NoNoise
from limner.nodes.sampling_parts import GuidedModel
from limner.sampling.sampler import Sampler


class EmptyNoise:
    """No noise, as packs expect it: zeros."""

    def __init__(self, native: NoNoise) -> None:
        self.native, self.seed = native, native.seed

    def generate_noise(self, input_latent: dict[str, Any]) -> torch.Tensor:
        """Zeros like the latent's samples."""
        return torch.zeros_like(input_latent["samples"], device="cpu")

    def to_native(self) -> NoNoise:
        """Ours."""
        return self.native


def register(bridge: Bridge) -> None:
    """Registers every facade. ``comfy`` must be importable when values are wrapped, not before."""
    bridge.register(DiffusionModel, ModelPatcher.of)
    bridge.register(TextEncoder, CLIP)
    bridge.register(Autoencoder, VAE)
    bridge.register(Adopted, Adopted.to_host)
    bridge.register(Sampler, host_sampler)
    bridge.register(GuidedModel, lambda guided: host_guider(guided.model, guided.guider))
    bridge.register(NoNoise, EmptyNoise)
