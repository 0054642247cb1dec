"""X/Y/Z plot: a drawing for every combination of values along up to three axes."""

from collections.abc import Sequence
from typing import Any

from limner.dialects.a1111.axes import SEED_FIELDS, Along, axes_of, moved, read_axis
from limner.dialects.a1111.axes_keys import NOTHING
from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import ARGUMENTS, MOST_DRAWINGS, PICTURE, TEXT, Argument, Cell, Grid, Script, Spread

OLD = 14
"""Arguments that clients send who do not know seeds that vary along axes; their last one is the margin."""

AXIS_ARGUMENTS = 3
LETTERS = "XYZ"


def spread(asked: Asked, told: Sequence[Any], known: Known) -> Spread:
    """Seeds stay the same unless they are an axis or are to vary along one."""
    old = len(asked["script_args"]) == OLD
    legend, alone, layers, loose, *vary, margin, _ = told[3 * AXIS_ARGUMENTS :]
    if old:
        vary, margin = [False] * AXIS_ARGUMENTS, _margin(asked["script_args"][OLD - 1])
    lines = [
        read_axis(*told[place : place + AXIS_ARGUMENTS], from_picture=asked.from_picture, old=old, place=place)
        for place in range(0, 3 * AXIS_ARGUMENTS, AXIS_ARGUMENTS)
    ]
    count = len(lines[0].values) * len(lines[1].values) * len(lines[2].values)
    if count > MOST_DRAWINGS:
        raise invalid(f"The plot has {count} drawings; at most {MOST_DRAWINGS} are made.", ARGUMENTS)
    x, y, z = lines if loose else [line.fixed() for line in lines]
    start = Cell(asked=asked if loose else asked.changed(seed=asked.seed, subseed=asked.subseed))
    cells = [
        _seeded(_moved(start, (x, y, z), at, known), (x, y, z), at, vary)
        for at in (
            (column, row, layer)
            for layer in range(len(z.values))
            for row in range(len(y.values))
            for column in range(len(x.values))
        )
    ]
    labels = (x.labels, y.labels, z.labels) if legend else tuple(("",) * len(line.values) for line in (x, y, z))
    grid = Grid(columns=labels[0], rows=labels[1], layers=labels[2], margin=margin)
    settings = {"Script": "X/Y/Z plot", **_told((x, y, z))}
    return Spread(cells=tuple(cells), grid=grid, alone=alone, layers=layers, settings=settings)


def _margin(said: Any) -> int:
    return min(max(int(said), 0), 500) if isinstance(said, int | float) else 0


def _moved(cell: Cell, lines: Sequence[Along], at: Sequence[int], known: Known) -> Cell:
    for line, index in zip(lines, at, strict=True):
        cell = moved(cell, line, index, known)
    return cell


def _seeded(cell: Cell, lines: Sequence[Along], at: Sequence[int], vary: Sequence[bool]) -> Cell:
    """A drawing whose seed goes on along the axes that are told so."""
    if not any(vary) or any(line.axis.field in SEED_FIELDS for line in lines):
        return cell
    step, more = cell.asked.count, 0
    for line, index, varied in zip(lines, at, vary, strict=True):
        if varied:
            more += index * step
            step *= len(line.values)
    return Cell(asked=cell.asked.changed(seed=cell.asked.seed + more), options=cell.options)


def _told(lines: Sequence[Along]) -> dict[str, str]:
    named = [(letter, line) for letter, line in zip(LETTERS, lines, strict=True) if line.axis.label != NOTHING]
    told: dict[str, str] = {}
    for letter, line in named:
        told |= {f"{letter} Type": line.axis.label, f"{letter} Values": line.said}
    return told


_LABELS = {
    TEXT: tuple(axis.label for axis in axes_of(from_picture=False)),
    PICTURE: tuple(axis.label for axis in axes_of(from_picture=True)),
}

SCRIPT = Script(
    name="x/y/z plot",
    spread=spread,
    arguments=(
        Argument(label="X type", value="Seed", proposals=_LABELS),
        Argument(label="X values", value=""),
        Argument(label="X values", value=""),
        Argument(label="Y type", value=NOTHING, proposals=_LABELS),
        Argument(label="Y values", value=""),
        Argument(label="Y values", value=""),
        Argument(label="Z type", value=NOTHING, proposals=_LABELS),
        Argument(label="Z values", value=""),
        Argument(label="Z values", value=""),
        Argument(label="Draw legend", value=True),
        Argument(label="Include Sub Images", value=False),
        Argument(label="Include Sub Grids", value=False),
        Argument(label="Keep -1 for seeds", value=False),
        Argument(label="Vary seeds for X", value=False),
        Argument(label="Vary seeds for Y", value=False),
        Argument(label="Vary seeds for Z", value=False),
        Argument(label="Grid margins (px)", value=0, minimum=0, maximum=500, step=2),
        Argument(label="Use text inputs instead of dropdowns", value=False),
    ),
)
