"""Stable Cascade, stage B: from stage C's latent to one of four pixels an element, which stage A decodes.

Source: Pernias et al. 2023, "Wuerstchen"; the published models and pipeline.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from limner.models.family import Family, InputRequest, Pass
from limner.models.parts.cascade import LATENT, cascade_blueprint, find_cascade, pooled_text
from limner.models.parts.patch_tokens import padded
from limner.models.parts.per_sample import PerSample
from limner.models.parts.unpatched import as_it_is
from limner.sampling.cascade import CosineParametrization
from limner.sampling.denoiser import LatentFormat

SIDE = 2
"""Latent elements along a patch."""

PRIOR = "stable_cascade_prior"
"""The option of a conditioning entry that holds what stage C made."""


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``pooled`` [1 1 p]; ``prior`` [1 c h w], as large as the network's patches, nothing where it is not told.

    The text itself is not read.
    """
    height, width = (-(-side // SIDE) for side in request.latent.shape[-2:])
    given = request.entry.get(PRIOR)
    nothing = torch.zeros(1, int(str(request.facts["effnet_in_channels"])), 1, 1)
    prior = given.values if isinstance(given, PerSample) else nothing
    return {
        "pooled": pooled_text(request, int(str(request.facts["clip_text_pooled_in_channels"]))),
        "prior": interpolate(prior[:1].float(), size=(height, width), mode="bilinear", align_corners=True),
    }


def _forward(network: Any, call: Pass) -> Tensor:
    as_it_is(call, "Stable Cascade")
    height, width = call.x.shape[-2:]
    output = network(
        padded(call.x, SIDE),
        call.timestep.to(call.x),
        clip_text_pooled=call.inputs["pooled"],
        effnet=call.inputs["prior"],
        return_dict=False,
    )[0]
    return output[..., :height, :width]


STABLE_CASCADE_B = Family(
    name="stable_cascade_b",
    doc="Stable Cascade, stage B: latents that stage A decodes from stage C's, predicts noise.",
    recognise=lambda layout: find_cascade(layout, LATENT) is not None,
    network=lambda layout: cascade_blueprint(layout, LATENT, SIDE),
    parametrization=lambda layout: CosineParametrization(),
    latent_format=LatentFormat(
        downscale=4,
        scale=1.0 / 0.43,
        # Rough, as long as nobody measured it.
        rgb=((0.2, 0.2, 0.2), (0.2, 0.1, 0.0), (0.0, 0.1, 0.2), (-0.2, -0.2, -0.2)),
    ),
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    text_places={"text_encoder.transformer.": "clip_g"},
    text_type="stable_cascade",
    wide=True,
)
