"""Lumina Image 2.0: one stream of text and picture, refined apart before they are joined; text by Gemma 2.

Source: Qin et al. 2025, "Lumina-Image 2.0"; the network is diffusers' Lumina2Transformer2DModel. It counts time from
noise to picture and predicts picture minus noise, so both are turned round here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_pass import LATENT_FORMAT
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.lumina_keys import LUMINA2 as TABLE
from limner.models.parts.patch_tokens import SIDE, padded
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.flow import FlowParametrization

LAYOUTS = KnownLayouts(
    original=("cap_embedder.1.weight", "x_embedder.weight", "noise_refiner.0.attention.qkv.weight"),
    diffusers=("time_caption_embed.caption_embedder.1.weight", "x_embedder.weight", "noise_refiner.0.attn.to_q.weight"),
    table=lambda layout: TABLE,
    width="x_embedder.weight",
)
PADDING = "x_pad_token"
"""What networks of this layout that belong to Z-Image have besides."""

AXES = 3
LENGTHS = (1024, 1024, 1024)
"""Greatest numbers of text tokens, rows and columns that places are computed for."""

SHIFT = 6.0


def _recognise(layout: Layout) -> bool:
    prefix = LAYOUTS.prefix(layout)
    return prefix is not None and prefix + PADDING not in layout


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' Lumina2Transformer2DModel from shapes under its own names."""
    width, patch = shapes.shape("x_embedder.weight")
    head = shapes.shape("layers.0.attn.norm_q.weight")[0]
    hidden = shapes.shape("layers.0.feed_forward.linear_1.weight")[0]
    return {
        "patch_size": SIDE,
        "in_channels": patch // SIDE**2,
        "hidden_size": width,
        "num_layers": shapes.count("layers.{}."),
        "num_refiner_layers": shapes.count("noise_refiner.{}."),
        "num_attention_heads": width // head,
        "num_kv_heads": shapes.shape("layers.0.attn.to_k.weight")[0] // head,
        "multiple_of": 1,
        "ffn_dim_multiplier": (hidden + 0.5) / (4 * width),  # the network rounds it down
        "axes_dim_rope": (head // AXES,) * AXES,
        "axes_lens": LENGTHS,
        "cap_feat_dim": shapes.shape("time_caption_embed.caption_embedder.1.weight")[1],
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    blueprint = transformer_blueprint("Lumina2Transformer2DModel", configuration, found.sources, found.prefix)
    return replace(blueprint, build=lambda: _with_places(blueprint.build(), configuration))


def _with_places(network: nn.Module, configuration: Mapping[str, Any]) -> nn.Module:
    """The network with its tables of places in memory: they are neither weights nor buffers, so no file gives them."""
    from diffusers.models.transformers.transformer_lumina2 import Lumina2RotaryPosEmbed

    with torch.device("cpu"):
        places = Lumina2RotaryPosEmbed(10_000, configuration["axes_dim_rope"], configuration["axes_lens"], SIDE)
    network.register_module("rope_embedder", places)
    return network


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]."""
    return {"context": shown_text(request)}


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' Lumina2Transformer2DModel."""
    height, width = call.x.shape[-2:]
    context = call.inputs["context"]
    output = network(
        hidden_states=padded(call.x),
        timestep=1.0 - call.timestep,
        encoder_hidden_states=context,
        encoder_attention_mask=torch.ones(context.shape[:2], dtype=torch.bool, device=context.device),
        return_dict=False,
    )[0]
    return -output[..., :height, :width]


LUMINA2 = Family(
    name="lumina2",
    doc="Lumina Image 2.0: transformer with Gemma 2 text, rectified flow, 1024 px.",
    recognise=_recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT, timestep_scale=1.0),
    latent_format=LATENT_FORMAT,
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
