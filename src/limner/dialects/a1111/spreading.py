"""From a request to its drawings: those of the script that it names, else the one that it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.a1111 import scripts
from limner.dialects.a1111.errors import invalid, script_missing
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import PICTURE, TEXT, Cell, Script, Spread
from limner.graph.discovery import discover

MOST_PICTURES = 256
MOST_PIXELS = 1 << 27
"""Of all drawings of a script together."""

ALWAYS_ON = ("controlnet",)
"""What ``alwayson_scripts`` may hold."""

NONE = ("", "none")


def known_scripts() -> Mapping[str, Script]:
    """All scripts by their names."""
    return discover(scripts, Script, lambda script: script.name)


def scripts_of(tab: str) -> list[Script]:
    """Those of a tab."""
    return [script for script in known_scripts().values() if tab in script.tabs]


def script_list(tab: str) -> list[dict[str, Any]]:
    """Those of a tab and those that are always on, as ``/script-info`` lists them."""
    picture = tab == PICTURE
    named = [(script.name, script.arguments) for script in scripts_of(tab)]
    return [
        {
            "name": name,
            "is_alwayson": name in ALWAYS_ON,
            "is_img2img": picture,
            "args": [one.entry(tab) for one in told],
        }
        for name, told in (*named, *((name, ()) for name in ALWAYS_ON))
    ]


def find_script(asked: Asked, known: Sequence[Script]) -> Script | None:
    """The script that a request names; None: none.

    Raises:
        GraphError: if there is no such one.
    """
    name = (asked["script_name"] or "").strip()
    if name.casefold() in NONE:
        return None
    found = next((script for script in known if script.name == name.casefold()), None)
    if found is None:
        raise script_missing(name, [script.name for script in known])
    return found


def spread(asked: Asked, known: Known) -> Spread:
    """The drawings of a request.

    Raises:
        GraphError: if its script is not there, is told what cannot be meant, or draws too much.
    """
    script = find_script(asked, scripts_of(PICTURE if asked.from_picture else TEXT))
    if script is None:
        return Spread(cells=(Cell(asked=asked),))
    found = script.spread(asked, script.read(asked["script_args"]), known)
    pictures = sum(cell.asked.count for cell in found.cells)
    pixels = sum(cell.asked.count * area(cell.asked) for cell in found.cells)
    if pictures > MOST_PICTURES or pixels > MOST_PIXELS:
        message = f"{pictures} pictures with {pixels} pixels were asked for; one request may have {MOST_PICTURES} with"
        raise invalid(f"{message} {MOST_PIXELS} in all.", "script_args")
    return found


def area(asked: Asked) -> int:
    """Pixels of one picture."""
    width, height = asked.target if asked.hires else asked.size
    return width * height
