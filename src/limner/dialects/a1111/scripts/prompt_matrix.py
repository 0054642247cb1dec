"""Prompt matrix: one drawing for every choice of the parts of a prompt."""

from collections.abc import Sequence
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import Argument, Cell, Grid, Script, Spread

MOST_PARTS = 6
"""Beside the first, which every drawing has: 64 drawings."""

DELIMITERS = {"comma": ", ", "space": " "}


def spread(asked: Asked, told: Sequence[Any], known: Known) -> Spread:
    """The parts of a prompt stand between ``|``; the first is in every drawing."""
    at_start, different, which, delimiter, margin = told
    field = "prompt" if which == "positive" else "negative_prompt"
    first, *parts = (part.strip() for part in asked[field].split("|"))
    if len(parts) > MOST_PARTS:
        message = f"The prompt has {len(parts)} parts that may be left out; at most {MOST_PARTS} are drawn."
        raise invalid(message, field)
    cells: list[Cell] = []
    for number in range(1 << len(parts)):
        chosen = _chosen(parts, number)
        ordered = [*chosen, first] if at_start else [first, *chosen]
        changes = {field: DELIMITERS[delimiter].join(part for part in ordered if part)}
        seed = asked.seed + (number * asked.count if different else 0)
        cells.append(Cell(asked=asked.changed(seed=seed, **changes)))
    along = (len(parts) + 1) // 2
    columns, rows = parts[:along], parts[along:]
    grid = Grid(columns=_labels(columns), rows=_labels(rows), margin=margin)
    return Spread(cells=tuple(cells), grid=grid, settings={"Script": "Prompt matrix"})


def _chosen(parts: Sequence[str], number: int) -> list[str]:
    """The parts whose bit is set."""
    return [part for place, part in enumerate(parts) if number >> place & 1]


def _labels(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple("\n".join(_chosen(parts, number)) for number in range(1 << len(parts)))


SCRIPT = Script(
    name="prompt matrix",
    spread=spread,
    arguments=(
        Argument(label="Put variable parts at start of prompt", value=False),
        Argument(label="Use different seed for each picture", value=False),
        Argument(label="Select prompt", value="positive", choices=("positive", "negative")),
        Argument(label="Select joining char", value="comma", choices=tuple(DELIMITERS)),
        Argument(label="Grid margins (px)", value=0, minimum=0, maximum=500, step=2),
    ),
)
