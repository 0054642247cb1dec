"""The values along an axis of a plot, from a line that a person wrote.

Values are divided by commas; one that holds a comma stands in double quotes. Numbers may be ranges, both ends included:
``1-5``, ``1-10 (+3)`` with a step, ``0.5-1 [6]`` with a count.
"""

import csv
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from limner.graph.errors import StepError

MOST_VALUES = 100
"""Values of one axis."""

_NUMBER = r"[+-]?\s*(?:\d+\.?\d*|\.\d+)"
_RANGE = re.compile(
    rf"\s*(?P<first>{_NUMBER})\s*-\s*(?P<last>{_NUMBER})\s*(?:\(\s*(?P<step>{_NUMBER})\s*\)|\[\s*(?P<count>\d+)\s*\])?\s*"
)
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:e[+-]?\d{1,2})?", re.IGNORECASE)
"""Bounded: a short text can say a number of a thousand million digits."""
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def written_values(text: str) -> list[str]:
    """The values of a line as texts.

    Raises:
        StepError: if there are none, or too many.
    """
    try:
        rows = list(csv.reader(text.splitlines(), skipinitialspace=True))
    except csv.Error as error:
        raise StepError(f"{text!r:.100} cannot be divided at its commas: {error}.") from error
    values = [value.strip() for row in rows for value in row if value.strip()]
    return _bounded(values, text)


def axis_values(text: str, like: Any) -> list[Any]:
    """The values of a line, as values of the kind that an input has now.

    Args:
        text: See the module.
        like: The present value: a switch, a whole number, a number or a text.

    Raises:
        StepError: if one is of another kind.
    """
    parts = written_values(text)
    if isinstance(like, bool):
        return [_switch(part) for part in parts]
    if isinstance(like, int | float):
        whole = isinstance(like, int)
        return _bounded([value for part in parts for value in _numbers(part, whole)], text)
    return parts


def _bounded(values: list[Any], text: str) -> list[Any]:
    if not 0 < len(values) <= MOST_VALUES:
        raise StepError(f"{text!r:.100} gives {len(values)} values; an axis has 1 to {MOST_VALUES}.")
    return values


def _switch(part: str) -> bool:
    if part.lower() not in _WORDS:
        raise StepError(f"{part!r} is neither true nor false, which this input takes.")
    return _WORDS[part.lower()]


def _numbers(part: str, whole: bool) -> Iterator[int | float]:
    """The numbers of one value or range. Computed as fractions, so that steps of 0.1 end where they should."""
    found = _RANGE.fullmatch(part)
    if found is None:
        numbers: list[Fraction] | Iterator[Fraction] = [_fraction(part)]
    elif found["count"] is not None:
        numbers = _spread(_fraction(found["first"]), _fraction(found["last"]), int(found["count"]), whole)
    else:
        numbers = _stepped(_fraction(found["first"]), _fraction(found["last"]), found["step"])
    for number in numbers:
        if whole and number.denominator != 1:
            raise StepError(f"{part!r} gives {float(number):g}, but this input takes whole numbers.")
        yield int(number) if whole else float(number)


def _fraction(text: str) -> Fraction:
    if not _PLAIN_NUMBER.fullmatch(text.replace(" ", "")):
        raise StepError(
            f"{text!r:.60} is no number, which this input takes. Ranges are written 1-5, 1-10 (+3) or 0.5-1 [6]."
        )
    return Fraction(text.replace(" ", ""))


def _stepped(first: Fraction, last: Fraction, written: str | None) -> Iterator[Fraction]:
    step = _fraction(written) if written is not None else Fraction(1 if last >= first else -1)
    if step == 0 or (last - first) / step < 0:
        raise StepError(f"From {float(first):g} to {float(last):g} nothing comes in steps of {float(step):g}.")
    count = int((last - first) / step) + 1
    if count > MOST_VALUES:
        raise StepError(
            f"From {float(first):g} to {float(last):g} are {count} steps; an axis has {MOST_VALUES} at most."
        )
    return (first + step * number for number in range(count))


def _spread(first: Fraction, last: Fraction, count: int, whole: bool) -> Iterator[Fraction]:
    if not 0 < count <= MOST_VALUES:
        raise StepError(f"[{count}] asks for {count} values; an axis has 1 to {MOST_VALUES}.")
    for number in range(count):
        value = first + (last - first) * Fraction(number, max(1, count - 1))
        yield Fraction(round(value)) if whole else value
