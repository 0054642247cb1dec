"""Cosmos Predict 2: pictures from text, and videos that go on from pictures, with text by the first T5.

The network for videos sees known frames in the latent itself, without noise, and is told which they are by one channel
more. Another channel says where a picture was filled up to a size; nothing is, so it is zero.

Source: NVIDIA 2025, "World simulation with video foundation models for physical AI"; the network is diffusers'
CosmosTransformer3DModel, its places those of the published configurations.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.cosmos_keys import COSMOS
from limner.models.parts.kept_frames import kept_inputs
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.transformer import transformer_blueprint
from limner.models.parts.video_patches import SIDE, padded_video
from limner.models.parts.wan_latent import DEVIATION, FRAMES, MEAN
from limner.sampling.continuous import FlowOfNoiseParametrization
from limner.sampling.denoiser import LatentFormat

CHANNELS, FILLED = 16, 1
"""Of a latent; those that say where a picture was filled up."""

TOKENS = 512
"""Of a text; what is missing is zeros that the network does look at."""

RATE = 16
"""Frames a second of its videos."""

KEPT_NOISE = 1e-4
"""Level of noise that it is told of known frames."""

SMALLEST, LARGEST = 0.002, 80.0
"""Levels of noise."""

WIDE = 5120
"""Width of the networks with 14 billion weights."""

LAYOUTS = KnownLayouts(
    original=("t_embedding_norm.weight", "x_embedder.proj.1.weight", "blocks.0.self_attn.q_proj.weight"),
    diffusers=("time_embed.norm.weight", "patch_embed.proj.weight", "transformer_blocks.0.norm1.linear_1.weight"),
    table=lambda _: COSMOS,
)

FURTHER = ("crossattn_proj.0.weight", "learnable_pos_embed.pos_emb_t")
"""What the relatives before and after it have besides."""


def _recognise(layout: Layout) -> bool:
    prefix = LAYOUTS.prefix(layout)
    return prefix is not None and not any(prefix + name in layout for name in FURTHER)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' CosmosTransformer3DModel from shapes under its own names.

    The channel that says what was filled up counts as one of the latent's: the network's own way to it resizes a mask.
    """
    width, patch = shapes.shape("patch_embed.proj.weight")
    head = shapes.shape("transformer_blocks.0.attn1.norm_q.weight")[0]
    channels = patch // SIDE**2
    moving = channels > CHANNELS + FILLED
    return {
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // SIDE**2,
        "num_attention_heads": width // head,
        "attention_head_dim": head,
        "num_layers": shapes.count("transformer_blocks.{}."),
        "mlp_ratio": shapes.shape("transformer_blocks.0.ff.net.2.weight")[1] / width,
        "text_embed_dim": shapes.shape("transformer_blocks.0.attn2.to_k.weight")[1],
        "adaln_lora_dim": shapes.shape("norm_out.linear_1.weight")[0],
        "rope_scale": _scales(width, moving=moving),
        "concat_padding_mask": False,
        "extra_pos_embed_type": None,
    }


def _scales(width: int, *, moving: bool) -> tuple[float, float, float]:
    """How places in time, rows and columns are stretched."""
    if not moving:
        return 1.0, 4.0, 4.0
    return (20 / 24, 2.0, 2.0) if width >= WIDE else (1.0, 3.0, 3.0)


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    configuration = _configuration(found.shapes)
    return transformer_blueprint("CosmosTransformer3DModel", configuration, found.sources, found.prefix)


def _moves(request: InputRequest) -> bool:
    """Whether it is the network for videos."""
    return int(str(request.facts["in_channels"])) > CHANNELS + FILLED


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    text = request.context
    missing = max(0, TOKENS - text.shape[1])
    found = {"context": pad(text, (0, 0, 0, missing))}
    return found | kept_inputs(request) if _moves(request) else found


def _forward(network: Any, call: Pass) -> Tensor:
    x, inputs = call.x, call.inputs
    times = call.timestep.reshape(-1, 1, 1, 1, 1).expand(-1, 1, x.shape[2], 1, 1)
    moving = network.config.in_channels > CHANNELS + FILLED
    known = torch.zeros_like(x[:, :1])
    if "free" in inputs:
        free = inputs["free"]
        x = x * free + inputs["kept"] * (1 - free)
        known = (1 - free).expand_as(known)
        still = free.amin(dim=(-2, -1), keepdim=True).to(times.dtype)
        times = times * still + KEPT_NOISE / (1 + KEPT_NOISE) * (1 - still)
    shown = torch.cat([x, known, torch.zeros_like(known)] if moving else [x, known], dim=1)
    output = network(
        hidden_states=padded_video(shown),
        timestep=times.to(x.dtype),
        encoder_hidden_states=inputs["context"],
        fps=RATE if moving else None,
        return_dict=False,
    )[0]
    return output[..., : x.shape[-2], : x.shape[-1]]


COSMOS_PREDICT2 = Family(
    name="cosmos_predict2",
    doc="Cosmos Predict 2 (2B, 14B): pictures from text, videos from pictures, by a transformer with T5 text.",
    recognise=_recognise,
    network=_network,
    parametrization=lambda layout: FlowOfNoiseParametrization(SMALLEST, LARGEST),
    latent_format=LatentFormat(channels=CHANNELS, scale=1.0, mean=MEAN, deviation=DEVIATION, frames=FRAMES),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    text_type="cosmos",
    wide=True,
)
