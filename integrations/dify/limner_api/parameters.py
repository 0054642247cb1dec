"""What people and models typed into tools, as fields of requests."""

import json
from collections.abc import Mapping
from typing import Any

from limner_api.server import LimnerError

DRAWING = (
    "prompt",
    "negative_prompt",
    "width",
    "height",
    "seed",
    "model",
    "steps",
    "guidance",
    "sampler",
    "schedule",
    "format",
)
"""What the tools for pictures have in common; the server's apps call it the same."""

WHOLE = frozenset(("width", "height", "seed", "steps"))
"""Numbers that Dify may hand over with a decimal point."""


def drawing_fields(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a picture."""
    return {name: whole(name, parameters.get(name)) for name in DRAWING}


def whole(name: str, value: Any) -> Any:
    """A number as whole as it is meant."""
    is_whole = isinstance(value, float) and value.is_integer() and name in WHOLE
    return int(value) if is_whole else value


def read_inputs(given: Any) -> dict[str, Any]:
    """Values by name, from an object or the text of one.

    Raises:
        LimnerError: if it is neither.
    """
    if given is None or given == "":
        return {}
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise LimnerError(f'inputs should be a JSON object like {{"prompt": "a red apple"}}: {error}.') from error
    if not isinstance(given, Mapping):
        raise LimnerError('inputs should be a JSON object like {"prompt": "a red apple"}.')
    return dict(given)
