"""What a request sends for the inputs of an app: converted, checked, and completed. All problems are told at once."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.apps.records import AppInput
from limner.graph.errors import GraphError
from limner.graph.problem import Problem

TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off", ""})
SHOWN = 12
"""Longer lists of choices are cut in messages."""

LONGEST = 100_000
"""Characters of a text; longer ones are no prompts."""

SEEDS = 1 << 32
"""Drawn seeds are below: every client can read such numbers."""


def read_values(inputs: Sequence[AppInput], sent: Mapping[str, Any], drawn: int) -> dict[str, Any]:
    """The values of all inputs that have one.

    Args:
        inputs: What the app asks for.
        sent: By name; null means that nothing was sent. Pictures and files are names of input files by now.
        drawn: A number for seeds that were not sent.

    Raises:
        GraphError: with a Problem for every value that cannot be taken.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for entry in inputs:
        given = sent.get(entry.name)
        if given is None or (given == "" and entry.kind != "text"):
            if entry.required:
                problems.append(_problem(entry, "required_input_missing", "is missing", f"send {_wanted(entry)}"))
            elif entry.random:
                values[entry.name] = _within(entry, drawn % SEEDS)
            elif entry.default is not None:
                values[entry.name] = entry.default
            continue
        try:
            values[entry.name] = _within(entry, drawn % SEEDS) if _is_drawn(entry, given) else _read(entry, given)
        except ValueError as error:
            problems.append(_problem(entry, "invalid_input", f"cannot be {_shown(given)}", str(error)))
    if problems:
        raise GraphError(". ".join(f"{problem.message}: {problem.details}" for problem in problems), problems)
    return values


def unknown_names(inputs: Sequence[AppInput], sent: Mapping[str, Any]) -> list[str]:
    """Fields that were sent and that the app does not have."""
    known = {entry.name for entry in inputs}
    return [name for name in sent if name not in known]


def _is_drawn(entry: AppInput, given: Any) -> bool:
    """Whether a seed is sent as minus one, as many clients write "any"."""
    return entry.random and str(given).strip() == "-1"


def _within(entry: AppInput, number: int) -> int:
    """A drawn number that the input takes."""
    least, most = int(entry.least or 0), int(entry.most if entry.most is not None else SEEDS)
    return number if least <= number <= most else least + number % (most - least + 1)


def _read(entry: AppInput, given: Any) -> Any:
    """The value of an input.

    Raises:
        ValueError: if it cannot be taken; says what was expected.
    """
    match entry.kind:
        case "integer" | "number":
            return _number(entry, given)
        case "boolean":
            return _boolean(entry, given)
        case "choice":
            return _choice(entry, given)
        case _:
            if not isinstance(given, str | int | float):
                raise ValueError(f"send {_wanted(entry)}")
            text = str(given)
            if len(text) > LONGEST:
                raise ValueError(f"it has {len(text)} characters; at most {LONGEST} are taken")
            return text


def _number(entry: AppInput, given: Any) -> int | float:
    expected = f"send {_wanted(entry)}"
    if isinstance(given, bool) or not isinstance(given, str | int | float) or len(str(given)[:100]) > 60:
        raise ValueError(expected)
    try:
        number = int(given) if entry.kind == "integer" and not isinstance(given, float) else float(given)
    except (ValueError, OverflowError):
        try:
            number = float(given)  # "20.0" is a whole number too.
        except (ValueError, OverflowError):
            raise ValueError(expected) from None
    if not math.isfinite(number) or (entry.kind == "integer" and number != int(number)):
        raise ValueError(expected)
    if (entry.least is not None and number < entry.least) or (entry.most is not None and number > entry.most):
        raise ValueError(expected)
    return int(number) if entry.kind == "integer" else number


def _boolean(entry: AppInput, given: Any) -> bool:
    text = str(given).strip().lower()
    if not isinstance(given, list | dict) and text in TRUE | FALSE:
        return text in TRUE
    raise ValueError(f"send {_wanted(entry)}")


def _choice(entry: AppInput, given: Any) -> Any:
    if not entry.choices:
        return given
    for choice in entry.choices:
        if choice == given or str(choice) == str(given):
            return choice
    raise ValueError(f"send {_wanted(entry)}")


def _wanted(entry: AppInput) -> str:
    """What an input takes, in words."""
    match entry.kind:
        case "integer" | "number":
            kind = "a whole number" if entry.kind == "integer" else "a number"
            limits = [f"at least {entry.least}"] if entry.least is not None else []
            limits += [f"at most {entry.most}"] if entry.most is not None else []
            return f"{kind} of {' and '.join(limits)}" if limits else kind
        case "boolean":
            return "true or false"
        case "choice":
            more = f" or one of {len(entry.choices) - SHOWN} more" if len(entry.choices) > SHOWN else ""
            return f"one of {', '.join(map(str, entry.choices[:SHOWN]))}{more}" if entry.choices else "a choice"
        case "image":
            return "a picture: an upload, an address (https://...), a data URI, or the id of an asset"
        case "file":
            return "the name of a file in the input folder"
        case _:
            return "a text"


def _shown(given: Any) -> str:
    text = f"a {type(given).__name__}" if isinstance(given, list | dict) else repr(given)[:60]
    return {"a list": "a list", "a dict": "an object"}.get(text, text)


def _problem(entry: AppInput, code: str, what: str, advice: str) -> Problem:
    extra = {"input_name": entry.name, "kind": entry.kind}
    return Problem(code=code, message=f"Input {entry.name!r} {what}", details=advice, extra=extra)
