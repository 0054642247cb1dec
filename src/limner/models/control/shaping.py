"""How much a control network counts in which blocks and in which parts of the picture."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import interpolate

from limner.graph.errors import NumericsError
from limner.models.control.control import Residuals

DECAY, REGION = "decay", "region"
"""Settings of a control network: what each block is weakened by against the next deeper one, and that it has a region.
Both are settings because passes with other ones cannot be joined."""

DEEPEST = 12
"""Blocks before the deepest one of Stable Diffusion 1, for which the weakening is meant."""

SIDES = ("input", "output", "middle", "double", "single")
"""From the first block to the deepest."""


def shaped(residuals: Residuals, settings: Mapping[str, Any], region: Tensor | None) -> Residuals:
    """Residuals with the weight that their blocks and places have.

    Args:
        residuals: Of one control network.
        settings: Its own.
        region: [n 1 h w] in 0..1; None: everywhere alike.

    Raises:
        NumericsError: if there is a region and the network knows no places.
    """
    decay = float(settings.get(DECAY, 1.0))
    if decay != 1.0:
        residuals = softened(residuals, decay)
    return residuals if region is None else confined(residuals, region)


def softened(residuals: Residuals, decay: float) -> Residuals:
    """Residuals that count the less the shallower their block is: details follow the text, composition the picture.

    Source: sd-webui-controlnet's documentation, "My prompt is more important": 0.825 to the power of 12 - i for the
    i-th of 13 blocks. Other numbers of blocks run through the same powers.
    """
    count = sum(len(residuals.get(side, ())) for side in SIDES)
    found: dict[str, tuple[Tensor | None, ...]] = {}
    block = 0
    for side in (side for side in SIDES if side in residuals):
        weighed: list[Tensor | None] = []
        for value in residuals[side]:
            weight = decay ** (DEEPEST * (1 - block / max(1, count - 1)))
            weighed.append(None if value is None else value * weight)
            block += 1
        found[side] = tuple(weighed)
    return found


def confined(residuals: Residuals, region: Tensor) -> Residuals:
    """Residuals that count in a region only. Shapes: residuals [n c h w], region [n 1 H W]."""
    values = [value for side in residuals.values() for value in side if value is not None]
    if any(value.ndim != region.ndim for value in values):
        raise NumericsError("Only control networks of UNets can be kept to a region. Leave its mask away.")
    return {
        side: tuple(
            None if value is None else value * interpolate(region.to(value), size=value.shape[-2:], mode="bilinear")
            for value in values
        )
        for side, values in residuals.items()
    }
