"""What pictures should show: text, and where, when and how strongly it counts.

An entry of CONDITIONING is ``[tensor [1 t d], options]``. Nodes never change entries, they make new ones.
"""

from typing import Annotated, Any

import torch

from limner.graph.declare import Choice, Number, node
from limner.nodes.latents import DOWNSCALE
from limner.nodes.sockets import CONDITIONING, MASK
from limner.nodes.widgets import LatentPosition, LatentSide, Share, Strength

Percent = Annotated[float, Number(min=0.0, max=1.0, step=0.001)]
AreaShare = Annotated[float, Number(min=0, max=1.0, step=0.01)]


def with_options(conditioning: list[Any], **options: Any) -> list[Any]:
    """Conditioning whose entries have further options."""
    return [[tensor, {**old, **options}] for tensor, old in conditioning]


@node(name="ConditioningCombine", title="Conditioning (Combine)", category="conditioning")
def conditioning_combine(*, conditioning_1: CONDITIONING, conditioning_2: CONDITIONING) -> CONDITIONING:
    """Both at once: the network is asked for each, and the answers are averaged."""
    return conditioning_1 + conditioning_2


@node(name="ConditioningConcat", title="Conditioning (Concat)", category="conditioning")
def conditioning_concat(*, conditioning_to: CONDITIONING, conditioning_from: CONDITIONING) -> CONDITIONING:
    """One longer text: the tokens of the first entry of the second one follow those of each entry of the first."""
    appended = conditioning_from[0][0]
    return [[torch.cat([tensor, appended], dim=1), dict(options)] for tensor, options in conditioning_to]


@node(name="ConditioningAverage", title="ConditioningAverage", category="conditioning")
def conditioning_average(
    *, conditioning_to: CONDITIONING, conditioning_from: CONDITIONING, conditioning_to_strength: Share = 1.0
) -> CONDITIONING:
    """A text between two texts; strength 1 gives the first. The second is cut or filled up to the first's length."""
    other, other_options = conditioning_from[0]
    strength = conditioning_to_strength
    averaged = []
    for tensor, options in conditioning_to:
        fitted = other[:, : tensor.shape[1]]
        missing = tensor.shape[1] - fitted.shape[1]
        fitted = torch.nn.functional.pad(fitted, (0, 0, 0, missing))
        changes = {}
        pooled, other_pooled = options.get("pooled_output"), other_options.get("pooled_output")
        if pooled is not None and other_pooled is not None:
            changes["pooled_output"] = pooled * strength + other_pooled * (1 - strength)
        elif other_pooled is not None:
            changes["pooled_output"] = other_pooled
        averaged.append([tensor * strength + fitted * (1 - strength), {**options, **changes}])
    return averaged


@node(name="ConditioningZeroOut", title="ConditioningZeroOut", category="advanced/conditioning")
def conditioning_zero_out(*, conditioning: CONDITIONING) -> CONDITIONING:
    """No text at all: zeros of the same shape, which is not the same as an empty prompt."""
    zeroed = []
    for tensor, options in conditioning:
        pooled = options.get("pooled_output")
        changes = {} if pooled is None else {"pooled_output": torch.zeros_like(pooled)}
        zeroed.append([torch.zeros_like(tensor), {**options, **changes}])
    return zeroed


@node(name="ConditioningSetArea", title="Conditioning (Set Area)", category="conditioning")
def conditioning_set_area(
    *,
    conditioning: CONDITIONING,
    width: LatentSide = 64,
    height: LatentSide = 64,
    x: LatentPosition = 0,
    y: LatentPosition = 0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a rectangle only, given in pixels."""
    area = tuple(value // DOWNSCALE for value in (height, width, y, x))
    return with_options(conditioning, area=area, strength=strength, set_area_to_bounds=False)


@node(
    name="ConditioningSetAreaPercentage",
    title="Conditioning (Set Area with Percentage)",
    category="conditioning",
)
def conditioning_set_area_percentage(
    *,
    conditioning: CONDITIONING,
    width: AreaShare = 1.0,
    height: AreaShare = 1.0,
    x: AreaShare = 0.0,
    y: AreaShare = 0.0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a rectangle only, given in shares of the picture."""
    area = ("percentage", height, width, y, x)
    return with_options(conditioning, area=area, strength=strength, set_area_to_bounds=False)


@node(
    name="ConditioningSetAreaPercentageVideo",
    title="ConditioningSetAreaPercentageVideo",
    category="conditioning",
)
def conditioning_set_area_percentage_video(
    *,
    conditioning: CONDITIONING,
    width: AreaShare = 1.0,
    height: AreaShare = 1.0,
    temporal: AreaShare = 1.0,
    x: AreaShare = 0,
    y: AreaShare = 0,
    z: AreaShare = 0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a rectangle of a video only, for a share ``temporal`` of its time from ``z`` on."""
    area = ("percentage", temporal, height, width, z, y, x)
    return with_options(conditioning, area=area, strength=strength, set_area_to_bounds=False)


@node(name="ConditioningSetAreaStrength", title="ConditioningSetAreaStrength", category="conditioning")
def conditioning_set_area_strength(*, conditioning: CONDITIONING, strength: Strength = 1.0) -> CONDITIONING:
    """How much the text counts where several overlap."""
    return with_options(conditioning, strength=strength)


@node(name="ConditioningSetMask", title="Conditioning (Set Mask)", category="conditioning")
def conditioning_set_mask(
    *,
    conditioning: CONDITIONING,
    mask: MASK,
    strength: Strength = 1.0,
    set_cond_area: Annotated[str, Choice("default", "mask bounds")],
) -> CONDITIONING:
    """The text counts where the mask is, by as much as the mask says.

    With ``mask bounds`` the network sees nothing but the rectangle around the mask.
    """
    stacked = mask.reshape(-1, *mask.shape[-2:])
    return with_options(
        conditioning, mask=stacked, set_area_to_bounds=set_cond_area != "default", mask_strength=strength
    )


@node(
    name="ConditioningSetTimestepRange",
    title="ConditioningSetTimestepRange",
    category="advanced/conditioning",
)
def conditioning_set_timestep_range(
    *, conditioning: CONDITIONING, start: Percent = 0.0, end: Percent = 1.0
) -> CONDITIONING:
    """The text counts during a part of the walk only; 0 is pure noise, 1 the finished picture."""
    return with_options(conditioning, start_percent=start, end_percent=end)
