"""The options object: what a client reads, and what of it may be written back."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.a1111.errors import RUNTIME, invalid, refusal
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.options_keys import OPTIONS

CHECKPOINT, CHECKPOINT_HASH = "sd_model_checkpoint", "sd_checkpoint_hash"
LONGEST_NAME = 200

FORMATS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}
"""Our names of the formats that ``samples_format`` may name."""


def options_now(stored: Mapping[str, Any], checkpoint: ModelFile | None) -> dict[str, Any]:
    """All options.

    Args:
        stored: Those that clients have set.
        checkpoint: The one in use; None if there is none at all.
    """
    return {
        **OPTIONS,
        **stored,
        CHECKPOINT: checkpoint.title if checkpoint else None,
        CHECKPOINT_HASH: (checkpoint.sha256 or "") if checkpoint else "",
    }


def changed_options(sent: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What a client changes: many send back all that they have read. Options that nobody knows are kept.

    Raises:
        GraphError: if the name of an option is longer than any is, or a value is of another kind than it must be.
    """
    for name in sent:
        if len(name) > LONGEST_NAME:
            raise refusal(f"The option {name[:40]!r}... has a name of more than {LONGEST_NAME} letters.", 422)
    told = (name for name in sent if name != CHECKPOINT_HASH)
    return {name: _fitting(name, sent[name]) for name in told if name not in now or now[name] != sent[name]}


def _fitting(name: str, value: Any) -> Any:
    """A value as drawings may rely on it; null means what the option is at first."""
    first = OPTIONS.get(name)
    if first is None or value is None:
        return first if value is None else value
    fits = isinstance(value, int | float) if isinstance(first, float) else type(value) is type(first)
    if isinstance(value, bool) and not isinstance(first, bool):
        fits = False
    if not fits:
        raise invalid(f"The option must be like {first!r}, but is {value!r:.40}.", name)
    return value


def no_model(name: object, known: int) -> Exception:
    """A checkpoint that nobody has. Args: known: How many there are."""
    there = f"GET /sdapi/v1/sd-models lists the {known} there are." if known else "There are none; fetch one first."
    return refusal(f"model {name!r:.200} not found. {there}", 500, RUNTIME)


def picture_format(options: Mapping[str, Any]) -> str:
    """``png``, ``jpeg`` or ``webp``, as pictures in answers are wanted."""
    return FORMATS.get(str(options.get("samples_format", "png")).lower().lstrip("."), "png")
