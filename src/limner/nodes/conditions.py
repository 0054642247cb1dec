"""What is true, and what runs because of it. What leads to a value that is not chosen is not run."""

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import StepError
from limner.graph.node_type import Input
from limner.nodes.growing import OWN
from limner.nodes.sockets import ANYTHING

LOGIC = "utils/logic"
MOST_VALUES = 10

Lazy = Annotated[Any, Socket("*"), Flags(lazy=True)]
Plain = Annotated[Any, Socket("INT,FLOAT,STRING,BOOLEAN")]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "a = b": operator.eq,
    "a ≠ b": operator.ne,
    "a < b": operator.lt,
    "a ≤ b": operator.le,
    "a > b": operator.gt,
    "a ≥ b": operator.ge,
}

COMBINATIONS: Mapping[str, Callable[[bool, bool], bool]] = {
    "a and b": lambda a, b: a and b,
    "a or b": lambda a, b: a or b,
    "either a or b": operator.ne,
    "a and not b": lambda a, b: a and not b,
    "neither a nor b": lambda a, b: not (a or b),
}


def is_true(value: Any) -> bool:
    """Whether a value counts as true: not 0, no empty text or list, not the words false, no or off, not nothing."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "false", "no", "off", "none")
    try:
        return bool(value)
    except (RuntimeError, ValueError):  # A picture: many values, of which there is at least one.
        return True


def _branch(*, condition: Any, **_: object) -> list[str]:
    return ["if_true" if is_true(condition) else "if_false"]


@node(name="IfElse", title="If", category=LOGIC, outputs=("value",), needs=_branch, module=OWN)
def if_else(*, condition: ANYTHING, if_true: Lazy = None, if_false: Lazy = None) -> ANYTHING:
    """One of two values, by whether something is true: a switch, a number that is not 0, a text or list with content.

    What leads to the other value is not run.
    """
    return if_true if is_true(condition) else if_false


def _chosen(*, index: int, **_: object) -> list[str]:
    return [f"value_{index}"]


def _values() -> tuple[Input, ...]:
    options = {"lazy": True}
    return tuple(
        Input(name=f"value_{number}", type="*", required=number < 2, options=options, lazy=True)
        for number in range(MOST_VALUES)
    )


@node(
    name="ChooseValue",
    title="Choose by Number",
    category=LOGIC,
    outputs=("value",),
    needs=_chosen,
    inputs=_values(),
    module=OWN,
)
def choose_value(*, index: Annotated[int, Number(min=0, max=MOST_VALUES - 1)] = 0, **values: Any) -> ANYTHING:
    """One of several values by its number, from 0. What leads to the others is not run."""
    name = f"value_{index}"
    if name not in values:
        linked = ", ".join(sorted(values)) or "none"
        raise StepError(f"Value {index} is chosen, but nothing is linked to {name}. Linked: {linked}.")
    return values[name]


@node(name="CompareValues", title="Compare Values", category=LOGIC, module=OWN)
def compare_values(*, a: Plain, b: Plain, comparison: Annotated[str, Choice(*COMPARISONS)] = "a = b") -> bool:
    """Compares two numbers or two texts. A text that says a number is one where the other side is a number."""
    first, second = _alike(a, b)
    try:
        return bool(COMPARISONS[comparison](first, second))
    except TypeError as error:
        raise StepError(f"{a!r:.80} and {b!r:.80} have no order: compare two numbers or two texts.") from error


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Both as numbers if one is a number and the other can be read as one."""
    if isinstance(a, str) is isinstance(b, str):
        return a, b
    try:
        return (float(a), b) if isinstance(a, str) else (a, float(b))
    except (TypeError, ValueError):
        return a, b


@node(name="CombineConditions", title="Combine Conditions", category=LOGIC, module=OWN)
def combine_conditions(
    *, a: ANYTHING, b: ANYTHING, combination: Annotated[str, Choice(*COMBINATIONS)] = "a and b"
) -> bool:
    """Two conditions as one."""
    return COMBINATIONS[combination](is_true(a), is_true(b))


@node(name="NotTrue", title="Not", category=LOGIC, module=OWN)
def not_true(*, condition: ANYTHING) -> bool:
    """Whether something is not true."""
    return not is_true(condition)
