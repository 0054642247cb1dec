"""The x2 latent upscaler of Stable Diffusion: a network that sees a small latent beside one twice as large.

It knows latents of Stable Diffusion 1 and 2, and reads CLIP ViT-L. Folders of diffusers and its layout are read.

Source: Karras et al. 2022, "Elucidating the design space of diffusion-based generative models" (preconditioning);
diffusers' UNet2DConditionModel with the blocks of k-diffusion, and the published pipeline.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from limner.graph.errors import NumericsError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.per_sample import PerSample
from limner.models.parts.unpatched import as_it_is
from limner.sampling.continuous import ContinuousParametrization, read_preconditioned
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import EpsParametrization, Parametrization

PREFIXES = ("unet.", "")
MARKS = ("time_embedding.cond_proj.weight", "time_proj.weight", "down_blocks.0.resnets.0.norm1.linear.weight")

HEAD_WIDTH = 64
"""Width of a head; no shape states it."""

LEVEL = 128
"""Features of the noise on the small latent. There is none: the cosines of zero, then its sines."""

LOW_LATENT = "low_latent"
"""The option of a conditioning entry that holds the small latents, as they are stored."""


def _prefix(layout: Layout) -> str | None:
    """Where a file keeps a network of this kind; None if it has none."""
    return next((prefix for prefix in PREFIXES if all(prefix + mark in layout for mark in MARKS)), None)


def _network(layout: Layout) -> Blueprint:
    prefix = str(_prefix(layout))
    inside = layout.under(prefix)
    configuration = _configuration(inside)
    return Blueprint(
        keys={name: Source((prefix + name,)) for name in inside},
        build=lambda: _build(configuration),
        addressed=("lora_unet_", "unet."),
        facts={"pooled": configuration["time_cond_proj_dim"] - LEVEL},
    )


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' UNet2DConditionModel from shapes under its own names."""
    levels = range(shapes.count("down_blocks.{}."))
    crossed = [shapes.has(f"down_blocks.{level}.attentions.") for level in levels]
    first = "down_blocks.{}.resnets.0.conv1.weight"
    return {
        "in_channels": shapes.shape("conv_in.weight")[1],
        "out_channels": shapes.shape("conv_out.weight")[0],
        "conv_in_kernel": shapes.shape("conv_in.weight")[-1],
        "conv_out_kernel": shapes.shape("conv_out.weight")[-1],
        "block_out_channels": tuple(shapes.shape(first.format(level))[0] for level in levels),
        "down_block_types": tuple(f"K{'CrossAttn' * cross}DownBlock2D" for cross in crossed),
        "up_block_types": tuple(f"K{'CrossAttn' * cross}UpBlock2D" for cross in reversed(crossed)),
        "layers_per_block": shapes.count("down_blocks.0.resnets.{}."),
        "cross_attention_dim": next(
            shape[1] for name, shape in shapes.shapes.items() if name.endswith("attn2.to_k.weight")
        ),
        "time_cond_proj_dim": shapes.shape(MARKS[0])[1],
        "attention_head_dim": HEAD_WIDTH,
        "mid_block_type": None,
        "norm_num_groups": None,
        "act_fn": "gelu",
        "timestep_post_act": "gelu",
        "time_embedding_type": "fourier",
        "resnet_time_scale_shift": "scale_shift",
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import UNet2DConditionModel  # takes a second to import, so only when one is built

    return UNet2DConditionModel(**configuration)


def _parametrization(layout: Layout) -> Parametrization:
    """Preconditioned for data of deviation 1, between the levels of Stable Diffusion's table."""
    table = EpsParametrization()
    return ContinuousParametrization(read_preconditioned, table.sigma_min, table.sigma_max)


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d], ``told`` [1 128+p], ``concat`` [1 4 h w].

    Raises:
        NumericsError: if the text came without its pooled vector, or with that of another encoder.
    """
    pooled, width = request.entry.get("pooled_output"), int(str(request.facts["pooled"]))
    if pooled is None or pooled.shape[-1] != width:
        raise NumericsError(
            f"The latent upscaler reads CLIP ViT-L, whose pooled vector has {width} numbers, but "
            f"{'none' if pooled is None else pooled.shape[-1]} came: encode the prompt with the encoder of its folder."
        )
    low = request.entry.get(LOW_LATENT)
    size = request.latent.shape[-2:]
    small = low.values[:1].float() if isinstance(low, PerSample) else torch.zeros(1, request.latent.shape[1], *size)
    level = torch.cat([torch.ones(1, LEVEL // 2), torch.zeros(1, LEVEL // 2)], dim=1)
    return {
        "context": request.context,
        "told": torch.cat([level, pooled[:1].float()], dim=1),
        "concat": interpolate(request.latent_format.to_model(small), size=size, mode="nearest"),
    }


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass; a last channel, which says how sure the network is, is dropped."""
    as_it_is(call, "The latent upscaler")
    output = network(
        torch.cat([call.x, call.inputs["concat"]], dim=1),
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        timestep_cond=call.inputs["told"],
        return_dict=False,
    )[0]
    return output[:, : call.x.shape[1]]


SD_X2_UPSCALER = Family(
    name="sd_x2_upscaler",
    doc="Stable Diffusion's x2 latent upscaler: sees a small latent, CLIP ViT-L text.",
    recognise=lambda layout: _prefix(layout) is not None,
    network=_network,
    parametrization=_parametrization,
    latent_format=LatentFormat(
        scale=0.18215,
        # Rough, as for Stable Diffusion 1, whose latents it makes larger.
        rgb=((0.3, 0.2, 0.3), (0.3, 0.5, 0.2), (-0.3, 0.2, 0.3), (-0.2, -0.3, -0.7)),
    ),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
)
