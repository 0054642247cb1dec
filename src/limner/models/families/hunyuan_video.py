"""HunyuanVideo with 13 billion weights: videos from text; from pictures by replaced tokens or by further channels.

Source: Kong et al. 2024, "HunyuanVideo: a systematic framework for large video generative models".
"""

from dataclasses import replace
from functools import partial
from typing import Any

from limner.models.family import Family
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_pass import silent_about_nothing
from limner.models.parts.further_names import with_further_names
from limner.models.parts.hunyuan_keys import LIKE_FLUX, PUBLISHED
from limner.models.parts.hunyuan_pass import EXACT, HunyuanVideoNetwork, hunyuan_forward, hunyuan_inputs
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.transformer import transformer_blueprint
from limner.models.parts.video_patches import SIDE
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

CHANNELS, FRAMES = 16, 4

SCALE = 0.476986
"""Of latents."""

SHIFT = 7.0
"""How far steps move towards noise."""

UNDERSCORED = "double_blocks.0.img_attn_qkv.weight"
"""Mark of the layout of publication among the original ones."""

FURTHER = ("clean_x_embedder.", "image_projection.")
"""What relatives have beside the same tensors: FramePack."""

LAYOUTS = KnownLayouts(
    original=(
        "img_in.proj.weight",
        "txt_in.input_embedder.weight",
        "vector_in.in_layer.weight",
        "single_blocks.0.linear1.weight",
    ),
    diffusers=(
        "x_embedder.proj.weight",
        "context_embedder.proj_in.weight",
        "time_text_embed.text_embedder.linear_1.weight",
        "single_transformer_blocks.0.proj_mlp.weight",
    ),
    table=lambda layout: PUBLISHED if UNDERSCORED in layout else LIKE_FLUX,
    width="img_in.proj.weight",
)


def _recognise(layout: Layout) -> bool:
    """Whether a file holds the network, and not a relative that has more."""
    prefix = LAYOUTS.prefix(layout)
    return prefix is not None and not any(layout.has(prefix + name) for name in FURTHER)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' HunyuanVideoTransformer3DModel from shapes under its own names."""
    width, channels, *patch = shapes.shape("x_embedder.proj.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // (patch[0] * SIDE**2),
        "num_attention_heads": width // head,
        "attention_head_dim": head,
        "num_layers": shapes.count("transformer_blocks.{}."),
        "num_single_layers": shapes.count("single_transformer_blocks.{}."),
        "num_refiner_layers": shapes.count("context_embedder.token_refiner.refiner_blocks.{}."),
        "mlp_ratio": shapes.shape("transformer_blocks.0.ff.net.0.proj.weight")[0] / width,
        "guidance_embeds": shapes.has("time_text_embed.guidance_embedder."),
        "text_embed_dim": shapes.shape("context_embedder.proj_in.weight")[1],
        "pooled_projection_dim": shapes.shape("time_text_embed.text_embedder.linear_1.weight")[1],
        "rope_axes_dim": (head // 8, head * 7 // 16, head * 7 // 16),
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    plain = transformer_blueprint("HunyuanVideoTransformer3DModel", configuration, found.sources, found.prefix)
    named = with_further_names(plain, found.shapes, (PUBLISHED, LIKE_FLUX))
    return replace(named, build=partial(_build, configuration))


def _build(configuration: dict[str, Any]) -> HunyuanVideoNetwork:
    network = HunyuanVideoNetwork(configuration)
    if configuration["guidance_embeds"]:
        silent_about_nothing(network)
    return network


HUNYUAN_VIDEO = Family(
    name="hunyuan_video",
    doc="HunyuanVideo: videos by a transformer with Llama 3 and CLIP ViT-L text, rectified flow, 540 and 720 lines.",
    recognise=_recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, scale=SCALE, frames=FRAMES),
    native_size=848,
    inputs=hunyuan_inputs,
    forward=hunyuan_forward,
    exact=EXACT,
    wide=True,
)
