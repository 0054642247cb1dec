"""What is told of a failed call: the exception, and what the function was called with, in bounded space."""

import math
import reprlib
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from limner.backends.in_process_results import Items
from limner.engine.step import Broken
from limner.graph.errors import LimnerError

_LETTERS = 2000
_ITEMS = 20
_FRAMES = 60
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory")

MEMORY_TIPS = (
    "This error means you ran out of memory on your GPU.\n\n"
    "TIPS: If the workflow worked before you might have accidentally set the batch_size to a large number."
)
"""What clients know this failure by."""

SHAPES_TIPS = "TIPS: These sizes rarely fit if the text encoder is not the one that this model was made for: check it."
_SHAPES = "mat1 and mat2 shapes cannot be multiplied"


class _Describer(reprlib.Repr):
    """repr with bounds; tensors as type, shape and device, since their values help nobody and cost seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = _ITEMS
        self.maxstring = self.maxother = _LETTERS
        self.maxlevel = 4

    def repr1(self, x: Any, level: int) -> str:
        shape = getattr(x, "shape", None)
        if shape is not None and hasattr(x, "dtype"):
            device = getattr(x, "device", None)
            where = f" on {device}" if device is not None else ""
            return f"{type(x).__name__} {x.dtype} {list(shape)}{where}"
        return super().repr1(x, level)


def describe(value: Any) -> Any:
    """A JSON value for an item: itself if it is a short constant, else a bounded text."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, str):
        return value if len(value) <= _LETTERS else value[:_LETTERS] + "…"
    try:
        return _Describer().repr(value)[:_LETTERS]
    except Exception as error:  # part of the step: a foreign repr may fail in any way
        return f"<{type(value).__name__} that cannot be printed: {type(error).__name__}>"


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out. Tensor libraries say so with a class of their own, or only in words."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in _text(error) for words in _OUT_OF_MEMORY)


def broken(error: BaseException, bound: Mapping[str, Items], secrets: Iterable[str] = ()) -> Broken:
    """An exception of a node's function, with the inputs that it got; secrets in them become stars."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    text = _text(error)
    inputs = {name: [describe(item) for item in items[:_ITEMS]] for name, items in bound.items()}
    return Broken(
        error_type=f"{module}{kind.__qualname__}",
        message=_masked(text, secrets),
        # What another process raised brings the frames that it had there along.
        traceback=(
            *traceback.format_tb(error.__traceback__, limit=-_FRAMES),
            *map(str, getattr(error, "further_frames", ())),
        ),
        inputs={name: [_masked(item, secrets) for item in items] for name, items in inputs.items()},
        tips=_tips(error, text),
    )


def _tips(error: BaseException, text: str) -> str:
    """What to do about an error whose own words do not say it; Limner's do."""
    if isinstance(error, LimnerError):
        return ""
    return MEMORY_TIPS if out_of_memory(error) else SHAPES_TIPS if _SHAPES in text else ""


def _masked(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, str):
        for secret in filter(None, secrets):
            value = value.replace(secret, "***")
    return value


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # part of the step: a foreign __str__ may fail in any way
        return f"{type(error).__name__} (its text cannot be printed)"
