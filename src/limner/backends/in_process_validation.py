"""Asks the validation functions of node definitions: the part of checking a graph that needs the nodes' code."""

import asyncio
import inspect
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from limner.graph.declare import NodeDefinition
from limner.graph.validation import EVERYTHING, INPUT_TYPES, Raised, Validation, Verdict

_FRAMES = 40


def ask(definitions: Mapping[str, NodeDefinition], questions: Sequence[Validation]) -> list[Verdict]:
    """Answers in the order of the questions. A type without such a function has nothing against anything.

    Call it from a thread without a running event loop: functions may be coroutines. What a function raises becomes
    its verdict, so that one node's fault does not hide another's.
    """
    return [_verdict(definitions.get(question.type), question) for question in questions]


def _verdict(definition: NodeDefinition | None, question: Validation) -> Verdict:
    if definition is not None and definition.inspect is not None:
        for name, sentence in definition.inspect(**question.inputs):
            return Verdict(passed=(name,), answers=(sentence,))
    if definition is None or definition.validate is None:
        return Verdict()
    named = definition.type.validated
    passed = tuple(name for name in question.inputs if EVERYTHING in named or name in named)
    given: dict[str, Any] = {name: question.inputs[name] for name in passed}
    if definition.type.takes_lists:
        given = {name: [value] for name, value in given.items()}
    if INPUT_TYPES in named:
        given[INPUT_TYPES] = [question.types] if definition.type.takes_lists else question.types
    try:
        answer = definition.validate(**given)
        if inspect.isawaitable(answer):
            answer = asyncio.run(_awaited(answer))
    except Exception as error:  # the step: whatever a node raises is its answer
        return Verdict(passed=passed, error=_raised(error))
    return Verdict(passed=passed, answers=(answer if answer is True or answer is False else str(answer),))


async def _awaited(answer: Any) -> Any:
    return await answer


def _raised(error: Exception) -> Raised:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    lines = tuple(traceback.format_tb(error.__traceback__, limit=-_FRAMES))
    return Raised(kind=f"{module}{kind.__qualname__}", message=str(error), traceback=lines)
