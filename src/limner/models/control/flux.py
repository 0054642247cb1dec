"""ControlNet for Flux.1, in the layout of diffusers: of one task, of several with a number for each (union), and for
inpainting.

Source: Zhang et al. 2023 on the blocks of Flux; the network is diffusers' FluxControlNetModel. The one for inpainting
looks at further channels, a mask.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.control.control import ControlKind, HintRequest, Residuals, Seen
from limner.models.control.flux_network import flux_control_configuration, flux_control_residuals, silent
from limner.models.control.hints import inpainting_hint, latent_hint
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.patch_tokens import padded, to_tokens
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint

MARKS = ("controlnet_x_embedder.weight", "controlnet_blocks.0.weight", "x_embedder.weight")

INPAINTING = "further_channels"
"""Fact of a network: channels of a token that it sees of a mask."""

MODES = (4, 2, 0, 0, -1, -1, 1, -1)
"""ComfyUI's order of types (pose, depth, soft edges, lines, normals, segments, tiles, repaint) to the union network's
own numbers: 0 lines, 1 tiles, 2 depth, 3 blur, 4 pose, 5 grey, 6 low quality; -1: it was not trained on that."""


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = find_prefix(layout, *MARKS)
    if prefix is None or layout.has(f"{prefix}input_hint_block."):
        return None
    inside = layout.under(prefix)
    configuration = flux_control_configuration(inside)
    further = inside.shape("controlnet_x_embedder.weight")[1] - configuration["in_channels"]
    facts = {INPAINTING: further} if further else {}
    blueprint = transformer_blueprint(
        "FluxControlNetModel", configuration, as_stored(layout, prefix), prefix, facts=facts
    )
    return replace(blueprint, build=lambda: _wider(silent(blueprint.build()), blueprint.facts))


def _wider(network: Any, facts: Mapping[str, object]) -> nn.Module:
    """The network, looking at further channels."""
    if INPAINTING in facts:
        narrow = network.controlnet_x_embedder
        network.controlnet_x_embedder = nn.Linear(narrow.in_features + int(str(facts[INPAINTING])), narrow.out_features)
    return network


def _residuals(network: Any, seen: Seen) -> Residuals:
    return flux_control_residuals(network, seen, to_tokens(padded(seen.hint)), _mode(network, seen))


def _mode(network: Any, seen: Seen) -> Tensor | None:
    """The number of the task [n 1], for a union network."""
    if network.config.num_mode is None:
        return None
    chosen = int(seen.settings.get("union_type", -1))
    mode = max(0, MODES[chosen]) if chosen >= 0 else 0
    return torch.full((seen.call.x.shape[0], 1), mode, device=seen.call.x.device)


def _hint(request: HintRequest) -> Tensor:
    return inpainting_hint(request) if INPAINTING in request.facts else latent_hint(request)


FLUX = ControlKind(
    name="flux",
    doc="ControlNet for Flux.1, of one task or several, or for inpainting.",
    steers=("flux",),
    blueprint=_blueprint,
    residuals=_residuals,
    hint=_hint,
)
