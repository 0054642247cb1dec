"""ControlNet of several tasks for SDXL: told what kind of picture it is shown.

The network is diffusers' ControlNetUnionModel; published as "ControlNet++: all-in-one ControlNet", 2024.
"""

from typing import Any

import torch
from torch import nn

from limner.models.control.control import ControlKind, Residuals, Seen
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.control_unet import control_unet_configuration, find_control_unet
from limner.models.parts.control_unet_keys import control_unet_keys
from limner.models.parts.unet import shape_of


def _blueprint(layout: Layout) -> Blueprint | None:
    prefix = find_control_unet(layout)
    if prefix is None or f"{prefix}task_embedding" not in layout:
        return None
    inside = layout.under(prefix)
    names = control_unet_keys(inside)
    names |= {name: name for name in inside if name.startswith(OWN)}
    named = Layout({target: inside.shape(name) for target, name in names.items()}, layout.metadata)
    shape = shape_of(named)
    if shape is None:
        return None
    tasks, width = named.shape("task_embedding")
    configuration = {
        **control_unet_configuration(shape, named),
        "num_control_type": tasks,
        "num_trans_channel": width,
        "num_trans_layer": named.count("transformer_layes.{}."),
        "num_proj_channel": named.shape("spatial_ch_projs.weight")[0],
    }
    return Blueprint(
        keys={target: Source((prefix + name,)) for target, name in names.items()},
        build=lambda: _build(configuration),
        facts={key: value for key, value in vars(shape).items() if value},
    )


OWN = ("task_embedding", "transformer_layes.", "spatial_ch_projs.", "control_add_embedding.")
"""What it has beside a ControlNet of one task; the misspelt name is the published one."""


def _build(configuration: dict[str, Any]) -> nn.Module:
    from diffusers import ControlNetUnionModel  # takes a second to import, so only when one is built

    return ControlNetUnionModel(**configuration)


def _residuals(network: Any, seen: Seen) -> Residuals:
    """What diffusers' ControlNetUnionModel gives for a pass."""
    call = seen.call
    chosen = int(seen.settings.get("union_type", -1))
    task = chosen if 0 <= chosen < network.config.num_control_type else 0
    told = torch.zeros(call.x.shape[0], network.config.num_control_type, device=call.x.device, dtype=call.x.dtype)
    if chosen >= 0:
        told[:, task] = 1
    skips, middle = network(
        call.x,
        call.timestep,
        encoder_hidden_states=call.inputs["context"],
        controlnet_cond=[seen.hint],
        control_type=told,
        control_type_idx=[task],
        added_cond_kwargs={"text_embeds": call.inputs["pooled"], "time_ids": call.inputs["sizes"]},
        return_dict=False,
    )
    return {"output": tuple(skips), "middle": (middle,)}


UNION = ControlKind(
    name="union",
    doc="ControlNet of several tasks for SDXL.",
    steers=("sdxl",),
    blueprint=_blueprint,
    residuals=_residuals,
)
