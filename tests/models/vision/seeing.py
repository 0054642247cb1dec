"""Tiny vision encoders with weights at random."""

import torch
from tests.models.control.test_unet_controls import random_like
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    SiglipVisionConfig,
    SiglipVisionModel,
)

SIZES = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "image_size": 28, "patch_size": 14}


def clip():
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(**SIZES, num_attention_heads=1, projection_dim=48, hidden_act="gelu")
    ).eval()


def siglip():
    return SiglipVisionModel(SiglipVisionConfig(**SIZES, num_attention_heads=1)).eval()


def drawn(module):
    torch.manual_seed(4)
    with torch.no_grad():
        for value in module.parameters():
            value.copy_(1 + 0.1 * torch.randn_like(value) if value.ndim == 1 else random_like(value.shape, None))
    return module
