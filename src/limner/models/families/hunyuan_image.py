"""HunyuanImage 2.1: pictures of 2048 px, 32 pixels an element, with Qwen's text and that of what is written in them.

Its distilled version has to be told where a step ends, and is refused; the refiner is another network.

Source: Tencent 2025, "HunyuanImage 2.1"; the network is diffusers' HunyuanImageTransformer2DModel.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import Table
from limner.models.parts.flux_pass import silent_about_nothing, told_guidance
from limner.models.parts.further_names import with_further_names
from limner.models.parts.hunyuan_keys import IMAGE_FUSED, IMAGE_LIKE_FLUX, IMAGE_PUBLISHED
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.models.text.recipes.hunyuan_image import GLYPHS
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS, DOWNSCALE = 64, 32

SCALE = 0.75289
"""Of latents."""

SHIFT = 5.0
"""How far steps move towards noise."""

GUIDANCE, GUIDANCE_SCALE = 3.5, 1000.0
"""Where nothing is said, and what the network is told times it."""

FLAT = 4
"""Sides of the first layer's weight; those of networks for videos have five."""

END_OF_STEP = ("time_r_in.", "time_guidance_embed.timestep_embedder_r.")
POOLED = ("vector_in.", "time_text_embed.")


def _table(layout: Layout) -> Table:
    if "double_blocks.0.img_attn.qkv.weight" in layout:
        return IMAGE_LIKE_FLUX
    return IMAGE_FUSED if "double_blocks.0.img_attn_qkv.weight" in layout else IMAGE_PUBLISHED


LAYOUTS = KnownLayouts(
    original=("img_in.proj.weight", "txt_in.input_embedder.weight", "final_layer.linear.weight"),
    diffusers=(
        "x_embedder.proj.weight",
        "context_embedder.proj_in.weight",
        "time_guidance_embed.timestep_embedder.linear_1.weight",
    ),
    table=_table,
    width="img_in.proj.weight",
)


def _recognise(layout: Layout) -> bool:
    prefix = LAYOUTS.prefix(layout)
    if prefix is None or any(layout.has(prefix + name) for name in POOLED):
        return False
    first = layout.shape(f"{prefix}img_in.proj.weight") or layout.shape(f"{prefix}x_embedder.proj.weight")
    return len(first) == FLAT


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' HunyuanImageTransformer2DModel from shapes under its own names."""
    width, channels, *patch = shapes.shape("x_embedder.proj.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    glyphs = shapes.shape("context_embedder_2.linear_1.weight")
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // (patch[0] * patch[1]),
        "num_attention_heads": width // head,
        "attention_head_dim": head,
        "num_layers": shapes.count("transformer_blocks.{}."),
        "num_single_layers": shapes.count("single_transformer_blocks.{}."),
        "num_refiner_layers": shapes.count("context_embedder.token_refiner.refiner_blocks.{}."),
        "mlp_ratio": shapes.shape("transformer_blocks.0.ff.net.0.proj.weight")[0] / width,
        "patch_size": tuple(patch),
        "guidance_embeds": shapes.has("time_guidance_embed.guidance_embedder."),
        "text_embed_dim": shapes.shape("context_embedder.proj_in.weight")[1],
        "text_embed_2_dim": glyphs[1] if glyphs else None,
        "rope_axes_dim": (head // 2, head // 2),
    }


def _network(layout: Layout) -> Blueprint:
    """How to build and fill a file's network.

    Raises:
        ModelFileError: if it is the distilled one.
    """
    found = LAYOUTS.read(layout)
    if any(layout.has(found.prefix + name) for name in END_OF_STEP):
        raise ModelFileError(
            "This is the distilled HunyuanImage 2.1, which is asked for whole steps and has to be told where each "
            "ends. That is not supported; take the network that was not distilled."
        )
    configuration = _configuration(found.shapes)
    plain = transformer_blueprint("HunyuanImageTransformer2DModel", configuration, found.sources, found.prefix)
    blueprint = with_further_names(plain, found.shapes, (IMAGE_PUBLISHED, IMAGE_FUSED, IMAGE_LIKE_FLUX))
    if not configuration["guidance_embeds"]:
        return blueprint
    embedder = "time_guidance_embed.guidance_embedder"
    return replace(blueprint, build=lambda: silent_about_nothing(blueprint.build(), embedder))


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]; ``guidance`` [1] where the network knows it; ``glyphs`` [1 t d] where text of what
    is written in the picture came.
    """
    found = {"context": shown_text(request)}
    if request.facts.get("guidance_embeds"):
        found["guidance"] = told_guidance(request, GUIDANCE)
    glyphs = request.entry.get(GLYPHS)
    if glyphs is not None and request.facts.get("text_embed_2_dim"):
        found["glyphs"] = glyphs[:1]
    return found


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' HunyuanImageTransformer2DModel."""
    context, glyphs, guidance = (call.inputs.get(name) for name in ("context", "glyphs", "guidance"))
    assert context is not None  # ``_inputs`` gives it always
    return network(
        hidden_states=call.x,
        timestep=call.timestep.to(call.x.dtype),
        encoder_hidden_states=context,
        encoder_attention_mask=_everywhere(context),
        encoder_hidden_states_2=glyphs,
        encoder_attention_mask_2=None if glyphs is None else _everywhere(glyphs),
        guidance=None if guidance is None else (guidance * GUIDANCE_SCALE).to(call.x.dtype),
        return_dict=False,
    )[0]


def _everywhere(text: Tensor) -> Tensor:
    return torch.ones(text.shape[:2], dtype=torch.bool, device=text.device)


HUNYUAN_IMAGE = Family(
    name="hunyuan_image",
    doc="HunyuanImage 2.1: transformer with Qwen 2.5 VL and ByT5 text, rectified flow, 2048 px.",
    recognise=_recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, downscale=DOWNSCALE, scale=SCALE),
    native_size=2048,
    inputs=_inputs,
    forward=_forward,
    exact=frozenset({"guidance"}),
    wide=True,
)
