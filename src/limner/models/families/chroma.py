"""Chroma: Flux.1 schnell with its modulation replaced by one small network for all blocks; T5 text only, true guidance.

Source: Rock 2025, "Chroma"; the network is diffusers' ChromaTransformer2DModel.
"""

import math
from typing import Any

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_keys import CHROMA as TABLE
from limner.models.parts.flux_pass import LATENT_FORMAT, chroma_inputs, flux_forward
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.flow import FlowParametrization

GUIDE = "distilled_guidance_layer.in_proj.weight"
LAYOUTS = KnownLayouts(
    original=(GUIDE, "img_in.weight", "double_blocks.0.img_attn.qkv.weight"),
    diffusers=(GUIDE, "x_embedder.weight", "single_transformer_blocks.0.proj_mlp.weight"),
    table=lambda layout: TABLE,
    width="img_in.weight",
)


SHIFT = 1.15
"""Logarithm of the factor by which steps move towards noise, as for Flux.1 dev."""

TIMES = 10_000
"""Entries of the table of noise levels."""


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' ChromaTransformer2DModel from shapes under its own names."""
    width, channels = shapes.shape("x_embedder.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    guide, known = shapes.shape(GUIDE)
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0],
        "num_layers": shapes.count("transformer_blocks.{}."),
        "num_single_layers": shapes.count("single_transformer_blocks.{}."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes.shape("context_embedder.weight")[1],
        "axes_dims_rope": (head // 8, head * 7 // 16, head * 7 // 16),
        "approximator_num_channels": known,
        "approximator_hidden_dim": guide,
        "approximator_layers": shapes.count("distilled_guidance_layer.layers.{}."),
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    return transformer_blueprint("ChromaTransformer2DModel", _configuration(found.shapes), found.sources, found.prefix)


CHROMA = Family(
    name="chroma",
    doc="Chroma: Flux-like transformer with T5 text and true guidance, rectified flow, 1024 px.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(math.exp(SHIFT), timestep_scale=1.0, table=TIMES),
    latent_format=LATENT_FORMAT,
    native_size=1024,
    inputs=chroma_inputs,
    forward=flux_forward,
    wide=True,
)
