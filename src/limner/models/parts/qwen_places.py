"""The places of tokens in Qwen-Image's networks: tables that are neither weights nor buffers, so no file gives them."""

from collections.abc import Sequence

import torch
from torch import nn

PERIOD = 10_000


def with_places(network: nn.Module, axes: Sequence[int]) -> nn.Module:
    """A network that was built without memory, with its tables of places in memory."""
    from diffusers.models.transformers.transformer_qwenimage import QwenEmbedRope

    with torch.device("cpu"):
        places = QwenEmbedRope(PERIOD, list(axes), scale_rope=True)
    network.register_module("pos_embed", places)
    return network
