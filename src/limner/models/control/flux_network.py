"""Control networks of Flux.1 as diffusers has them: their configuration from shapes, and how they are called."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.control.control import Residuals, Seen
from limner.models.control.spreading import Spread, beside, in_stretches
from limner.models.load.layout import Layout
from limner.models.parts.flux_pass import GUIDANCE, silent_about_nothing
from limner.models.parts.patch_tokens import SIDE, grid_places, padded, to_tokens

Spreading = Callable[[Sequence[Tensor], int], Spread]


def flux_control_configuration(inside: Layout) -> dict[str, Any]:
    """Arguments of diffusers' FluxControlNetModel from shapes under its own names."""
    width, channels = inside.shape("x_embedder.weight")
    head = inside.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    modes = inside.shape("controlnet_mode_embedder.weight")
    return {
        "in_channels": channels,
        "num_layers": inside.count("transformer_blocks.{}."),
        "num_single_layers": inside.count("single_transformer_blocks.{}."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": inside.shape("context_embedder.weight")[1],
        "pooled_projection_dim": inside.shape("time_text_embed.text_embedder.linear_1.weight")[1],
        "guidance_embeds": inside.has("time_text_embed.guidance_embedder."),
        "axes_dims_rope": (head // 8, head * 7 // 16, head * 7 // 16),
        "num_mode": modes[0] if modes else None,
    }


def silent(network: nn.Module) -> nn.Module:
    """The network, adding nothing where it is told no guidance; see ``silent_about_nothing``."""
    return silent_about_nothing(network) if network.config.guidance_embeds else network  # type: ignore[union-attr]


def flux_control_residuals(
    network: Any, seen: Seen, looked_at: Tensor, mode: Tensor | None = None, spread: Spreading = in_stretches
) -> Residuals:
    """What diffusers' FluxControlNetModel gives for a pass.

    Args:
        network: It.
        seen: The pass. Further channels and reference pictures are no business of control networks.
        looked_at: Its picture, as the network wants it.
        mode: The number of the task [n 1], for a union network.
        spread: How its double blocks stand for those of the network that is steered.
    """
    call, base = seen.call, seen.base
    whole, context = padded(call.x), call.inputs["context"]
    tokens = to_tokens(whole)
    places = grid_places(whole.shape[-2] // SIDE, whole.shape[-1] // SIDE).to(tokens.device)
    double, single = network(
        hidden_states=tokens,
        controlnet_cond=looked_at,
        controlnet_mode=mode,
        encoder_hidden_states=context,
        pooled_projections=call.inputs["pooled"],
        timestep=call.timestep,
        img_ids=places,
        txt_ids=places.new_zeros(context.shape[1], places.shape[1]),
        guidance=_guidance(network, seen),
        return_dict=False,
    )
    further = call.inputs["reference"].shape[1] if "reference" in call.inputs else 0
    return {
        "double": beside(spread(double or (), len(base.transformer_blocks)), further),
        "single": beside(in_stretches(single or (), len(base.single_transformer_blocks)), further),
    }


def _guidance(network: Any, seen: Seen) -> Tensor | None:
    """The guidance [n]. A control network may know one where the network that it steers (schnell) knows none."""
    if not network.config.guidance_embeds:
        return None
    call = seen.call
    told = call.inputs.get("guidance")
    return torch.full_like(call.timestep, GUIDANCE) if told is None else told
