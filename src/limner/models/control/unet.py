"""ControlNet for UNets of the Stable Diffusion line: a trained copy of the input half that looks at a picture.

Source: Zhang et al. 2023, "Adding conditional control to text-to-image diffusion models".
"""

from typing import Any

import torch

from limner.models.control.control import ControlKind, Residuals, Seen
from limner.models.parts.control_unet import control_unet_blueprint


def unet_residuals(network: Any, seen: Seen) -> Residuals:
    """What diffusers' ControlNetModel gives for a pass."""
    call = seen.call
    added = None
    if "sizes" in call.inputs and network.config.addition_embed_type is not None:
        added = {"text_embeds": call.inputs["pooled"], "time_ids": call.inputs["sizes"]}
    skips, middle = network(
        call.x,
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        controlnet_cond=seen.hint,
        added_cond_kwargs=added,
        return_dict=False,
    )
    return {"output": tuple(skips), "middle": (middle,)}


def averaged(residuals: Residuals) -> Residuals:
    """Residuals that are the same everywhere, as networks without a place for each stroke give them (shuffle)."""
    return {
        side: tuple(None if value is None else torch.mean(value, dim=(2, 3), keepdim=True) for value in values)
        for side, values in residuals.items()
    }


UNET = ControlKind(
    name="unet",
    doc="ControlNet for Stable Diffusion 1 and 2 and SDXL.",
    steers=("sd1", "sd2", "sd2_unclip", "sdxl"),
    blueprint=control_unet_blueprint,
    residuals=unet_residuals,
)
