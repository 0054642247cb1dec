"""Values along an axis of a plot, as clients write them: ``1, 2, 5``, ``1-10 (+3)``, ``1-10 [5]``. Pure."""

import csv
import io
import itertools
import math
import re
from collections.abc import Sequence

from limner.dialects.a1111.axes_keys import Axis
from limner.dialects.a1111.errors import invalid

MOST = 256
LONGEST_ORDER = 5
"""Parts of a prompt whose orders are drawn: 120."""

_NUMBER = r"\s*([+-]?\d+(?:\.\d+)?)\s*"
_RANGE = re.compile(rf"{_NUMBER}-{_NUMBER}(?:\(([+-]\d+(?:\.\d+)?)\s*\))?\s*")
_COUNTED = re.compile(rf"{_NUMBER}-{_NUMBER}\[(\d{{1,4}})\s*\]\s*")

Value = str | int | float | tuple[str, ...]


def axis_values(axis: Axis, said: str | Sequence[object], place: tuple[str | int, ...]) -> list[Value]:
    """The values of an axis.

    Args:
        axis: It.
        said: A text, with quotes around values that hold commas, or a list of values.
        place: Where it stands in the body.

    Raises:
        GraphError: if it cannot be read, or there are none, or too many.
    """
    texts = _split(said) if isinstance(said, str) else [str(value) for value in said]
    texts = [text for text in texts if text]
    values = _values(axis, texts, place)
    if not 0 < len(values) <= MOST:
        raise invalid(f"The axis {axis.label} has {len(values)} values; 1 to {MOST} are drawn.", *place)
    return values


def _split(said: str) -> list[str]:
    rows = csv.reader(io.StringIO(said.replace("\n", ",")), skipinitialspace=True)
    try:
        return [text.strip() for row in rows for text in row]
    except csv.Error:
        return [text.strip() for text in said.split(",")]


def _values(axis: Axis, texts: Sequence[str], place: tuple[str | int, ...]) -> list[Value]:
    if axis.kind == "text":
        return list(texts)
    if axis.kind == "order":
        if len(texts) > LONGEST_ORDER:
            raise invalid(f"{len(texts)} parts have too many orders; at most {LONGEST_ORDER} are put so.", *place)
        return list(itertools.permutations(texts))
    whole, found = axis.kind == "whole", list[Value]()
    for text in texts:
        found += _numbers(text, whole=whole, axis=axis, place=place)
        if len(found) > MOST:
            break
    return found


def _numbers(text: str, *, whole: bool, axis: Axis, place: tuple[str | int, ...]) -> list[int | float]:
    """The numbers of one part: one, a range with a step, or so many from one to another."""
    counted, ranged = _COUNTED.fullmatch(text), _RANGE.fullmatch(text)
    if counted is not None:
        numbers = _evenly(float(counted[1]), float(counted[2]), min(int(counted[3]), MOST + 1))
    elif ranged is not None:
        begin, end = float(ranged[1]), float(ranged[2])
        step = float(ranged[3]) if ranged[3] else math.copysign(1.0, end - begin)
        if not step or (end - begin) * step < 0:
            raise invalid(f"{text!r:.60} never ends; the step must lead from {begin:g} to {end:g}.", *place)
        numbers = [begin + index * step for index in range(min(int((end - begin) / step + 1e-9), MOST) + 1)]
    else:
        numbers = [_number(text, axis, place)]
    return [int(number) if whole else round(number, 9) for number in numbers]


def _evenly(begin: float, end: float, count: int) -> list[float]:
    return [begin + (end - begin) * index / max(1, count - 1) for index in range(count)]


def _number(text: str, axis: Axis, place: tuple[str | int, ...]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise invalid(f"The axis {axis.label} takes numbers and ranges like 1-10 (+3), but got {text!r:.40}.", *place)
    return number
