"""The autoencoder of Flux.2: four elements of a latent packed into one, each channel with mean 0 and deviation 1.

Source: Labs 2025, "FLUX.2"; the network is diffusers' AutoencoderKLFlux2. It measured mean and deviation while it was
trained and keeps them as those of a batch norm.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from limner.models.autoencoder_kind import AutoencoderKind, decoded
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.autoencoder_kl import autoencoder_blueprint, autoencoder_configuration, find_autoencoder

MEASURED = ("bn.running_mean", "bn.running_var", "bn.num_batches_tracked")

PACKED = 2
"""Elements along each side that are packed into one."""

INNER: Mapping[str, str] = {"encoder.quant_conv.": "quant_conv.", "decoder.post_quant_conv.": "post_quant_conv."}
"""The original layout keeps these inside encoder and decoder."""


def _blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the autoencoder in a file; None if there is none of this kind."""
    prefix = find_autoencoder(layout)
    if prefix is None or prefix + MEASURED[0] not in layout:
        return None
    origins = {_outer(name): prefix + name for name in layout.under(prefix)}
    inside = Layout({name: layout.shape(origin) for name, origin in origins.items()}, layout.metadata)
    plain = autoencoder_blueprint(inside)
    assert plain is not None  # its encoder and decoder were found
    shapes = Layout({name: inside.shape(source.names[0]) for name, source in plain.keys.items()})
    keys = {name: replace(source, names=(origins[source.names[0]],)) for name, source in plain.keys.items()}
    return Blueprint(
        keys=keys | {name: Source((prefix + name,)) for name in MEASURED},
        build=lambda: _build(_configuration(shapes)),
        facts={
            **plain.facts,
            "latent_channels": layout.shape(prefix + MEASURED[0])[0],
            "downscale": int(str(plain.facts["downscale"])) * PACKED,
        },
    )


def _outer(name: str) -> str:
    return next((new + name.removeprefix(old) for old, new in INNER.items() if name.startswith(old)), name)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' AutoencoderKLFlux2; a decoder may have other widths than the encoder."""
    configuration = autoencoder_configuration(shapes)
    levels = len(configuration["block_out_channels"])
    widths = [shapes.shape(f"decoder.up_blocks.{level}.resnets.0.conv1.weight")[0] for level in range(levels)]
    return configuration | {"decoder_block_out_channels": tuple(reversed(widths))}


def _build(configuration: Mapping[str, Any]) -> nn.Module:
    from diffusers import AutoencoderKLFlux2  # takes a second to import, so only when one is built

    return AutoencoderKLFlux2(**configuration)


def _measured(network: Any) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel of packed latents. Shapes: both [1 c 1 1]."""
    norm = network.bn
    deviation = torch.sqrt(norm.running_var + network.config.batch_norm_eps)
    return norm.running_mean.reshape(1, -1, 1, 1), deviation.reshape(1, -1, 1, 1)


def _encode(network: Any, pictures: Tensor) -> Tensor:
    mean, deviation = _measured(network)
    return (pixel_unshuffle(network.encode(pictures).latent_dist.mean, PACKED) - mean) / deviation


def _decode(network: Any, latents: Tensor) -> Tensor:
    mean, deviation = _measured(network)
    return decoded(network, pixel_shuffle(latents * deviation + mean, PACKED))


FLUX2 = AutoencoderKind(
    name="flux2",
    doc="Autoencoder of Flux.2, with 128 packed channels.",
    blueprint=_blueprint,
    encode=_encode,
    decode=_decode,
)
