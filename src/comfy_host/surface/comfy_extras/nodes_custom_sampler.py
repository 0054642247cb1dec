"""``comfy_extras.nodes_custom_sampler``: nodes as classes, and the objects that make noise."""

import torch

from comfy_host.context import host
from comfy_host.extras import node_class


class Noise_EmptyNoise:
    """No noise."""

    def __init__(self):
        self.seed = 0

    def generate_noise(self, input_latent):
        """Zeros in the latent's shape."""
        return torch.zeros_like(input_latent["samples"], device="cpu")

    def to_native(self):
        """Limner's own."""
        return host().definitions["DisableNoise"].function()


class Noise_RandomNoise:
    """Gaussian noise of a seed."""

    def __init__(self, seed):
        self.seed = seed

    def generate_noise(self, input_latent):
        """Noise in the latent's shape, drawn on the CPU."""
        import comfy.sample

        return comfy.sample.prepare_noise(input_latent["samples"], self.seed, input_latent.get("batch_index"))

    def to_native(self):
        """Limner's own."""
        return host().definitions["RandomNoise"].function(noise_seed=self.seed)


__getattr__ = node_class(__name__)
