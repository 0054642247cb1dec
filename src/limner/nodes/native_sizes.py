"""Sizes that networks draw well at: near the one that they were trained at, in the shape that somebody asks for."""

import math

from limner.graph.declare import node
from limner.nodes.growing import OWN
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import Side

STEP = 16
"""Sides are multiples of this: all latents and patches of pixels divide it."""

LEAST, MOST = 0.4, 1.8
"""How many times the pixels of its native size a network draws without falling apart or repeating itself."""


@node(
    name="SizeForModel",
    title="Size for Model",
    category="latent",
    outputs=("width", "height"),
    module=OWN,
)
def size_for_model(*, model: MODEL, width: Side = 1024, height: Side = 1024) -> tuple[int, int]:
    """The size at which to draw a picture that is to have another one.

    Sizes near the one that the network was trained at stay (in multiples of 16). Others become that many pixels in the
    same shape; scale the picture afterwards.
    """
    native = model.native_size**2
    share = width * height / native
    scale = 1.0 if LEAST <= share <= MOST else math.sqrt(native / (width * height))
    return _stepped(width * scale), _stepped(height * scale)


def _stepped(side: float) -> int:
    return max(STEP, round(side / STEP) * STEP)
