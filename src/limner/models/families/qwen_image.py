"""Qwen-Image and Qwen-Image-Edit: two streams of tokens with the text of Qwen 2.5 VL; references follow the picture.

Source: Wu et al. 2025, "Qwen-Image technical report"; the network is diffusers' QwenImageTransformer2DModel.
"""

import json
import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import named
from limner.models.parts.patch_tokens import SIDE, padded, to_picture, to_tokens
from limner.models.parts.qwen_places import with_places
from limner.models.parts.references import reference_pictures
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint
from limner.models.parts.wan_latent import DEVIATION, MEAN
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

MARKS = ("txt_norm.weight", "img_in.weight", "transformer_blocks.0.img_mod.1.weight", "proj_out.weight")

CLEAN_REFERENCES = "__index_timestep_zero__"
"""A tensor of this name says that the network was trained to take references for clean pictures, at time 0."""

VIDEO = 5
"""Axes of a video's latent."""

SHIFT, TIMES = 1.15, 10_000
"""Logarithm of the factor by which steps move towards noise; entries of the table."""


def _prefix(layout: Layout) -> str | None:
    return find_prefix(layout, *MARKS)


def _configuration(shapes: Layout, *, clean: bool) -> dict[str, Any]:
    """Arguments of diffusers' QwenImageTransformer2DModel from shapes."""
    width, patch = shapes.shape("img_in.weight")
    head = shapes.shape("transformer_blocks.0.attn.norm_q.weight")[0]
    return {
        "in_channels": patch,
        "out_channels": shapes.shape("proj_out.weight")[0] // SIDE**2,
        "num_layers": shapes.count("transformer_blocks.{}."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes.shape("txt_in.weight")[1],
        "axes_dims_rope": (head // 8, head * 7 // 16, head * 7 // 16),
        "zero_cond_t": clean,
    }


def _clean(layout: Layout, prefix: str) -> bool:
    """Whether references count as clean pictures: a marker, or the configuration of a folder, says so."""
    if prefix + CLEAN_REFERENCES in layout:
        return True
    stated = (layout.metadata.get(f"{prefix}config"), layout.metadata.get("config"))
    return any(json.loads(text).get("zero_cond_t", False) for text in stated if text is not None)


def _network(layout: Layout) -> Blueprint:
    prefix = str(_prefix(layout))
    sources = {name: source for name, source in as_stored(layout, prefix).items() if name != CLEAN_REFERENCES}
    configuration = _configuration(named(sources, layout), clean=_clean(layout, prefix))
    blueprint = transformer_blueprint("QwenImageTransformer2DModel", configuration, sources, prefix)
    return replace(blueprint, build=lambda: with_places(blueprint.build(), configuration["axes_dims_rope"]))


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]; for reference pictures ``reference`` [1 n c] and ``reference_sizes`` [1 k 2], their
    rows and columns.
    """
    found = {"context": shown_text(request)}
    pictures = reference_pictures(request)
    if pictures:
        found["reference"] = torch.cat([to_tokens(picture).cpu() for picture in pictures], dim=1)
        found["reference_sizes"] = torch.tensor([[_size(picture) for picture in pictures]])
    return found


def _size(picture: Tensor) -> tuple[int, int]:
    """Rows and columns of patches."""
    return picture.shape[-2] // SIDE, picture.shape[-1] // SIDE


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' QwenImageTransformer2DModel.

    Raises:
        NumericsError: for a video of more than one frame.
    """
    if call.x.ndim == VIDEO:  # its autoencoder is one of videos
        if call.x.shape[2] != 1:
            raise NumericsError(f"Qwen-Image makes still pictures, but a latent of {call.x.shape[2]} frames came.")
        return _forward(network, replace(call, x=call.x[:, :, 0])).unsqueeze(2)
    whole = padded(call.x)
    tokens = to_tokens(whole)
    own, sizes = tokens.shape[1], [_size(whole)]
    if "reference" in call.inputs:
        tokens = torch.cat([tokens, call.inputs["reference"]], dim=1)
        sizes += [(int(rows), int(columns)) for rows, columns in call.inputs["reference_sizes"][0].tolist()]
    output = network(
        hidden_states=tokens,
        encoder_hidden_states=call.inputs["context"],
        timestep=call.timestep,
        img_shapes=[[(1, *size) for size in sizes]] * len(tokens),
        controlnet_block_samples=call.control.get("double") or None,
        return_dict=False,
    )[0]
    return to_picture(output[:, :own], *call.x.shape[-2:])


QWEN_IMAGE = Family(
    name="qwen_image",
    doc="Qwen-Image and Qwen-Image-Edit: transformer with Qwen 2.5 VL text, rectified flow, 1328 px.",
    recognise=lambda layout: _prefix(layout) is not None,
    network=_network,
    parametrization=lambda layout: FlowParametrization(math.exp(SHIFT), timestep_scale=1.0, table=TIMES),
    latent_format=LatentFormat(channels=16, scale=1.0, mean=MEAN, deviation=DEVIATION),
    native_size=1328,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
