"""AuraFlow: joint and single layers over text and picture, a learned table of places, text by Pile-T5.

Source: Ryu et al. 2024, "AuraFlow"; the network is diffusers' AuraFlowTransformer2DModel.
"""

from typing import Any

from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.auraflow_keys import AURAFLOW as TABLE
from limner.models.parts.known_layouts import KnownLayouts
from limner.models.parts.patch_tokens import SIDE, padded
from limner.models.parts.text_tokens import kept_tokens
from limner.models.parts.transformer import transformer_blueprint
from limner.sampling.denoiser import LatentFormat
from limner.sampling.flow import FlowParametrization

LAYOUTS = KnownLayouts(
    original=("register_tokens", "positional_encoding", "cond_seq_linear.weight"),
    diffusers=("register_tokens", "pos_embed.pos_embed", "context_embedder.weight"),
    table=lambda layout: TABLE,
)

HEAD = 256
"""Width of a head; no shape states it."""

SHIFT = 1.73


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AuraFlowTransformer2DModel from shapes under its own names."""
    width, patch = shapes.shape("pos_embed.proj.weight")
    text = shapes.shape("context_embedder.weight")
    return {
        "patch_size": SIDE,
        "in_channels": patch // SIDE**2,
        "out_channels": shapes.shape("proj_out.weight")[0] // SIDE**2,
        "num_mmdit_layers": shapes.count("joint_transformer_blocks.{}."),
        "num_single_dit_layers": shapes.count("single_transformer_blocks.{}."),
        "attention_head_dim": HEAD,
        "num_attention_heads": width // HEAD,
        "joint_attention_dim": text[1],
        "caption_projection_dim": text[0],
        "pos_embed_max_size": shapes.shape("pos_embed.pos_embed")[1],
    }


def _network(layout: Layout) -> Blueprint:
    found = LAYOUTS.read(layout)
    return transformer_blueprint(
        "AuraFlowTransformer2DModel", _configuration(found.shapes), found.sources, found.prefix
    )


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d], zeros where it is masked, as in training."""
    shown = kept_tokens(request.entry.get("attention_mask"), request.context.shape[1])
    return {"context": request.context * shown[:, None].to(request.context)}


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' AuraFlowTransformer2DModel."""
    height, width = call.x.shape[-2:]
    output = network(
        hidden_states=padded(call.x),
        encoder_hidden_states=call.inputs["context"],
        timestep=call.timestep,
        return_dict=False,
    )[0]
    return output[..., :height, :width]


AURAFLOW = Family(
    name="auraflow",
    doc="AuraFlow: transformer with Pile-T5 text, rectified flow, 1024 px.",
    recognise=LAYOUTS.recognise,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT, timestep_scale=1.0),
    latent_format=LatentFormat(
        scale=0.13025,
        # Rough, as for SDXL, whose autoencoder it uses.
        rgb=((0.35, 0.4, 0.45), (-0.25, -0.05, 0.1), (0.1, 0.1, -0.05), (-0.3, -0.25, -0.25)),
    ),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
