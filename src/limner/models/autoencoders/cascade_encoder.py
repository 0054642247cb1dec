"""Pictures as latents of Stable Cascade's stage C: 16 channels, 32 pixels an element. There is no way back but stage B.

Source: Pernias et al. 2023, "Wuerstchen", section 3 (semantic compressor); Tan and Le 2021 for its backbone.
"""

from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.efficient_net import FEATURES, efficient_net

PREFIXES = ("vae.encoder.", "first_stage_model.encoder.", "encoder.", "effnet.", "")
MARKS = ("backbone.1.0.block.0.1.weight", "mapper.0.weight")

DOWNSCALE = 32

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of colours in the pictures that the backbone was trained on."""


class CascadeEncoder(nn.Module):
    """A backbone's features, mapped to a few channels of mean 0 and deviation 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.backbone = efficient_net()
        self.mapper = nn.Sequential(
            nn.Conv2d(FEATURES, channels, 1, bias=False), nn.BatchNorm2d(channels, affine=False)
        )

    def forward(self, colours: Tensor) -> Tensor:
        """Shapes: colours [b 3 h w] in 0..1; returns [b c h/32 w/32]."""
        mean, deviation = (colours.new_tensor(values).reshape(1, 3, 1, 1) for values in (MEAN, DEVIATION))
        return self.mapper(self.backbone((colours - mean) / deviation))


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the encoder in a file; None if there is none of this kind."""
    prefix = next((prefix for prefix in PREFIXES if all(prefix + mark in layout for mark in MARKS)), None)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    channels = inside.shape(MARKS[1])[0]
    names = [name for name in inside if name.startswith(("backbone.", "mapper."))]
    return Blueprint(
        keys={name: Source((prefix + name,)) for name in names},
        build=lambda: CascadeEncoder(channels),
        facts={"latent_channels": channels, "downscale": DOWNSCALE},
    )


def _encode(network: nn.Module, pictures: Tensor) -> Tensor:
    return network((pictures + 1.0) / 2.0)


def _decode(network: nn.Module, latents: Tensor) -> Tensor:
    raise ModelFileError(
        "This file only encodes. Stage B makes pictures of stage C's latents (StableCascade_StageB_Conditioning), "
        "which stage A decodes."
    )


CASCADE_ENCODER = AutoencoderKind(
    name="cascade_encoder",
    doc="Encoder for Stable Cascade's stage C: 16 channels, 32 pixels an element.",
    blueprint=_blueprint,
    encode=_encode,
    decode=_decode,
)
