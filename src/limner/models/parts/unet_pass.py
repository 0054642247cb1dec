"""How the UNets of the Stable Diffusion line are called, and what they are given beside the latent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from limner.models import unet_walk
from limner.models.concat import concat_input
from limner.models.family import InputRequest, Inputs, Pass
from limner.models.patches.patch import BLOCKS_OF_PACKS, Hooks, PassPatch, is_patched, patches_of
from limner.models.unet_walk import DEPTH, vector_of
from limner.sampling.denoiser import LatentFormat

Extras = Callable[[Mapping[str, Any], Tensor], dict[str, Tensor]]
"""A conditioning entry's options and the walk's latent [b c h w] to further inputs, each with a batch of 1."""

EXACT = frozenset({"sizes"})
"""Pixels beyond 2048 are no numbers of float16."""


def no_extras(entry: Mapping[str, Any], latent: Tensor) -> dict[str, Tensor]:
    """For networks that want nothing but the text."""
    return {}


def unet_inputs(extras: Extras = no_extras) -> Inputs:
    """Inputs of a family's UNet.

    Shapes: the result has ``context`` [1 t d]; for SDXL ``pooled`` [1 p] and ``sizes`` [1 n]; for networks with more
    input channels than a latent has ``concat`` [1 c h w].
    """

    def inputs(request: InputRequest) -> dict[str, Tensor]:
        found = {"context": request.context, **extras(request.entry, request.latent)}
        surplus = int(str(request.facts["in_channels"])) - request.latent_format.channels
        if surplus > 0:
            seen = _as_stored(request) if surplus == request.latent_format.channels else request.latent_format
            found["concat"] = concat_input(request.entry, request.latent, surplus, seen)
        return found

    return inputs


def _as_stored(request: InputRequest) -> LatentFormat:
    """Networks that follow instructions see the picture to edit unscaled. Source: Brooks et al. 2023, their code."""
    return replace(request.latent_format, scale=1.0, shift=0.0)


def shown(call: Pass) -> Tensor:
    """The latent with the channels that inpainting networks see beside it. Shapes: returns [n c h w]."""
    return torch.cat([call.x, call.inputs["concat"]], dim=1) if "concat" in call.inputs else call.x


def unet_forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' UNet2DConditionModel; block by block where anybody wants to step in."""
    if is_walked(call):
        vector = vector_of(network, call.inputs["pooled"], call.inputs["sizes"]) if "sizes" in call.inputs else None
        return walked(network, call, vector)
    added = None
    if "sizes" in call.inputs:
        added = {"text_embeds": call.inputs["pooled"], "time_ids": call.inputs["sizes"]}
    return network(
        shown(call),
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        added_cond_kwargs=added,
        return_dict=False,
    )[0]


def is_walked(call: Pass) -> bool:
    """Whether anybody wants to step into a pass."""
    return bool(call.control) or is_patched(call.options) or DEPTH in call.inputs


def walked(network: Any, call: Pass, vector: Tensor | None) -> Tensor:
    """A pass with what patches do in it and around it, with the network's conditioning vector [n v]."""
    run = partial(_walked, network)
    for patch in patches_of(call.options):
        if isinstance(patch, PassPatch):
            run = partial(patch.around, run)
    return run(call, vector)


def _walked(network: Any, call: Pass, vector: Tensor | None) -> Tensor:
    hooks = Hooks.of(call.options.get(BLOCKS_OF_PACKS) or {}).with_patches(network, call.options)
    options = {**hooks.options(), "reports": call.reports, "inputs": call.inputs}
    if DEPTH in call.inputs:
        options[DEPTH] = call.inputs[DEPTH]
    return unet_walk.forward(
        network, shown(call), call.timestep, call.inputs["context"], vector, _in_order(call), options
    )


def _in_order(call: Pass) -> dict[str, list[Tensor | None]] | None:
    """Residuals as the walk takes them, the next one last: output blocks go through skips backwards."""
    if not call.control:
        return None
    return {side: [*values] if side == "output" else [*reversed(values)] for side, values in call.control.items()}
