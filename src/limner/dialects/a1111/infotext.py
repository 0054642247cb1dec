"""The text in pictures, as this API writes it and takes it apart. ``graph.infotext`` reads its lines."""

import json
import re
from collections.abc import Mapping
from typing import Any

from limner.graph.infotext import NEGATIVE, read_infotext

PROMPT, NEGATIVE_PROMPT = "Prompt", "Negative prompt"

IMPLIED: Mapping[str, Any] = {
    "Clip skip": "1",
    "Hires resize-1": 0,
    "Hires resize-2": 0,
    "Hires sampler": "Use same sampler",
    "Hires schedule type": "Use same scheduler",
    "Hires checkpoint": "Use same checkpoint",
    "Hires prompt": "",
    "Hires negative prompt": "",
    "Mask mode": "Inpaint masked",
    "Masked content": "original",
    "Inpaint area": "Whole picture",
    "Masked area padding": 32,
    "RNG": "GPU",
    "Schedule type": "Automatic",
    "Schedule max sigma": 0,
    "Schedule min sigma": 0,
    "Schedule rho": 0,
    "VAE Encoder": "Full",
    "VAE Decoder": "Full",
    "FP8 weight": "Disable",
    "Refiner switch by sampling steps": False,
}
"""What a text means that does not say it."""

_PAIR = re.compile(r"(\d+)x(\d+)")
_WEIGHTS = re.compile(r"[(\[]")


def infotext(prompt: str, negative: str, settings: Mapping[str, Any]) -> str:
    """The text of a picture.

    Args:
        prompt: May have several lines.
        negative: May be empty.
        settings: By name, in order; those that are None are left out.
    """
    told = {name: value for name, value in settings.items() if value is not None}
    line = ", ".join(f"{name}: {quoted(value)}" for name, value in told.items())
    return "\n".join(part for part in (prompt, f"{NEGATIVE} {negative}" if negative else "", line) if part)


def quoted(value: Any) -> str:
    """A value as it stands in the line: in quotes if it would end too early without."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(sign in text for sign in ',:\n"') else text


def read_parameters(text: str) -> dict[str, Any]:
    """The fields of such a text by name, with those that it implies; of an empty one the latter alone."""
    found = read_infotext(text)
    fields: dict[str, Any] = {PROMPT: found.prompt, NEGATIVE_PROMPT: found.negative}
    for name, value in found.settings.items():
        pair = _PAIR.fullmatch(value)
        fields |= {f"{name}-1": pair[1], f"{name}-2": pair[2]} if pair else {name: value}
    implied = dict(IMPLIED)
    if _WEIGHTS.search(found.prompt + found.negative):
        implied["Emphasis"] = "Original"
    return {**implied, **fields}
