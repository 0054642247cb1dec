"""What single image families ask of a walk."""

import math
from typing import Annotated

import torch

from limner.graph.declare import Number, node
from limner.nodes.schedulers import SCHEDULERS
from limner.nodes.sockets import SIGMAS
from limner.nodes.widgets import LARGEST_SIDE, Steps

PIXELS_PER_TOKEN = 16 * 16
LARGE = 4300
"""Tokens from which on the number of steps no longer counts."""

FEW, MANY = 10, 200
"""Steps at which the two lines were measured."""

AT_FEW, AT_MANY = (8.73809524e-05, 1.89833333), (0.00016927, 0.45666666)
"""Slope and start of the shift's logarithm over the number of tokens."""

Side = Annotated[int, Number(min=16, max=LARGEST_SIDE, step=16)]


def flux2_shift(tokens: float, steps: int) -> float:
    """The logarithm of the factor by which Flux.2's steps move towards noise.

    Source: Labs 2025, "FLUX.2", the published sampling code: a line through two that were measured.
    """
    few, many = (slope * tokens + start for slope, start in (AT_FEW, AT_MANY))
    if tokens > LARGE:
        return many
    return many + (steps - MANY) * (many - few) / (MANY - FEW)


@node(name="Flux2Scheduler", title="Flux2Scheduler", category=SCHEDULERS)
def flux2_scheduler(*, width: Side = 1024, height: Side = 1024, steps: Steps = 20) -> SIGMAS:
    """Noise levels of Flux.2: even ones, moved towards noise as the size of the picture and the steps want it.

    Newer than ComfyUI 0.3.64
    """
    factor = math.exp(flux2_shift(width * height / PIXELS_PER_TOKEN, steps))
    time = torch.linspace(1.0, 0.0, steps + 1)
    return factor * time / (1.0 + (factor - 1.0) * time)
