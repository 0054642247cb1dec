"""Z-Image and its turbo: one stream of text and picture, padded with learned tokens; text by Qwen 3.

Source: Tongyi 2025, "Z-Image"; the network is diffusers' ZImageTransformer2DModel. It counts time from noise to picture
and predicts picture minus noise, so both are turned round here.
"""

from typing import Any

import torch
from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.flux_pass import LATENT_FORMAT
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.lumina_keys import Z_IMAGE as TABLE
from limner.models.parts.patch_tokens import SIDE, padded
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.flow import FlowParametrization

LAYOUTS = KnownLayouts(
    original=("x_pad_token", "cap_pad_token", "x_embedder.weight", "layers.0.attention.qkv.weight"),
    diffusers=("x_pad_token", "cap_pad_token", "all_x_embedder.2-1.weight", "layers.0.attention.to_q.weight"),
    table=lambda layout: TABLE,
    width="x_embedder.weight",
)
EMBEDDER = "all_x_embedder.2-1.weight"

SHIFT = 3.0


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' ZImageTransformer2DModel from shapes under its own names."""
    width, patch = shapes.shape(EMBEDDER)
    head = shapes.shape("layers.0.attention.norm_q.weight")[0]
    return {
        "in_channels": patch // SIDE**2,
        "dim": width,
        "n_layers": shapes.count("layers.{}."),
        "n_refiner_layers": shapes.count("noise_refiner.{}."),
        "n_heads": width // head,
        "n_kv_heads": shapes.shape("layers.0.attention.to_k.weight")[0] // head,
        "cap_feat_dim": shapes.shape("cap_embedder.1.weight")[1],
        "axes_dims": [head // 4, head * 3 // 8, head * 3 // 8],
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    return transformer_blueprint("ZImageTransformer2DModel", _configuration(found.shapes), found.sources, found.prefix)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]."""
    return {"context": shown_text(request)}


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' ZImageTransformer2DModel, which takes pictures as videos of one frame, in a list."""
    height, width = call.x.shape[-2:]
    pictures = list(padded(call.x).unsqueeze(2))
    output = network(pictures, 1.0 - call.timestep, list(call.inputs["context"]), return_dict=False)[0]
    return -torch.stack(list(output)).squeeze(2)[..., :height, :width]


Z_IMAGE = Family(
    name="z_image",
    doc="Z-Image: transformer with Qwen 3 text, rectified flow, 1024 px.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT, timestep_scale=1.0),
    latent_format=LATENT_FORMAT,
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
