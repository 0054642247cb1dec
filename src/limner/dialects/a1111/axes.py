"""What an axis of a plot changes in a request. Pure."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.a1111.axes_keys import AXES, NOTHING, ORDERED, REPLACED, SIZE, STYLES, Axis
from limner.dialects.a1111.axis_values import Value, axis_values
from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.options import CHECKPOINT
from limner.dialects.a1111.request import SEEDS, Asked
from limner.dialects.a1111.script import ARGUMENTS, Cell

SEED_FIELDS = ("seed", "subseed")
_SIZE = re.compile(r"\s*(\d{1,5})\s*x\s*(\d{1,5})\s*")


@dataclass(frozen=True)
class Along:
    """An axis with its values.

    Attributes:
        axis: It.
        values: One a drawing.
        place: Of its values among the script's arguments.
    """

    axis: Axis
    values: tuple[Value, ...]
    place: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands beside the drawings."""
        return tuple(self._label(value) for value in self.values)

    def _label(self, value: Value) -> str:
        if self.axis.label == NOTHING:
            return ""
        text = _text(value, ", ")
        bare = self.axis.label in (REPLACED, ORDERED, "Sampler", "Checkpoint name")
        return text if bare else f"{self.axis.label}: {text}"

    @property
    def said(self) -> str:
        """All values, as the text of the grid has them."""
        return ", ".join(_text(value, " ") for value in self.values)

    def fixed(self) -> "Along":
        """The same with a seed for each value that names none."""
        if self.axis.field not in SEED_FIELDS:
            return self
        chosen = (secrets.randbelow(SEEDS) if value == -1 else value for value in self.values)
        return Along(self.axis, tuple(chosen), self.place)


def _text(value: Value, between: str) -> str:
    if isinstance(value, tuple):
        return between.join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_axis(kind: Any, said: Any, dropdown: Any, *, from_picture: bool, old: bool, place: int) -> Along:
    """An axis that a client asks for.

    Args:
        kind: Its number in the list of the tab, or its label.
        said: Its values as a text.
        dropdown: Or as a list.
        from_picture: The tab.
        old: Axes are numbered as they once were.
        place: Of the axis among the script's arguments.

    Raises:
        GraphError: if there is no such axis, or its values cannot be meant.
    """
    axis = _find(kind, from_picture=from_picture, old=old, place=place)
    if axis.label == NOTHING:
        return Along(axis, (0,), place + 1)
    values = dropdown if isinstance(dropdown, list) and dropdown else said
    if not isinstance(values, str | list):
        values = str(values)
    return Along(axis, tuple(axis_values(axis, values, (ARGUMENTS, place + 1))), place + 1)  # pyright: ignore[reportUnknownArgumentType]


def axes_of(*, from_picture: bool, old: bool = False) -> list[Axis]:
    """The axes of a tab, in the order of their numbers."""
    tab = "i" if from_picture else "t"
    return [axis for axis in AXES if tab in axis.tabs and (axis.old or not old)]


def _find(kind: Any, *, from_picture: bool, old: bool, place: int) -> Axis:
    known = axes_of(from_picture=from_picture, old=old)
    if kind is None or kind == "":
        return AXES[0]
    number = int(kind) if isinstance(kind, int) or (isinstance(kind, str) and kind.strip().isdecimal()) else -1
    label = str(kind).strip().casefold()
    named = axes_of(from_picture=from_picture)
    found = (
        known[number]
        if 0 <= number < len(known)
        else next((one for one in named if one.label.casefold() == label), None)
    )
    if found is None or not found.kind:
        there = ", ".join(axis.label for axis in named if axis.kind)
        name = found.label if found is not None else kind
        raise invalid(f"There is no axis {name!r:.60} here. There are: {there}.", ARGUMENTS, place)
    return found


def moved(cell: Cell, along: Along, index: int, known: Known) -> Cell:
    """A drawing with one value of an axis.

    Raises:
        GraphError: if it cannot be.
    """
    axis, value = along.axis, along.values[index]
    place = (ARGUMENTS, along.place)
    if axis.option:
        if axis.option == CHECKPOINT:
            known.model(str(value))
        return Cell(asked=cell.asked, options={**cell.options, axis.option: value})
    return Cell(
        asked=cell.asked.changed(**_changes(cell.asked, axis, along.values, value, place)), options=cell.options
    )


def _changes(
    asked: Asked, axis: Axis, values: Sequence[Value], value: Value, place: tuple[str | int, ...]
) -> dict[str, Any]:
    match axis.label:
        case label if label == NOTHING:
            return {}
        case label if label == REPLACED:
            return _replaced(asked, str(values[0]), str(value), place)
        case label if label == ORDERED:
            return {"prompt": _ordered(asked["prompt"], value if isinstance(value, tuple) else (str(value),))}
        case label if label == STYLES:
            return {"styles": [*(asked["styles"] or ()), *(part.strip() for part in str(value).split(","))]}
        case label if label == SIZE:
            return _sized(str(value), place)
        case _:
            return {axis.field: value}


def _replaced(asked: Asked, old: str, new: str, place: tuple[str | int, ...]) -> dict[str, Any]:
    fields = ("prompt", "negative_prompt", "hr_prompt", "hr_negative_prompt")
    found = {name: asked.fields[name] for name in fields if old in (asked.fields.get(name) or "")}
    if not found:
        raise invalid(f"Prompt S/R did not find {old!r:.100} in prompt or negative prompt.", *place)
    return {name: text.replace(old, new) for name, text in found.items()}


def _ordered(prompt: str, order: Sequence[str]) -> str:
    """A prompt in which the parts stand in another order, each in the place of one of them."""
    places = sorted((prompt.find(part), part) for part in order if part in prompt)
    if len(places) < len(order):
        return prompt
    pieces: list[str] = []
    done = 0
    for (begin, part), new in zip(places, order, strict=True):
        if begin < done:
            return prompt
        pieces += [prompt[done:begin], new]
        done = begin + len(part)
    return "".join((*pieces, prompt[done:]))


def _sized(said: str, place: tuple[str | int, ...]) -> dict[str, Any]:
    sides = _SIZE.fullmatch(said)
    if sides is None:
        raise invalid(f"A size must be like 512x768, but is {said!r:.40}.", *place)
    return {"width": int(sides[1]), "height": int(sides[2])}
