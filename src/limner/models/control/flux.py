"""ControlNet for Flux.1, in the layout of diffusers: of one task, or of several with a number for each (union).

Source: Zhang et al. 2023 on the blocks of Flux; the network is diffusers' FluxControlNetModel.
"""

from typing import Any

import torch

from limner.models.control.control import ControlKind, Residuals, Seen
from limner.models.control.hints import latent_hint
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_pass import picture_tokens
from limner.models.parts.patch_tokens import padded, to_tokens
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint

MARKS = ("controlnet_x_embedder.weight", "controlnet_blocks.0.weight")

MODES = (4, 2, 0, 0, -1, -1, 1, -1)
"""ComfyUI's order of types (pose, depth, soft edges, lines, normals, segments, tiles, repaint) to the union network's
own numbers: 0 lines, 1 tiles, 2 depth, 3 blur, 4 pose, 5 grey, 6 low quality; -1: it was not trained on that."""


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = find_prefix(layout, *MARKS)
    if prefix is None or f"{prefix}pos_embed_input.proj.weight" in layout:
        return None
    inside = layout.under(prefix)
    width, channels = inside.shape("x_embedder.weight")
    head = inside.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    modes = inside.shape("controlnet_mode_embedder.weight")
    configuration = {
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
    return transformer_blueprint("FluxControlNetModel", configuration, as_stored(layout, prefix), prefix)


def _residuals(network: Any, seen: Seen) -> Residuals:
    """What diffusers' FluxControlNetModel gives for a pass."""
    call = seen.call
    tokens, places = picture_tokens(call)
    count = to_tokens(padded(call.x)).shape[1]
    context = call.inputs["context"]
    guided = {"guidance": call.inputs["guidance"]} if network.config.guidance_embeds else {}
    blocks, single = network(
        hidden_states=tokens[:, :count],
        controlnet_cond=to_tokens(padded(seen.hint)),
        controlnet_mode=_mode(network, seen),
        encoder_hidden_states=context,
        pooled_projections=call.inputs["pooled"],
        timestep=call.timestep,
        img_ids=places[:count],
        txt_ids=places.new_zeros(context.shape[1], places.shape[1]),
        return_dict=False,
        **guided,
    )
    return {"double": tuple(blocks or ()), "single": tuple(single or ())}


def _mode(network: Any, seen: Seen) -> Any:
    """The number of the task [n 1], for a union network."""
    if network.config.num_mode is None:
        return None
    chosen = int(seen.settings.get("union_type", -1))
    mode = max(0, MODES[chosen]) if chosen >= 0 else 0
    return torch.full((seen.call.x.shape[0], 1), mode, device=seen.call.x.device)


FLUX = ControlKind(
    name="flux",
    doc="ControlNet for Flux.1, of one task or several.",
    steers=("flux",),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=latent_hint,
)
