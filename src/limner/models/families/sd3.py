"""Stable Diffusion 3 and 3.5: two streams of tokens, text and picture, joined in every attention.

Medium and large differ in widths only; 3.5 medium has a second attention over the picture alone in its first layers.
Source: Esser et al. 2024, "Scaling rectified flow transformers"; the network is diffusers' SD3Transformer2DModel.
"""

from typing import Any

from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.patch_tokens import padded
from limner.models.parts.sd3_keys import sd3_table
from limner.models.parts.text_tokens import pooled_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

LAYOUTS = KnownLayouts(
    original=(
        "pos_embed",
        "x_embedder.proj.weight",
        "joint_blocks.0.x_block.attn.qkv.weight",
        "final_layer.linear.weight",
    ),
    diffusers=(
        "pos_embed.pos_embed",
        "proj_out.weight",
        "transformer_blocks.0.norm1_context.linear.weight",
        "time_text_embed.text_embedder.linear_1.weight",
    ),
    table=lambda layout: sd3_table(layout.count("joint_blocks.{}.") or layout.count("transformer_blocks.{}.")),
)

HEAD = 64
"""Width of a head where no norm states it."""

SHIFT = 3.0


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' SD3Transformer2DModel from shapes under its own names."""
    width, channels, side, _ = shapes.shape("pos_embed.proj.weight")
    layers = shapes.count("transformer_blocks.{}.")
    head = (shapes.shape("transformer_blocks.0.attn.norm_q.weight") or (HEAD,))[0]
    text = shapes.shape("context_embedder.weight")
    twice = [layer for layer in range(layers) if f"transformer_blocks.{layer}.attn2.to_q.weight" in shapes]
    return {
        "patch_size": side,
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // side**2,
        "num_layers": layers,
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": text[1],
        "caption_projection_dim": text[0],
        "pooled_projection_dim": shapes.shape("time_text_embed.text_embedder.linear_1.weight")[1],
        "pos_embed_max_size": round(shapes.shape("pos_embed.pos_embed")[1] ** 0.5),
        "dual_attention_layers": tuple(twice),
        "qk_norm": "rms_norm" if "transformer_blocks.0.attn.norm_q.weight" in shapes else None,
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    return transformer_blueprint("SD3Transformer2DModel", _configuration(found.shapes), found.sources, found.prefix)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d], ``pooled`` [1 p]. Padding is no secret to this network: it is part of the text."""
    width = int(str(request.facts["pooled_projection_dim"]))
    return {"context": request.context, "pooled": pooled_text(request, width)}


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' SD3Transformer2DModel."""
    height, width = call.x.shape[-2:]
    output = network(
        hidden_states=padded(call.x),
        encoder_hidden_states=call.inputs["context"],
        pooled_projections=call.inputs["pooled"],
        block_controlnet_hidden_states=list(call.control.get("double", ())) or None,
        timestep=call.timestep,
        return_dict=False,
    )[0]
    return output[..., :height, :width]


SD3 = Family(
    name="sd3",
    doc="Stable Diffusion 3 and 3.5: transformer with CLIP ViT-L and bigG and T5 text, rectified flow, 1024 px.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(
        channels=16,
        scale=1.5305,
        shift=0.0609,
    ),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
