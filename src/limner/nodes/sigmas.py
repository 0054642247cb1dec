"""Noise levels taken apart, turned round, made denser."""

import math
from itertools import pairwise
from typing import Annotated

import torch

from limner.graph.declare import Choice, Number, Text, node
from limner.graph.errors import NumericsError
from limner.nodes.sampling_parts import CUSTOM
from limner.nodes.sockets import MODEL, SIGMAS
from limner.nodes.widgets import Share

SIGMA_NODES = f"{CUSTOM}/sigmas"
EXACT = {"round": False}
ALMOST_NONE = 0.0001
"""What a walk upwards begins at in place of 0, where nothing could be told apart from noise."""


@node(
    name="SplitSigmasDenoise",
    title="SplitSigmasDenoise",
    category=SIGMA_NODES,
    outputs=("high_sigmas", "low_sigmas"),
)
def split_sigmas_denoise(*, sigmas: SIGMAS, denoise: Share = 1.0) -> tuple[SIGMAS, SIGMAS]:
    """Noise levels before and after the last steps, whose share is ``denoise``; the level in between is in both."""
    steps = max(len(sigmas) - 1, 0)
    first = steps - round(steps * denoise)
    return sigmas[: first + 1], sigmas[first:]


@node(name="FlipSigmas", title="FlipSigmas", category=SIGMA_NODES)
def flip_sigmas(*, sigmas: SIGMAS) -> SIGMAS:
    """Noise levels the other way round, for walks from a picture to its noise."""
    turned = sigmas.flip(0)
    if len(turned) and turned[0] == 0:
        turned[0] = ALMOST_NONE
    return turned


@node(name="SetFirstSigma", title="SetFirstSigma", category=SIGMA_NODES)
def set_first_sigma(
    *,
    sigmas: SIGMAS,
    sigma: Annotated[float, Number(min=0.0, max=20000.0, step=0.001, options=EXACT)] = 136.0,
) -> SIGMAS:
    """Noise levels that begin at another one."""
    if not len(sigmas):
        raise NumericsError(
            "There is no first noise level to set: the levels are empty (a denoise of 0 makes them so)."
        )
    return torch.cat([sigmas.new_tensor([sigma]), sigmas[1:]])


@node(name="ExtendIntermediateSigmas", title="ExtendIntermediateSigmas", category=SIGMA_NODES)
def extend_intermediate_sigmas(
    *,
    sigmas: SIGMAS,
    steps: Annotated[int, Number(min=1, max=100)] = 2,
    start_at_sigma: Annotated[float, Number(min=-1.0, max=20000.0, step=0.01, options=EXACT)] = -1.0,
    end_at_sigma: Annotated[float, Number(min=0.0, max=20000.0, step=0.01, options=EXACT)] = 12.0,
    spacing: Annotated[str, Choice("linear", "cosine", "sine")],
) -> SIGMAS:
    """Splits each step between two noise levels into several. A start of -1 is above every level."""
    highest = math.inf if start_at_sigma < 0 else start_at_sigma
    levels = sigmas.tolist()
    extended: list[float] = []
    for current, following in pairwise(levels):
        extended.append(current)
        if end_at_sigma <= current <= highest:
            extended += _between(current, following, steps, spacing)
    return sigmas.new_tensor([*extended, *levels[-1:]])


def _between(current: float, following: float, steps: int, spacing: str) -> list[float]:
    """The levels strictly between two."""
    shares = [index / steps for index in range(1, steps)]
    if spacing == "cosine":
        shares = [math.sin(share * math.pi / 2) for share in shares]
    elif spacing == "sine":
        shares = [1 - math.cos(share * math.pi / 2) for share in shares]
    return [current + (following - current) * share for share in shares]


@node(
    name="SamplingPercentToSigma",
    title="SamplingPercentToSigma",
    category=SIGMA_NODES,
    outputs=("sigma_value",),
)
def sampling_percent_to_sigma(
    *,
    model: MODEL,
    sampling_percent: Annotated[float, Number(min=0.0, max=1.0, step=0.0001)] = 0.0,
    return_actual_sigma: bool = False,
) -> float:
    """The noise level after a share of a walk.

    At 0 and 1 the answer is a number beyond all levels, and 0; or, on demand, the network's own ends.
    """
    meaning = model.parametrization
    if return_actual_sigma and sampling_percent in (0.0, 1.0):
        return meaning.sigma_min if sampling_percent else meaning.sigma_max
    return meaning.percent_to_sigma(sampling_percent)


@node(name="ManualSigmas", title="ManualSigmas", category=SIGMA_NODES)
def manual_sigmas(*, sigmas: Annotated[str, Text(options={"multiline": False})] = "1.0, 0.5, 0.0") -> SIGMAS:
    """Noise levels written down one after the other: ``1.0, 0.75, 0.5, 0``.

    Newer than ComfyUI 0.3.64.
    """
    parts = sigmas.replace(",", " ").replace(";", " ").split()
    try:
        return torch.tensor([float(part) for part in parts], dtype=torch.float32)
    except ValueError as error:
        raise NumericsError(f"Noise levels should be numbers with commas between them: {error}.") from error
