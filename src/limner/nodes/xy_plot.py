"""One picture many times over, with two inputs varied, in a labelled grid.

The plot is an expansion: it copies the nodes that lie between the varied ones and the picture, once for each cell, and
writes the cell's values into the copies. What a value does not touch is not copied, so models and prompts are loaded
and encoded once, and cells that were drawn before are remembered, in whichever plot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

import msgspec
from torch import Tensor

from limner.graph.declare import Choice, Flags, NodeResult, Number, Service, Socket, Text, node
from limner.graph.errors import GraphError, StepError
from limner.graph.graph import Graph, Link, Node
from limner.graph.progress import Progress
from limner.media.lettering import load_font
from limner.media.sheets import Style, labelled_sheet, shrunk
from limner.nodes.axis_values import axis_values, written_values
from limner.nodes.fonts import FolderService, chosen_font
from limner.nodes.growing import OWN
from limner.nodes.lists import each, only
from limner.nodes.live_graph import Live, LiveGraph, OwnId, copies, node_at, nodes_between
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import SideOrZero

PLOTS = "image/plot"
INSIDE = f"{PLOTS}/inside"
"""Nodes that plots put in by themselves."""
MOST_CELLS = 1000
VALUES, SEARCH = "values", "search and replace"

Varied = Annotated[Any, Socket("*"), Flags(optional=True, lazy=True)]
Way = Annotated[str, Choice(VALUES, SEARCH), Flags(optional=True)]
Values = Annotated[str, Text(multiline=True), Flags(optional=True)]
Field = Annotated[str, Flags(optional=True)]
LetterSize = Annotated[int, Number(min=4, max=500)]


@dataclass(frozen=True)
class Change:
    """A value of an axis: what is written where, and how it is called."""

    label: str = ""
    inputs: tuple[tuple[str, str, Any], ...] = ()
    """Node id, input name, value."""


@node(
    name="XYPlot",
    title="XY Plot",
    category=PLOTS,
    outputs=("grid", "cells"),
    list_outputs=(False, True),
    module=OWN,
)
def xy_plot(
    *,
    image: Annotated[Any, Socket("IMAGE"), Flags(lazy=True)] = None,
    x_node: Varied = None,
    x_input: Field = "",
    x_way: Way = VALUES,
    x_values: Values = "",
    y_node: Varied = None,
    y_input: Field = "",
    y_way: Way = VALUES,
    y_values: Values = "",
    cell_size: SideOrZero = 0,
    letter_size: LetterSize = 20,
    live: Live,
    me: OwnId,
) -> tuple[IMAGE, IMAGE]:
    """Draws a picture once for every pair of values of two inputs, and shows all in a labelled grid.

    Link any output of the node to vary to ``x_node`` and name its input in ``x_input`` (``cfg``, ``seed``,
    ``sampler_name`` ...). Values are divided by commas; numbers may be ranges: ``1-5``, ``1-10 (+3)``, ``0.5-1 [6]``.
    With ``search and replace`` the first value is a text that stands in the input, or without a node in any text, and
    is replaced by each of the values. An axis without values is left out. ``cell_size`` shrinks large pictures.
    """
    own = node_at(live, me)
    picture = own.inputs.get("image")
    if not isinstance(picture, Link):
        raise GraphError("XY Plot varies the nodes before its input 'image': link a picture to it.")
    across = _Axis(live, own, "x", picture).changes(x_input, x_way, x_values)
    down = _Axis(live, own, "y", picture).changes(y_input, y_way, y_values)
    if len(across) * len(down) > MOST_CELLS:
        raise StepError(f"{len(across)} x {len(down)} cells are too many; a plot has {MOST_CELLS} at most.")
    return _Plot(live, me, picture).whole(across, down, cell_size, letter_size)  # type: ignore[return-value]


class _Axis:
    """One axis of a plot."""

    def __init__(self, live: LiveGraph, own: Node, name: str, picture: Link) -> None:
        self._live, self._own, self._name, self._picture = live, own, name, picture

    def changes(self, field: str, way: str, values: str) -> list[Change]:
        """What is changed for each value; one empty change if there is no axis.

        Raises:
            GraphError: if the input to vary cannot be varied.
            StepError: if the values do not fit it.
        """
        if not values.strip():
            return [Change()]
        link = self._own.inputs.get(f"{self._name}_node")
        if not isinstance(link, Link):
            return self._everywhere(way, values)
        target = node_at(self._live, link.source)
        present = self._present(target, field)
        if way == SEARCH:
            return _replacements({(link.source, field): present}, values)
        return [
            Change(f"{field}: {_told(value)}", ((link.source, field, value),)) for value in axis_values(values, present)
        ]

    def _present(self, target: Node, field: str) -> Any:
        """What an input says now."""
        constants = {name: value for name, value in target.inputs.items() if not isinstance(value, Link)}
        if field in constants:
            return constants[field]
        named = f"{self._name}_input: {target.type} has "
        if field in target.inputs:
            raise GraphError(f"{named}{field!r} linked to another node: vary the node that it comes from.")
        raise GraphError(f"{named}no input {field!r} to write into. It has: {', '.join(constants) or 'none'}.")

    def _everywhere(self, way: str, values: str) -> list[Change]:
        if way != SEARCH:
            raise GraphError(
                f"{self._name}_node: link an output of the node to vary, or choose {SEARCH!r} to replace words in "
                "every text before the picture."
            )
        found = _texts_above(self._live, self._picture)
        return _replacements(found, values)


def _texts_above(live: LiveGraph, picture: Link) -> dict[tuple[str, str], str]:
    """Every text that is written into a node above a picture."""
    found: dict[tuple[str, str], str] = {}
    seen: set[str] = set()
    stack = [picture.source]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        entry = node_at(live, name)
        found |= {(name, key): value for key, value in entry.inputs.items() if isinstance(value, str)}
        stack += [link.source for _, link in entry.links()]
    return found


def _replacements(places: Mapping[tuple[str, str], Any], values: str) -> list[Change]:
    """A change for each value, which takes the place of the first one wherever that stands.

    Raises:
        StepError: if it stands nowhere.
    """
    searched, *_ = parts = written_values(values)
    found = {place: text for place, text in places.items() if isinstance(text, str) and searched in text}
    if not found:
        raise StepError(
            f"The first value, {searched!r}, stands in no text before the picture: begin with a word that does."
        )
    return [
        Change(part, tuple((name, key, text.replace(searched, part)) for (name, key), text in found.items()))
        for part in parts
    ]


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class _Plot:
    """The cells of one plot as a graph."""

    def __init__(self, live: LiveGraph, me: str, picture: Link) -> None:
        self._live, self._me, self._picture = live, me, picture

    def whole(self, across: Sequence[Change], down: Sequence[Change], cell_size: int, letter_size: int) -> NodeResult:
        """All cells, and the grid that they are put into."""
        nodes: dict[str, Node] = {}
        cells: dict[str, Link] = {}
        total = len(across) * len(down)
        for number, (y, x) in enumerate(product(down, across)):
            drawn = self._cell(nodes, f"{self._me}.{number}.", (*x.inputs, *y.inputs))
            inputs = {"image": drawn, "number": number + 1, "total": total}
            nodes[f"{self._me}.{number}.cell"] = Node(type="XYPlotCell", inputs=inputs, display=self._me)
            cells[f"cell.{number}"] = Link(f"{self._me}.{number}.cell", 0)
        looks = {"cell_size": cell_size, "letter_size": letter_size}
        labels = {"across": tuple(change.label for change in across), "down": tuple(change.label for change in down)}
        grid = f"{self._me}.grid"
        nodes[grid] = Node(type="XYPlotGrid", inputs={**labels, **looks, **cells}, display=self._me)
        return NodeResult(values=(Link(grid, 0), Link(grid, 1)), expand=Graph(nodes))

    def _cell(self, nodes: dict[str, Node], prefix: str, inputs: Sequence[tuple[str, str, Any]]) -> Link:
        """Adds the copies of one cell to the nodes; gives the cell's picture."""
        changed = {name for name, _, _ in inputs}
        between = nodes_between(self._live, changed, [self._picture.source], beyond=True)
        absent = changed - between.keys()
        if absent:
            types = ", ".join(node_at(self._live, name).type for name in sorted(absent))
            raise GraphError(f"{types} has no influence on the picture: link a node that stands before 'image'.")
        made = copies(self._live, between, prefix, lambda link: link)
        for name, key, value in inputs:
            copied = made[prefix + name]
            made[prefix + name] = msgspec.structs.replace(copied, inputs={**copied.inputs, key: value})
        nodes |= made
        source = self._picture.source
        return Link(prefix + source, self._picture.output) if source in between else self._picture


