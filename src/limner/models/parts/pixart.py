"""PixArt's transformers, alpha and sigma: what both have in common.

They predict the noise, and beside it a variance that is not used. Places follow the size of the picture, so that one
network serves every resolution and format.
Source: Chen et al. 2023, "PixArt-alpha"; Chen et al. 2024, "PixArt-Sigma"; diffusers' PixArtTransformer2DModel.
"""

from typing import Any

import torch
from torch import Tensor

from limner.models.family import InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import named, renamed_sources, with_published
from limner.models.parts.patch_tokens import padded
from limner.models.parts.pixart_keys import PIXART
from limner.models.parts.text_tokens import shown_text
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint
from limner.sampling.parametrization import EpsParametrization, sigmas_of_betas

ORIGINAL = ("t_block.1.weight", "y_embedder.y_proj.fc1.weight", "blocks.0.cross_attn.kv_linear.weight")
DIFFUSERS = ("adaln_single.linear.weight", "caption_projection.linear_1.weight", "pos_embed.proj.weight")
SIZES = "adaln_single.emb.resolution_embedder.linear_1.weight"

EXACT = frozenset({"resolution", "aspect_ratio"})

HEAD = 72
"""Width of a head; no shape states it."""

TRAINED, INTERPOLATION = 128, 2
"""Latent elements along a side, and how much finer places are than at 512 px. Networks that were trained at other
resolutions have both in the same ratio, which is all that matters; a folder's configuration that says otherwise, as
that of alpha at 256 px does, is believed."""

FAMILY = "limner.family"
"""Key of a file's metadata: the family's name, where tensors do not tell."""

ALPHA = "pixart_alpha"
ALPHA_SCALE = 0.18215
"""Of latents: what alpha's autoencoder states in a folder, and Sigma's does not."""

PIXELS = 8
"""Per latent element."""


def find_pixart(layout: Layout) -> str | None:
    """The prefix under which a file keeps a transformer of this kind; None if it has none."""
    found = find_prefix(layout, *ORIGINAL)
    return find_prefix(layout, *DIFFUSERS) if found is None else found


def told_sizes(layout: Layout) -> bool:
    """Whether the network is told the size of the picture, as only alpha's is."""
    prefix = find_pixart(layout)
    return prefix is not None and (prefix + SIZES in layout or f"{prefix}csize_embedder.mlp.0.weight" in layout)


def is_alpha(layout: Layout) -> bool:
    """Whether a file holds alpha: it is told sizes, or its metadata or the autoencoder beside it say so.

    The tensors of alpha at 256 and 512 px are those of Sigma.
    """
    if find_pixart(layout) is None:
        return False
    stated = layout.metadata.get(FAMILY)
    if stated is not None:
        return stated == ALPHA
    return told_sizes(layout) or layout.configuration("vae.").get("scaling_factor") == ALPHA_SCALE


def pixart_blueprint(layout: Layout) -> Blueprint:
    """How to build and fill a transformer of this kind."""
    prefix = str(find_pixart(layout))
    original = find_prefix(layout, *ORIGINAL) is not None
    sources = renamed_sources(PIXART, layout, prefix) if original else with_published(as_stored(layout, prefix), PIXART)
    configuration = {**pixart_configuration(named(sources, layout)), **_places(layout, prefix)}
    return transformer_blueprint("PixArtTransformer2DModel", configuration, sources, prefix)


def pixart_configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' PixArtTransformer2DModel from shapes under its own names."""
    width, channels, side, _ = shapes.shape("pos_embed.proj.weight")
    return {
        "num_attention_heads": width // HEAD,
        "attention_head_dim": HEAD,
        "in_channels": channels,
        "out_channels": shapes.shape("proj_out.weight")[0] // side**2,
        "num_layers": shapes.count("transformer_blocks.{}."),
        "cross_attention_dim": width,
        "sample_size": TRAINED,
        "interpolation_scale": INTERPOLATION,
        "patch_size": side,
        "caption_channels": shapes.shape("caption_projection.linear_1.weight")[1],
        "use_additional_conditions": SIZES in shapes,
    }


def _places(layout: Layout, prefix: str) -> dict[str, int]:
    """What a folder's configuration says of the size that the network was trained at; empty if there is none."""
    stated = layout.configuration(prefix)
    if not isinstance(stated.get("sample_size"), int):
        return {}
    side = stated["sample_size"]
    return {"sample_size": side, "interpolation_scale": stated.get("interpolation_scale") or max(side // 64, 1)}


def pixart_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d]; ``resolution`` [1 2] and ``aspect_ratio`` [1 1] where the network is told sizes."""
    found = {"context": shown_text(request)}
    if request.facts["use_additional_conditions"]:
        height, width = (float(side * PIXELS) for side in request.latent.shape[-2:])
        height, width = (float(request.entry.get(name, own)) for name, own in (("height", height), ("width", width)))
        found |= {"resolution": torch.tensor([[height, width]]), "aspect_ratio": torch.tensor([[height / width]])}
    return found


def pixart_forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' PixArtTransformer2DModel; the variance is dropped."""
    channels, height, width = call.x.shape[1:]
    output = network(
        padded(call.x),
        encoder_hidden_states=call.inputs["context"],
        timestep=call.timestep,
        added_cond_kwargs={name: call.inputs.get(name) for name in ("resolution", "aspect_ratio")},
        return_dict=False,
    )[0]
    return output[:, :channels, :height, :width]


def pixart_parametrization(layout: Layout) -> EpsParametrization:
    """Noise, on betas that grow linearly from 0.0001 to 0.02. Source: Ho et al. 2020, section 4."""
    return EpsParametrization(sigmas_of_betas(torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)))
