"""Control LoRA: a ControlNet of which only the differences from the network that it steers are in the file.

Convolutions and linear layers of the input half are those of the network that is in use, each plus a low-rank change;
the layers that look at the picture, norms and biases are in the file as they are.
Source: Stability AI 2023, "Control-LoRA", by Hu et al. 2021 (equation 3) on Zhang et al. 2023.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn

from limner.graph.errors import NumericsError
from limner.models.control.borrowing import BIAS, DOWN, UP, BorrowedLayer, Lender
from limner.models.control.control import ControlKind, Residuals, Seen
from limner.models.control.unet import unet_residuals
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.control_unet import CONTROL_LORA, build_control_unet, control_unet_configuration
from limner.models.parts.control_unet_keys import control_unet_keys
from limner.models.parts.unet import shape_of

OF_THE_PICTURE = ("controlnet_cond_embedding.", "controlnet_down_blocks.", "controlnet_mid_block.")
"""Layers that the steered network does not have."""

ALIKE = ("block_out_channels", "layers_per_block", "transformer_layers_per_block", "cross_attention_dim")
"""What has to be the same in both networks."""

LATENT = 4
"""Channels of a latent, where no layer of the file is the first one."""


def _blueprint(layout: Layout) -> Blueprint | None:
    if CONTROL_LORA not in layout:
        return None
    files = _names(layout)
    named = Layout({name: _whole(source, layout) for name, source in files.items()}, layout.metadata)
    shape = shape_of(named)
    if shape is None:
        return None
    configuration = control_unet_configuration(shape, named)
    keys = dict(_sources(files, layout))
    own = {name: layout.shape(source.names[0]) for name, source in keys.items()}
    return Blueprint(
        keys=keys,
        build=lambda: _build(configuration, own),
        facts={key: value for key, value in vars(shape).items() if value},
    )


def _names(layout: Layout) -> dict[str, str]:
    """Diffusers' name of a tensor to the file's; of a weight in two factors to the module's, with ``.weight``."""
    whole = {_module(name) + ".weight" if name.endswith((f".{DOWN}", f".{UP}")) else name: () for name in layout}
    whole.pop(CONTROL_LORA, None)
    return control_unet_keys(Layout(whole, layout.metadata))


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def _whole(name: str, layout: Layout) -> tuple[int, ...]:
    """Shape of a tensor of the file, or of the weight that two factors change."""
    module = _module(name)
    if name in layout:
        return layout.shape(name)
    return (layout.shape(f"{module}.{UP}")[0], *layout.shape(f"{module}.{DOWN}")[1:])


def _sources(files: Mapping[str, str], layout: Layout) -> Any:
    """The tensors that the file has for a control network, by the names that they have there."""
    for target, name in files.items():
        if name in layout:
            yield target, Source((name,))
            continue
        for part in (DOWN, UP):
            yield f"{_module(target)}.{part}", Source((f"{_module(name)}.{part}",))


def _build(configuration: Mapping[str, Any], own: Mapping[str, tuple[int, ...]]) -> nn.Module:
    """A ControlNet whose layers are borrowed but for those that are there whole."""
    network: Any = build_control_unet(configuration)
    network.lender = Lender()
    for name, layer in list(network.named_modules()):
        has_weights = next(layer.parameters(recurse=False), None) is not None
        if has_weights and f"{name}.weight" not in own and not name.startswith(OF_THE_PICTURE):
            parts = {part: own[f"{name}.{part}"] for part in (DOWN, UP, BIAS) if f"{name}.{part}" in own}
            network.set_submodule(name, BorrowedLayer(network.lender, name, parts))
    return network


def _residuals(network: Any, seen: Seen) -> Residuals:
    """What the ControlNet gives for a pass, the network that is steered lending it layers.

    Raises:
        NumericsError: if it was made for a network of other sides.
    """
    theirs, ours = seen.base.config, network.config
    different = [key for key in ALIKE if _plain(theirs[key]) != _plain(ours[key])]
    if different:
        key = different[0]
        raise NumericsError(
            f"A control LoRA borrows layers of the network that it steers, and was made for one with {key} "
            f"{ours[key]}; this one has {theirs[key]}. Choose a control network that was made for this model."
        )
    with network.lender.being(seen.base):
        return unet_residuals(network, seen)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


CONTROL_LORA_KIND = ControlKind(
    name="control_lora",
    doc="Control LoRA for SDXL and other UNets: differences from the network that is steered.",
    steers=("sd1", "sd2", "sd2_unclip", "sdxl"),
    blueprint=_blueprint,
    residuals=_residuals,
)
