"""SD upscale: a picture that is enlarged and painted over tile by tile."""

from collections.abc import Sequence
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.extras import find_network
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import ARGUMENTS, PICTURE, Argument, Cell, Script, Spread, Tiles
from limner.dialects.a1111.upscaler_keys import PLAIN_UPSCALERS


def spread(asked: Asked, told: Sequence[Any], known: Known) -> Spread:
    """The size that is asked for is that of the tiles. Masks do not count."""
    _, overlap, upscaler, factor = told
    if overlap >= min(asked.size) // 2:
        raise invalid("Tiles must overlap by less than half of their sides.", ARGUMENTS, 1)
    cell = Cell(asked=asked.changed(mask="", inpaint_full_res=False))
    tiles = Tiles(overlap=overlap, upscaler=_upscaler(upscaler, known.lists("upscale_models")), factor=factor)
    return Spread(cells=(cell,), tiles=tiles, settings={"Script": "SD upscale"})


def _upscaler(said: Any, networks: Sequence[str]) -> str:
    """One of the plain ones, or a network's file, by its place in ``/upscalers`` or its name."""
    every = [*PLAIN_UPSCALERS, *networks]
    if isinstance(said, int | float) and 0 <= said < len(every):
        return every[int(said)]
    plain = next((name for name in PLAIN_UPSCALERS if name.casefold() == str(said).casefold()), None)
    found = plain or find_network(str(said), networks)
    if found is None:
        raise invalid(f"Upscaler {said!r:.60} not found. There are: {', '.join(every)}.", ARGUMENTS, 2)
    return found


SCRIPT = Script(
    name="sd upscale",
    spread=spread,
    tabs=(PICTURE,),
    arguments=(
        Argument(label="", value=""),
        Argument(label="Tile overlap", value=64, minimum=0, maximum=256, step=16),
        Argument(label="Upscaler", value="None"),
        Argument(label="Scale Factor", value=2.0, minimum=1.0, maximum=4.0, step=0.05),
    ),
)
