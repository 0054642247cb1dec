"""Flux.1 and all of its build: dev, schnell, Fill (384 input channels), Canny and Depth (128), Kontext.

Kontext and dev have the same tensors: any of them takes reference pictures, which Kontext was trained to follow.
Source: Labs 2024, "FLUX.1"; Labs et al. 2025, "FLUX.1 Kontext"; the network is diffusers' FluxTransformer2DModel.
"""

import math
from dataclasses import replace
from typing import Any

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_keys import FLUX as TABLE
from limner.models.parts.flux_pass import EXACT, LATENT_FORMAT, flux_forward, flux_inputs, silent_about_nothing
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.transformer import transformer_blueprint
from limner.models.parts.xlabs_names import with_xlabs_names
from limner.sampling.flow import FlowParametrization
from limner.sampling.parametrization import Parametrization

LAYOUTS = KnownLayouts(
    original=("img_in.weight", "vector_in.in_layer.weight", "single_blocks.0.linear1.weight", "txt_in.weight"),
    diffusers=(
        "proj_out.weight",
        "x_embedder.weight",
        "time_text_embed.text_embedder.linear_1.weight",
        "single_transformer_blocks.0.proj_mlp.weight",
    ),
    table=lambda layout: TABLE,
    width="img_in.weight",
)

SHIFT = 1.15
"""Logarithm of the factor by which steps move towards noise, as trained for 1024 px; schnell was trained without."""

TIMES = 10_000
"""Entries of the table of noise levels."""


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' FluxTransformer2DModel from shapes under its own names."""
    width, channels = shapes.shape("x_embedder.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0],
        "num_layers": shapes.count("transformer_blocks.{}."),
        "num_single_layers": shapes.count("single_transformer_blocks.{}."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes.shape("context_embedder.weight")[1],
        "pooled_projection_dim": shapes.shape("time_text_embed.text_embedder.linear_1.weight")[1],
        "guidance_embeds": shapes.has("time_text_embed.guidance_embedder."),
        "axes_dims_rope": (head // 8, head * 7 // 16, head * 7 // 16),
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    plain = transformer_blueprint("FluxTransformer2DModel", configuration, found.sources, found.prefix)
    blueprint = with_xlabs_names(plain)
    if not configuration["guidance_embeds"]:
        return blueprint
    return replace(blueprint, build=lambda: silent_about_nothing(blueprint.build()))


def _parametrization(layout: Layout) -> Parametrization:
    prefix = LAYOUTS.prefix(layout)
    guided = any(layout.has(f"{prefix}{name}") for name in ("guidance_in.", "time_text_embed.guidance_embedder."))
    return FlowParametrization(math.exp(SHIFT) if guided else 1.0, timestep_scale=1.0, table=TIMES if guided else 1000)


FLUX = Family(
    name="flux",
    doc="Flux.1: transformer with T5 and CLIP ViT-L text, rectified flow, 1024 px; dev, schnell, Fill, Kontext.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=_parametrization,
    latent_format=LATENT_FORMAT,
    native_size=1024,
    inputs=flux_inputs,
    forward=flux_forward,
    exact=EXACT,
    wide=True,
)
