"""Adapters as patches of weights by name."""

from __future__ import annotations

import logging

from comfy_host.lora_files import load_lora, model_lora_keys_clip, model_lora_keys_unet
from comfy_host.missing import absent
from comfy_host.weights import calculate_weight

LORA_CLIP_MAP = {
    "mlp.fc1": "mlp_fc1",
    "mlp.fc2": "mlp_fc2",
    "self_attn.k_proj": "self_attn_k_proj",
    "self_attn.q_proj": "self_attn_q_proj",
    "self_attn.v_proj": "self_attn_v_proj",
    "self_attn.out_proj": "self_attn_out_proj",
}


def pad_tensor_to_shape(tensor, new_shape):
    """A tensor in the corner of a larger one of zeros."""
    padded = tensor.new_zeros(new_shape)
    padded[tuple(slice(0, side) for side in tensor.shape)] = tensor
    return padded


def log_missing(names):
    """Says which tensors had no place."""
    for name in names:
        logging.getLogger(__name__).warning("lora key not loaded: %s", name)


__getattr__ = absent(__name__)
