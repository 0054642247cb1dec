"""Stage A of Stable Cascade: pictures as latents of four pixels an element, without its table of vectors.

Source: Rampas et al. 2022, "A novel sampling scheme for text- and image-conditional image synthesis in quantized latent
spaces" (Paella); Pernias et al. 2023, "Wuerstchen". The network is diffusers' PaellaVQModel.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from limner.models.autoencoder_kind import AutoencoderKind
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout

PREFIXES = ("vae.", "first_stage_model.", "vqgan.", "vqmodel.", "")

TABLE, OWN_TABLE = "vquantizer.codebook.weight", "vquantizer.embedding.weight"
"""The table of vectors in the original layout, and in the network."""

TRAINING = ("vquantizer.ema_",)
"""What only training needs."""


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    prefix = next((prefix for prefix in PREFIXES if _stands_in(layout, prefix)), None)
    if prefix is None:
        return None
    inside = layout.under(prefix)
    names = {OWN_TABLE if name == TABLE else name: name for name in inside if not name.startswith(TRAINING)}
    configuration = _configuration(Layout({new: inside.shape(old) for new, old in names.items()}))
    return Blueprint(
        keys={new: Source((prefix + old,)) for new, old in names.items()},
        build=lambda: _build(configuration),
        facts={
            "latent_channels": configuration["latent_channels"],
            "downscale": configuration["up_down_scale_factor"] * 2 ** (configuration["levels"] - 1),
        },
    )


def _stands_in(layout: Layout, prefix: str) -> bool:
    return prefix + "in_block.1.weight" in layout and any(prefix + name in layout for name in (TABLE, OWN_TABLE))


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' PaellaVQModel from shapes under its own names."""
    downs = [name for name in shapes if name.startswith("down_blocks.") and name.endswith("gammas")]
    first, count = shapes.shape("in_block.1.weight"), shapes.count("up_blocks.{}.")
    levels = len(downs)
    last = shapes.shape(f"down_blocks.{2 * levels - 1}.0.weight")
    return {
        "up_down_scale_factor": round((first[1] / 3) ** 0.5),
        "levels": levels,
        "embed_dim": last[1],
        "latent_channels": last[0],
        # All that is left of the way up but for a first layer, and a layer and a block for each further level.
        "bottleneck_blocks": count - 1 - 2 * (levels - 1),
        "num_vq_embeddings": shapes.shape(OWN_TABLE)[0],
    }


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    # Takes a second to import, so only when one is built. The class has no shorter name.
    from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import PaellaVQModel

    return PaellaVQModel(**configuration)


def _encode(network: Any, pictures: Tensor) -> Tensor:
    """It sees colours in 0..1."""
    return network.encode((pictures + 1.0) / 2.0, return_dict=False)[0]


def _decode(network: Any, latents: Tensor) -> Tensor:
    return network.decode(latents, return_dict=False)[0] * 2.0 - 1.0


PAELLA = AutoencoderKind(
    name="paella",
    doc="Stage A of Stable Cascade: 4 channels, 4 pixels an element.",
    blueprint=_blueprint,
    encode=_encode,
    decode=_decode,
)
