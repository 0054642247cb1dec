"""The small API that people put before a workflow of BizyAir's: a prompt, a seed, an index and the workflow itself.

The prompt goes to where the sampler's links lead, or to a placeholder, whatever the nodes are called.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.apps.records import AppInput
from limner.graph.errors import DocumentError

PROMPTS = ("positive_prompt", "prompt", "text")
"""Names of the input that takes the prompt, the first that there is."""

LARGEST = 1 << 64


def wrapped_values(inputs: Sequence[AppInput], prompt: str, seed: int) -> dict[str, Any]:
    """The values of a workflow's inputs: its prompt, and every seed.

    Raises:
        DocumentError: if it has no place for a prompt.
    """
    texts = {entry.name for entry in inputs if entry.kind == "text"}
    name = next((name for name in PROMPTS if name in texts), None)
    if name is None:
        raise DocumentError(
            "The workflow has no place for the prompt: neither {{prompt}}, nor a text that a sampler's 'positive' "
            "leads to."
        )
    return {name: prompt} | {entry.name: seed for entry in inputs if entry.random}


def whole_number(fields: Mapping[str, Any], name: str) -> int:
    """A whole number among the fields of a form.

    Raises:
        DocumentError: if there is none.
    """
    text = str(fields.get(name, "")).strip()
    if re.fullmatch(r"[+-]?[0-9]{1,20}", text) and -LARGEST < int(text) < LARGEST:
        return int(text)
    came = f"it is {text!r:.60}" if text else "it is missing"
    raise DocumentError(f"'{name}' must be a whole number; {came}.")


def file_name(idx: int, seed: int, now: datetime, made: str) -> str:
    """What the result is called: index, seed and time, with the ending of what was made."""
    return f"{idx}_{seed}_{now:%Y%m%d%H%M%S}{PurePosixPath(made).suffix or '.png'}"
