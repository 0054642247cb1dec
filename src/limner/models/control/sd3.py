"""ControlNet for Stable Diffusion 3 and 3.5, in the layout of diffusers: with text, without, and for inpainting.

Source: Zhang et al. 2023 on the blocks of SD3; the network is diffusers' SD3ControlNetModel.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from limner.models.control.control import ControlKind, HintRequest, Residuals, Seen
from limner.models.control.hints import inpainting_hint, latent_hint
from limner.models.control.spreading import in_proportion
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.patch_tokens import padded
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint

HEAD = 64


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = find_prefix(layout, "pos_embed_input.proj.weight", "controlnet_blocks.0.weight")
    if prefix is None or f"{prefix}controlnet_x_embedder.weight" in layout:
        return None
    inside = layout.under(prefix)
    width, seen, side, _ = inside.shape("pos_embed_input.proj.weight")
    placed = inside.shape("pos_embed.proj.weight")
    channels = placed[1] if placed else seen
    text = inside.shape("context_embedder.weight")
    head = (inside.shape("transformer_blocks.0.attn.norm_q.weight") or (HEAD,))[0]
    configuration = {
        "patch_size": side,
        "in_channels": channels,
        "num_layers": inside.count("transformer_blocks.{}."),
        "attention_head_dim": min(head, width),
        "num_attention_heads": max(1, width // head),
        "joint_attention_dim": text[1] if text else None,
        "caption_projection_dim": text[0] if text else width,
        "pooled_projection_dim": inside.shape("time_text_embed.text_embedder.linear_1.weight")[1],
        "pos_embed_max_size": round(inside.shape("pos_embed.pos_embed")[1] ** 0.5) if placed else None,
        "extra_conditioning_channels": seen - channels,
        "use_pos_embed": bool(placed),
        "pos_embed_type": "sincos" if placed else None,
        "qk_norm": "rms_norm" if "transformer_blocks.0.attn.norm_q.weight" in inside else None,
    }
    kept = {key: value for key, value in configuration.items() if value is not None or key in _NONE_MEANS}
    return transformer_blueprint("SD3ControlNetModel", kept, as_stored(layout, prefix), prefix)


_NONE_MEANS = frozenset({"joint_attention_dim", "pos_embed_type", "qk_norm"})
"""Arguments whose None says something."""


def _residuals(network: Any, seen: Seen) -> Residuals:
    """What diffusers' SD3ControlNetModel gives for a pass."""
    call = seen.call
    texted = network.context_embedder is not None
    pooled, x = call.inputs["pooled"], padded(call.x)
    blocks = network(
        # Without places of its own it takes those of the network that it steers.
        hidden_states=x if network.pos_embed is not None else seen.base.pos_embed(x),
        controlnet_cond=padded(seen.hint),
        encoder_hidden_states=call.inputs["context"] if texted else None,
        # Those with text were trained without the pooled one.
        pooled_projections=torch.zeros_like(pooled) if texted else pooled,
        timestep=call.timestep,
        return_dict=False,
    )[0]
    return {"double": in_proportion(blocks, len(seen.base.transformer_blocks))}


def _hint(request: HintRequest) -> Tensor:
    """A latent; those with text were trained on latents without the shift."""
    texted = bool(request.facts.get("joint_attention_dim"))
    layout = replace(request.latent_format, shift=0.0) if texted else request.latent_format
    scaled = replace(request, latent_format=layout)
    return inpainting_hint(scaled) if request.facts.get("extra_conditioning_channels") else latent_hint(scaled)


SD3 = ControlKind(
    name="sd3",
    doc="ControlNet for Stable Diffusion 3 and 3.5.",
    steers=("sd3",),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=_hint,
)
