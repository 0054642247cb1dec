"""How the networks of HunyuanImage 2.1 are built from files and called: the one that draws, and the one that refines.

The refiner is made like a network for videos, of which a picture is a single frame; beside the noisy picture it sees
the one that it refines, under a little noise.

Source: Tencent 2025, "HunyuanImage 2.1"; the network is diffusers' HunyuanImageTransformer2DModel.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.concat import concat_input
from limner.models.family import InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import Table
from limner.models.parts.flux_pass import silent_about_nothing, told_guidance
from limner.models.parts.further_names import with_further_names
from limner.models.parts.hunyuan_keys import IMAGE_FUSED, IMAGE_LIKE_FLUX, IMAGE_PUBLISHED
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.guidance import SEED

GUIDANCE, GUIDANCE_SCALE = 3.5, 1000.0
"""Where nothing is said, and what the network is told times it."""

GLYPHS = "conditioning_byt5small"
"""Option of a conditioning entry: text of what is written in the picture [1 t d]."""

AUGMENTATION = "noise_augmentation"
"""Option: the share of noise in the picture that is refined."""

OTHER_NOISE = 1
"""Added to the walk's seed, whose own noise must not lie in the picture that is refined."""

EXACT = frozenset({"guidance"})

STILL = 2
"""Sides of a patch of pictures; those of the refiner have one more."""

END_OF_STEP = ("time_r_in.", "time_guidance_embed.timestep_embedder_r.")
OTHERS = ("vector_in.", "time_text_embed.", "vision_in.", "image_embedder.", "cond_type_embed")
"""What relatives for videos have: HunyuanVideo, HunyuanVideo 1.5."""


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


def patch_sides(layout: Layout) -> int:
    """How many sides a patch of a file's network has; 0 if the file holds none of HunyuanImage's."""
    prefix = LAYOUTS.prefix(layout)
    if prefix is None or any(layout.has(prefix + name) for name in OTHERS):
        return 0
    first = layout.shape(f"{prefix}img_in.proj.weight") or layout.shape(f"{prefix}x_embedder.proj.weight")
    return len(first) - 2


def hunyuan_image_blueprint(layout: Layout) -> Blueprint:
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


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' HunyuanImageTransformer2DModel from shapes under its own names."""
    width, channels, *patch = shapes.shape("x_embedder.proj.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    glyphs = shapes.shape("context_embedder_2.linear_1.weight")
    flat = (head // 2, head // 2)
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // (patch[-1] * patch[-2]),
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
        "rope_axes_dim": flat if len(patch) == STILL else (head // 8, head * 7 // 16, head * 7 // 16),
    }


def hunyuan_image_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Network inputs of one conditioning entry.

    Options read: ``guidance``, ``attention_mask``, that of ``GLYPHS``; for the refiner ``concat_latent_image``
    [b c h w] and that of ``AUGMENTATION``.

    Shapes: ``context`` [1 t d]; ``guidance`` [1] where the network knows it; ``glyphs`` [1 t d] where text of what is
    written came; ``concat`` [1 c h w] for the refiner.
    """
    facts, channels = request.facts, request.latent_format.channels
    found = {"context": shown_text(request)}
    if facts.get("guidance_embeds"):
        found["guidance"] = told_guidance(request, GUIDANCE)
    glyphs = request.entry.get(GLYPHS)
    if glyphs is not None and facts.get("text_embed_2_dim"):
        found["glyphs"] = glyphs[:1]
    if int(str(facts["in_channels"])) > channels:
        found["concat"] = _augmented(request, channels)
    return found


def _augmented(request: InputRequest, channels: int) -> Tensor:
    """The picture to refine, under the walk's share of noise. Shapes: returns [1 c h w]."""
    picture = concat_input(request.entry, request.latent, channels, request.latent_format).cpu()
    share = float(request.entry.get(AUGMENTATION, 0.0))
    generator = torch.Generator().manual_seed(int(request.entry.get(SEED, 0)) + OTHER_NOISE)
    return torch.randn(picture.shape, generator=generator) * share + picture * (1.0 - share)


def hunyuan_image_forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' HunyuanImageTransformer2DModel."""
    inputs, dtype = call.inputs, call.x.dtype
    x = torch.cat([call.x, inputs["concat"]], dim=1).unsqueeze(2) if "concat" in inputs else call.x
    glyphs, guidance = inputs.get("glyphs"), inputs.get("guidance")
    output = network(
        hidden_states=x,
        timestep=call.timestep.to(dtype),
        encoder_hidden_states=inputs["context"],
        encoder_attention_mask=_everywhere(inputs["context"]),
        encoder_hidden_states_2=glyphs,
        encoder_attention_mask_2=None if glyphs is None else _everywhere(glyphs),
        guidance=None if guidance is None else (guidance * GUIDANCE_SCALE).to(dtype),
        return_dict=False,
    )[0]
    return output.squeeze(2) if "concat" in inputs else output


def _everywhere(text: Tensor) -> Tensor:
    return torch.ones(text.shape[:2], dtype=torch.bool, device=text.device)
