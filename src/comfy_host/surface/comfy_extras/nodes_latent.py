"""``comfy_extras.nodes_latent``: nodes as classes, and a function that shapes latents alike."""

import torch

from comfy_host.extras import node_class


def reshape_latent_to(target_shape, latent, repeat_batch=True):
    """A latent in the size of another one, its batch repeated."""
    if tuple(latent.shape[1:]) != tuple(target_shape[1:]):
        latent = torch.nn.functional.interpolate(latent, size=tuple(target_shape[2:]), mode="bilinear")
    if not repeat_batch or latent.shape[0] == target_shape[0]:
        return latent
    times = -(-target_shape[0] // latent.shape[0])
    return latent.repeat(times, *(1,) * (latent.ndim - 1))[: target_shape[0]]


__getattr__ = node_class(__name__)
