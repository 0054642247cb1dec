"""Stable Diffusion's x4 upscaler: a network that sees a small picture beside latents of a picture four times as large.

Its text is that of version 2; its levels attend to the text alone but for the lowest.

Source: Rombach et al. 2022, "High-resolution image synthesis with latent diffusion models", section 4.4; published
configuration ``x4-upscaling.yaml``.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.low_picture import BETAS, low_picture_inputs
from limner.models.parts.unet import PREFIX, find_unet, shape_of, unet_configuration
from limner.models.parts.unet_adapter_names import unet_aliases, unet_sources
from limner.models.parts.unet_keys import unet_keys
from limner.models.parts.unet_pass import shown
from limner.models.parts.unpatched import as_it_is
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import VelocityParametrization, scaled_linear_betas, sigmas_of_betas

HEADS = 8
"""At every level, whatever its width."""

CHANNELS = 4 + 3
"""A latent's and a picture's."""

LABELS = "class_embedding.weight"


def _named(layout: Layout) -> Layout | None:
    """The network's layout by diffusers' names; None if a file holds none of this kind."""
    unet = find_unet(layout)
    if unet is None:
        return None
    named = Layout({target: unet.shape(name) for target, name in unet_keys(unet).items()})
    return named if LABELS in named and named.shape("conv_in.weight")[1:2] == (CHANNELS,) else None


def _network(layout: Layout) -> Blueprint:
    named, unet = _named(layout), find_unet(layout)
    shape = None if named is None else shape_of(named)
    if named is None or unet is None or shape is None:
        raise ModelFileError("There is no network that enlarges pictures in this file.")
    names = unet_keys(unet)
    prefix = next(prefix for prefix in (PREFIX, "unet.", "") if prefix + names["conv_in.weight"] in layout)
    configuration = unet_configuration(shape, lambda channels: HEADS) | {
        "only_cross_attention": tuple(_only_crossed(named, level) for level in range(len(shape.channels))),
        "num_class_embeds": named.shape(LABELS)[0],
    }
    return Blueprint(
        keys=unet_sources(names, prefix),
        build=lambda: _build(configuration),
        aliases=unet_aliases(names),
        addressed=("lora_unet_", "unet.", "diffusion_model."),
        facts={key: value for key, value in vars(shape).items() if value},
    )


def _only_crossed(named: Layout, level: int) -> bool:
    """Whether a level attends to the text where others attend to the picture: its keys have the text's width then."""
    place = f"down_blocks.{level}.attentions.0.transformer_blocks.0.attn1."
    keys, queries = named.shape(f"{place}to_k.weight"), named.shape(f"{place}to_q.weight")
    return keys[1:] != queries[1:]


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import UNet2DConditionModel  # takes a second to import, so only when one is built

    return UNet2DConditionModel(**configuration)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    return {"context": request.context, **low_picture_inputs(request)}


def _forward(network: Any, call: Pass) -> Tensor:
    as_it_is(call, "The x4 upscaler")
    return network(
        shown(call),
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        class_labels=call.inputs["level"],
        return_dict=False,
    )[0]


SD_X4_UPSCALER = Family(
    name="sd_x4_upscaler",
    doc="Stable Diffusion's x4 upscaler: sees a small picture, OpenCLIP ViT-H text, predicts velocities.",
    recognise=lambda layout: _named(layout) is not None,
    network=_network,
    text_places={"cond_stage_model.model.": "clip_h", "cond_stage_model.transformer.": "clip_h"},
    parametrization=lambda layout: VelocityParametrization(sigmas_of_betas(scaled_linear_betas(*BETAS))),
    latent_format=LatentFormat(
        downscale=4,
        scale=0.08333,
        # Rough: its autoencoder has no published factors, and colours lie along the first channels as in others.
        rgb=((0.2, 0.2, 0.2), (0.2, 0.1, 0.0), (0.0, 0.1, 0.2), (-0.2, -0.2, -0.2)),
    ),
    native_size=512,
    inputs=_inputs,
    forward=_forward,
    text_type="sd2",
)