@node(
    name="XYPlotCell", title="Cell of an XY Plot", category=INSIDE, takes_lists=True, list_outputs=(True,), module=OWN
)
def xy_plot_cell(*, image: IMAGE, number: int, total: int, progress: Annotated[Progress, Service()]) -> IMAGE:
    """Hands on the pictures of one cell and tells how many there are. XY Plot puts it in by itself."""
    progress.report(only(number), only(total))
    return image


@node(
    name="XYPlotGrid",
    title="Grid of an XY Plot",
    category=INSIDE,
    outputs=("grid", "cells"),
    list_outputs=(False, True),
    takes_lists=True,
    takes_any=True,
    module=OWN,
)
def xy_plot_grid(
    *, cell_size: SideOrZero = 0, letter_size: LetterSize = 20, folders: FolderService, **told: Any
) -> tuple[IMAGE, IMAGE]:
    """Puts the cells of a plot into a grid with labels. XY Plot puts it in by itself.

    A cell of several pictures shows them side by side.
    """
    across, down = (list(only(told.get(name)) or ()) or [""] for name in ("across", "down"))
    cells = [each(images) for name, images in told.items() if name.startswith("cell.")]
    if not cells or len(cells) != len(across) * len(down):
        raise StepError(f"A grid of {len(across)} x {len(down)} cells got {len(cells)}. XY Plot makes grids by itself.")
    size = only(cell_size)
    shown = [_side_by_side([shrunk(image, size) for image in images]) for images in cells]
    rows = [shown[start : start + len(across)] for start in range(0, len(shown), len(across))]
    font = chosen_font("".join((*across, *down)), "", only(letter_size), folders)
    grid = labelled_sheet(rows, across, down, Style(font))
    return grid, [image for images in cells for image in images]  # type: ignore[return-value]


def _side_by_side(images: Sequence[Tensor]) -> Tensor:
    """Pictures [1 h w c] as one."""
    if len(images) == 1:
        return images[0]
    return labelled_sheet([images], [""] * len(images), [""], Style(load_font(None, 12), gap=0))
