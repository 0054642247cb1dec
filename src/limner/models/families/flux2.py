"""Flux.2: dev and klein. The latent comes packed from its autoencoder; text by Mistral (dev) or Qwen 3 (klein).

Source: Labs 2025, "FLUX.2"; the network is diffusers' Flux2Transformer2DModel.
"""

import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux2_keys import FLUX2 as TABLE
from limner.models.parts.flux_pass import silent_about_nothing, told_guidance
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.patch_tokens import grid_places, to_picture, to_tokens
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

LAYOUTS = KnownLayouts(
    original=("img_in.weight", "double_stream_modulation_img.lin.weight", "single_blocks.0.linear1.weight"),
    diffusers=("x_embedder.weight", "double_stream_modulation_img.linear.weight", "proj_out.weight"),
    table=lambda layout: TABLE,
)
GUIDE = "time_guidance_embed.guidance_embedder"

AXES = 4
"""Numbers of a place: picture, row, column, word."""

SIDE = 1
"""Latent elements along a patch."""

APART = 10
"""How far the numbers of reference pictures lie from each other, and the first from the picture itself."""

GUIDANCE = 4.0
"""Where nothing is said, as the network was published."""

SHIFT, TIMES = 2.02, 10_000
"""Logarithm of the factor by which steps move towards noise, at 1024 px and 50 steps; entries of the table."""


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' Flux2Transformer2DModel from shapes under its own names."""
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
        "mlp_ratio": shapes.shape("transformer_blocks.0.ff.linear_out.weight")[1] / width,
        "axes_dims_rope": (head // AXES,) * AXES,
        "guidance_embeds": shapes.has(GUIDE),
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    blueprint = transformer_blueprint("Flux2Transformer2DModel", configuration, found.sources, found.prefix)
    if not configuration["guidance_embeds"]:
        return blueprint
    return replace(blueprint, build=lambda: silent_about_nothing(blueprint.build(), GUIDE))


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]; ``guidance`` [1] where the network knows it; ``reference`` [1 n c] and
    ``reference_places`` [1 n 4] for reference pictures.
    """
    found = {"context": shown_text(request)}
    if request.facts["guidance_embeds"]:
        found["guidance"] = told_guidance(request, GUIDANCE)
    pictures = [request.latent_format.to_model(one[:1].float()) for one in request.entry.get("reference_latents") or ()]
    if pictures:
        places = [_places(picture, APART * (number + 1)) for number, picture in enumerate(pictures)]
        found["reference"] = torch.cat([to_tokens(picture, SIDE).cpu() for picture in pictures], dim=1)
        found["reference_places"] = torch.cat(places)[None]
    return found


def _places(picture: Tensor, number: int) -> Tensor:
    """Where the elements of a picture stand. Shapes: returns [h*w 4]."""
    places = grid_places(*picture.shape[-2:], number=number)
    return torch.cat([places, places.new_zeros(len(places), AXES - places.shape[1])], dim=1)


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' Flux2Transformer2DModel."""
    tokens, context = to_tokens(call.x, SIDE), call.inputs["context"]
    own, places = tokens.shape[1], _places(call.x, 0).to(tokens.device)
    if "reference" in call.inputs:
        tokens = torch.cat([tokens, call.inputs["reference"]], dim=1)
        places = torch.cat([places, call.inputs["reference_places"][0]])
    words = places.new_zeros(context.shape[1], AXES)
    words[:, -1] = torch.arange(len(words))
    output = network(
        hidden_states=tokens,
        encoder_hidden_states=context,
        timestep=call.timestep,
        img_ids=places,
        txt_ids=words,
        guidance=call.inputs.get("guidance"),
        return_dict=False,
    )[0]
    height, width = call.x.shape[-2:]
    return to_picture(output[:, :own], height, width, SIDE)


FLUX2 = Family(
    name="flux2",
    doc="Flux.2: transformer with Mistral or Qwen 3 text, rectified flow, 1024 px and more.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(math.exp(SHIFT), timestep_scale=1.0, table=TIMES),
    latent_format=LatentFormat(channels=128, downscale=16, scale=1.0),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    exact=frozenset({"guidance", "reference_places"}),
    wide=True,
)
