"""What a script is: something that makes several drawings of one request. One file each in ``scripts``."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.request import Asked

ARGUMENTS = "script_args"
MOST_DRAWINGS = 256
"""Of a script. Each has at least one picture."""

TEXT, PICTURE = "txt2img", "img2img"
BOTH = (TEXT, PICTURE)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One drawing of several.

    Attributes:
        asked: What is asked for.
        options: Where they differ from the request's.
        after: The drawing, by its place among all, whose pictures this one paints over; None: the request's.
    """

    asked: Asked
    options: Mapping[str, Any] = field(default_factory=dict)
    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class Grid:
    """How drawings stand on a sheet: along columns first, then rows, then sheets.

    Attributes:
        columns: What is written over each,
        rows: beside each,
        layers: and above each sheet; empty texts: nothing.
        margin: Pixels between pictures.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...] = ("",)
    layers: tuple[str, ...] = ("",)
    margin: int = 0


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """A picture that is enlarged and then painted over in overlapping tiles.

    Attributes:
        overlap: Pixels of it.
        upscaler: What makes it larger, as ``/upscalers`` names it,
        factor: and how much.
    """

    overlap: int
    upscaler: str
    factor: float


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Everything that a request draws.

    Attributes:
        cells: The drawings.
        grid: How they are shown together; None: not by the script.
        alone: The pictures are in the answer too, not only the grid.
        layers: So are its sheets one by one.
        tiles: How the picture is cut first; None: not at all.
        settings: What the text of the grid says of the script.
    """

    cells: tuple[Cell, ...]
    grid: Grid | None = None
    alone: bool = True
    layers: bool = False
    tiles: Tiles | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What a script may be told, as ``/script-info`` lists it.

    Attributes:
        label: For people.
        value: What counts if it is not sent.
        minimum: The least number; None: no number, or none.
        maximum: The greatest.
        step: Of numbers.
        choices: Texts, or numbers of them, that may be sent; None: any.
        proposals: By tab; other values may be sent as well.
    """

    label: str
    value: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] | None = None
    proposals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def entry(self, tab: str) -> dict[str, Any]:
        """As ``/script-info`` lists it."""
        choices = self.choices or self.proposals.get(tab)
        told: dict[str, Any] = {"label": self.label, "value": self.value, "minimum": self.minimum}
        return told | {"maximum": self.maximum, "step": self.step, "choices": list(choices) if choices else None}


Spreading = Callable[[Asked, Sequence[Any], Known], Spread]
"""Takes the request, one value for each argument, and what there is."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script that ``script_name`` may be.

    Attributes:
        name: A1111's, in lower case.
        tabs: Where it is.
        arguments: What it may be told.
        spread: What becomes of a request.
    """

    name: str
    spread: Spreading
    arguments: tuple[Argument, ...] = ()
    tabs: tuple[str, ...] = BOTH

    def read(self, sent: Sequence[Any]) -> list[Any]:
        """A value for each argument: those that are missing or null have their defaults, surplus ones do not count.

        Raises:
            GraphError: if one cannot be meant.
        """
        padded = [*sent, *([None] * len(self.arguments))][: len(self.arguments)]
        return [
            _value(argument, value, place)
            for place, (argument, value) in enumerate(zip(self.arguments, padded, strict=True))
        ]


def _value(argument: Argument, value: Any, place: int) -> Any:
    if value is None:
        return argument.value
    if argument.choices is not None:
        return _chosen(argument, value, place)
    match argument.value:
        case bool():
            return value if isinstance(value, bool) else str(value).strip().casefold() in ("true", "1", "yes", "on")
        case int() | float():
            return _number(argument, value, place)
        case _ if isinstance(value, str | int | float | list):
            return value
        case _:
            raise invalid(f"{argument.label} must be a text or a number.", ARGUMENTS, place)


def _chosen(argument: Argument, value: Any, place: int) -> str:
    choices = argument.choices or ()
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < len(choices):
        return choices[int(value)]
    found = next((choice for choice in choices if choice.casefold() == str(value).strip().casefold()), None)
    if found is None:
        message = f"{argument.label} must be one of {', '.join(choices)}, but is {value!r:.60}."
        raise invalid(message, ARGUMENTS, place)
    return found


def _number(argument: Argument, value: Any, place: int) -> float | int:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    least = -math.inf if argument.minimum is None else argument.minimum
    most = math.inf if argument.maximum is None else argument.maximum
    if not least <= number <= most or not math.isfinite(number):
        message = f"{argument.label} must be a number from {least:g} to {most:g}, but is {value!r:.40}."
        raise invalid(message, ARGUMENTS, place)
    return int(number) if isinstance(argument.value, int) else number
