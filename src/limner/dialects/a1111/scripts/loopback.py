"""Loopback: a picture that is painted over again and again."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import ARGUMENTS, PICTURE, Argument, Cell, Script, Spread

ORIGINAL = 1
"""``inpainting_fill``: what was painted before is painted on."""

CURVES: dict[str, Callable[[float], float]] = {
    "Aggressive": lambda share: math.sin(share * math.pi / 2),
    "Linear": lambda share: share,
    "Lazy": lambda share: 1 - math.cos(share * math.pi / 2),
}
"""How the strength goes from the first to the last loop."""


def spread(asked: Asked, told: Sequence[Any], known: Known) -> Spread:
    """Every loop paints over the pictures of the one before, with the next seeds and its own strength."""
    loops, last, curve, interrogation = told
    if interrogation != "None":
        raise invalid("Prompts are not appended here; describe pictures with /sdapi/v1/interrogate.", ARGUMENTS, 3)
    cells: list[Cell] = []
    for loop in range(loops):
        share = CURVES[curve](loop / max(1, loops - 1))
        changes: dict[str, Any] = {"denoising_strength": asked.denoise + (last - asked.denoise) * share}
        if loop:
            changes["inpainting_fill"] = ORIGINAL
        cell = asked.changed(seed=asked.seed + loop * asked.count, **changes)
        cells.append(Cell(asked=cell, after=loop - 1 if loop else None))
    return Spread(cells=tuple(cells), settings={"Script": "Loopback"})


SCRIPT = Script(
    name="loopback",
    spread=spread,
    tabs=(PICTURE,),
    arguments=(
        Argument(label="Loops", value=2, minimum=1, maximum=32, step=1),
        Argument(label="Final denoising strength", value=0.5, minimum=0, maximum=1, step=0.01),
        Argument(label="Denoising strength curve", value="Linear", choices=tuple(CURVES)),
        Argument(label="Append interrogated prompt at each iteration", value="None", choices=("None", "CLIP")),
    ),
)
