"""ControlNet for Qwen-Image, of one task or several, and for inpainting, which sees a mask besides.

One of several tasks (union) tells them apart by itself.
Source: Zhang et al. 2023 on the blocks of Qwen-Image; the network is diffusers' QwenImageControlNetModel.
"""

from dataclasses import replace
from typing import Any

from torch import Tensor

from limner.models.control.control import ControlKind, HintRequest, Residuals, Seen, still
from limner.models.control.hints import inpainting_hint, latent_hint
from limner.models.control.spreading import beside, in_stretches
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.patch_tokens import SIDE, padded, to_tokens
from limner.models.parts.qwen_places import with_places
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint

MARKS = ("controlnet_x_embedder.weight", "controlnet_blocks.0.weight", "txt_norm.weight", "img_in.weight")


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = find_prefix(layout, *MARKS)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    width, channels = inside.shape("img_in.weight")
    head = inside.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    axes = (head // 8, head * 7 // 16, head * 7 // 16)
    configuration = {
        "in_channels": channels,
        "num_layers": inside.count("transformer_blocks.{}."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": inside.shape("txt_in.weight")[1],
        "axes_dims_rope": axes,
        "extra_condition_channels": inside.shape("controlnet_x_embedder.weight")[1] - channels,
    }
    blueprint = transformer_blueprint("QwenImageControlNetModel", configuration, as_stored(layout, prefix), prefix)
    return replace(blueprint, build=lambda: with_places(blueprint.build(), axes))


def _residuals(network: Any, seen: Seen) -> Residuals:
    """What diffusers' QwenImageControlNetModel gives for a pass."""
    call = seen.call
    whole = padded(still(call.x))
    tokens = to_tokens(whole)
    samples = network(
        hidden_states=tokens,
        controlnet_cond=to_tokens(padded(seen.hint)),
        encoder_hidden_states=call.inputs["context"],
        timestep=call.timestep,
        img_shapes=[[(1, whole.shape[-2] // SIDE, whole.shape[-1] // SIDE)]] * len(tokens),
        return_dict=False,
    )
    further = call.inputs["reference"].shape[1] if "reference" in call.inputs else 0
    return {"double": beside(in_stretches(samples, len(seen.base.transformer_blocks)), further)}


def _hint(request: HintRequest) -> Tensor:
    return inpainting_hint(request) if request.facts.get("extra_condition_channels") else latent_hint(request)


QWEN_IMAGE = ControlKind(
    name="qwen_image",
    doc="ControlNet for Qwen-Image, of one task or several, or for inpainting.",
    steers=("qwen_image",),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=_hint,
)
