"""What a node type's own validation function is asked, and what it answers: data, because its code is elsewhere.

Functions run where their packs are loaded, so all questions of a graph travel together. The answers become Problems
here, in ComfyUI's codes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from limner.graph.problem import Problem

INPUT_TYPES = "input_types"
"""A parameter of this name receives the types of linked inputs; links are then the function's business alone."""

EVERYTHING = "*"
"""In ``NodeType.validated``: the function takes whatever inputs there are."""


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a node type's validation function.

    Attributes:
        node: The node's id.
        type: Its type.
        inputs: By name: coerced constants; None for links.
        types: By name: the type of what is linked.
    """

    node: str
    type: str
    inputs: dict[str, Any] = {}
    types: dict[str, str] = {}


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """An exception, as data."""

    kind: str
    message: str
    traceback: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a validation function answered.

    Attributes:
        passed: The inputs that it was given.
        answers: One per call: True, False, or a sentence.
        error: What it raised instead, if it did.
    """

    passed: tuple[str, ...] = ()
    answers: tuple[Any, ...] = ()
    error: Raised | None = None


Validate = Callable[[Sequence[Validation]], Sequence[Verdict]]
"""Asks validation functions; answers in the order of the questions."""


def verdict_problems(node: str, verdict: Verdict) -> list[Problem]:
    """What a verdict says against a node: one problem for each input passed and each call that did not say True."""
    if verdict.error is not None:
        error = verdict.error
        return [raised(node, error.kind, error.message, traceback=error.traceback)]
    wrong = [answer for answer in verdict.answers if answer is not True]
    if not verdict.passed:
        return [_failed(node, "" if answer is False else str(answer), {}) for answer in wrong]
    return [
        _failed(node, name if answer is False else f"{name} - {answer}", {"input_name": name})
        for name in verdict.passed
        for answer in wrong
    ]


def raised(node: str, kind: str, details: str, *, traceback: Sequence[str] = (), advice: str = "") -> Problem:
    """An exception while a node was looked at. The advice is ours."""
    extra: dict[str, Any] = {"exception_type": kind, "traceback": list(traceback)}
    return Problem(
        code="exception_during_validation",
        message="Exception when validating node",
        details=details,
        node=node,
        extra=extra | ({"advice": advice} if advice else {}),
    )


def raised_inside(problem: Problem, about: Mapping[str, Any], link: Sequence[Any]) -> Problem:
    """The same exception as it is told of a node that only feeds others.

    Args:
        problem: As ``raised`` made it.
        about: The input that the node feeds: ``input_name`` and ``input_config``.
        link: What is linked there.
    """
    facts = {"exception_message": problem.details, **problem.extra, "linked_node": list(link)}
    return msgspec.structs.replace(
        problem,
        code="exception_during_inner_validation",
        message="Exception when validating inner node",
        extra={**about, **facts},
    )


def _failed(node: str, details: str, extra: dict[str, Any]) -> Problem:
    message = "Custom validation failed for node"
    return Problem(code="custom_validation_failed", message=message, details=details, node=node, extra=extra)
