"""Stable Cascade, stage C: from text to a small latent of 42 pixels an element, which stage B makes large.

Source: Pernias et al. 2023, "Wuerstchen"; the published models and pipeline.
"""

from typing import Any

import torch
from torch import Tensor

from limner.models.family import Family, InputRequest, Pass
from limner.models.parts.cascade import TEXT, cascade_blueprint, find_cascade, pooled_text
from limner.models.parts.unclip import PICTURES
from limner.models.parts.unpatched import as_it_is
from limner.sampling.cascade import CosineParametrization
from limner.sampling.denoiser import LatentFormat

CHANNELS, DOWNSCALE = 16, 42
SHIFT = 2.0
"""Towards noise, as pictures of 1024 px want it: twice the side at which the schedule was found."""


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d], ``pooled`` [1 1 p], ``seen`` [1 n d]: pictures, or an empty one."""
    pooled, seen = (int(str(request.facts[f"clip_{part}_in_channels"])) for part in ("text_pooled", "image"))
    pictures = [one["clip_vision_output"].image_embeds * one["strength"] for one in request.entry.get(PICTURES, ())]
    return {
        "context": request.context,
        "pooled": pooled_text(request, pooled),
        "seen": torch.cat(pictures)[None].float() if pictures else torch.zeros(1, 1, seen),
    }


def _forward(network: Any, call: Pass) -> Tensor:
    as_it_is(call, "Stable Cascade")
    return network(
        call.x,
        call.timestep.to(call.x),
        clip_text_pooled=call.inputs["pooled"],
        clip_text=call.inputs["context"],
        clip_img=call.inputs["seen"],
        return_dict=False,
    )[0]


STABLE_CASCADE_C = Family(
    name="stable_cascade_c",
    doc="Stable Cascade, stage C: small latents from OpenCLIP ViT-bigG text, predicts noise, 1024 px.",
    recognise=lambda layout: find_cascade(layout, TEXT) is not None,
    network=lambda layout: cascade_blueprint(layout, TEXT, 1),
    parametrization=lambda layout: CosineParametrization(SHIFT),
    latent_format=LatentFormat(channels=CHANNELS, downscale=DOWNSCALE, scale=1.0),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    text_places={"text_encoder.transformer.": "clip_g"},
    text_type="stable_cascade",
    wide=True,
)
