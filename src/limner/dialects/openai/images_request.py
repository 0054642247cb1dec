"""``/v1/images``: from the body to what was asked for. Pure; what is wrong is raised as a GraphError.

JSON bodies and forms are read alike: numbers and truth values may be texts, null and empty texts mean "not given",
unknown fields are ignored, since each client has some of its own.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from limner.dialects.openai.models import GIVES_ADDRESSES, LONGEST_PROMPT
from limner.dialects.openai.refusals import refusal

MOST_PICTURES = 10
SIDES = (16, 4096)
"""Least and largest side of a picture, in pixels."""

MOST_PIXELS = 1 << 26
"""Of all pictures of a request together: four of the largest size."""

DEFAULT_SIZE = (1024, 1024)
LARGEST_SEED = 1 << 32
STEPS = {"low": 8, "medium": 20, "standard": 20, "auto": 20, "high": 40, "hd": 40}
"""Steps by ``quality``."""

NEGATIVE = ("negative_prompt",)
STEP_COUNTS = ("num_inference_steps", "sampling_steps", "steps")
GUIDANCES = ("guidance", "guidance_scale", "cfg_scale", "cfg")
SAMPLERS = ("sample_method", "sampler")
SCHEDULES = ("schedule_method", "scheduler")
STRENGTHS = ("strength",)
"""What clients call a thing; the first that is given counts."""

FORMATS = ("png", "jpeg", "webp")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class ImagesRequest:
    """What a client asked for.

    Attributes:
        prompt: What to draw.
        negative: What not to draw.
        model: Its name, or None.
        count: How many pictures.
        size: Width and height; None: the client leaves it to us.
        seed: Of the first picture.
        steps: Of the walk,
        guidance: its scale,
        sampler: sampler
        schedule: and schedule, as their own names.
        strength: How much of an origin is painted over; None: nothing was said.
        transparent: Pictures have no background.
        format: ``png``, ``jpeg`` or ``webp``.
        quality: Of the last two, 0..100.
        as_address: The answer tells where the pictures are, instead of holding them.
        stream: The answer is a stream of events.
        partial: Pictures on the way that the client wants to see, 0..3.
        given: What the client sent, by its own names; the rest of the above is our choice.
    """

    prompt: str
    negative: str = ""
    model: str | None = None
    count: int = 1
    size: tuple[int, int] | None = None
    seed: int = 0
    steps: int = 20
    guidance: float = 7.0
    sampler: str = "euler"
    schedule: str = "normal"
    strength: float | None = None
    transparent: bool = False
    format: str = "png"
    quality: int = 90
    as_address: bool = False
    stream: bool = False
    partial: int = 0
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[int, ...]:
        """One a picture."""
        return tuple((self.seed + number) % LARGEST_SEED for number in range(self.count))


def read_images_request(body: Mapping[str, Any], key: str = "") -> ImagesRequest:
    """Reads a body.

    Args:
        body: Its fields.
        key: Of the request; one that is repeated with it gets the same seed, although it names none.

    Raises:
        GraphError: if a field is missing, or has a value that cannot be meant.
    """
    fields = _Fields(body)
    model = fields.text("model")
    stream = fields.truth("stream")
    count = fields.whole(("n", "batch_size"), (1, MOST_PICTURES), 1)
    form = fields.choice("output_format", FORMATS, "png")
    return ImagesRequest(
        prompt=_prompt(fields),
        negative=fields.text(*NEGATIVE) or "",
        model=model,
        count=count,
        size=read_size(fields.text("size", "image_size")),
        seed=_seed(fields.first("seed"), key),
        steps=_steps(fields),
        guidance=fields.number(GUIDANCES, (0.0, 100.0), 7.0),
        sampler=fields.text(*SAMPLERS) or "euler",
        schedule=fields.text(*SCHEDULES) or "normal",
        strength=fields.number(STRENGTHS, (0.0, 1.0), None),
        transparent=_transparent(fields, form),
        format=form,
        quality=fields.whole("output_compression", (0, 100), 90),
        as_address=_as_address(fields, model),
        stream=stream,
        partial=fields.whole("partial_images", (0, 3), 0) if stream else 0,
        given={name: value for name, value in body.items() if value is not None and value != ""},
    )


def read_size(text: str | None) -> tuple[int, int] | None:
    """``1024x1536`` as width and height; None for ``auto`` and nothing.

    Raises:
        GraphError: for anything else, and for sizes out of range.
    """
    if text is None or text == "auto":
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and len(text) < 12):
        raise refusal(f"'size' must be WIDTHxHEIGHT or 'auto', but is {text!r}.", "invalid_value", "size")
    size = int(width), int(height)
    if not all(SIDES[0] <= side <= SIDES[1] and side % 8 == 0 for side in size):
        rule = f"between {SIDES[0]} and {SIDES[1]} pixels and multiples of 8"
        raise refusal(f"The sides in 'size' must be {rule}, but it is {text!r}.", "invalid_value", "size")
    return size


def check_cost(count: int, size: tuple[int, int]) -> None:
    """Refuses pictures that together would take too much memory.

    Raises:
        GraphError: if they have more than ``MOST_PIXELS``.
    """
    pixels = count * size[0] * size[1]
    if pixels > MOST_PIXELS:
        message = f"{count} pictures of {size[0]}x{size[1]} have {pixels} pixels; one request may have {MOST_PIXELS}."
        raise refusal(f"{message} Ask for fewer or smaller ones.", "invalid_value", "size" if count == 1 else "n")


def _prompt(fields: "_Fields") -> str:
    prompt = fields.text("prompt")
    if prompt is None:
        raise refusal("Missing required parameter: 'prompt'.", "missing_required_parameter", "prompt")
    if len(prompt) > LONGEST_PROMPT:
        message = f"'prompt' has {len(prompt)} characters; at most {LONGEST_PROMPT} are read."
        raise refusal(message, "string_above_max_length", "prompt")
    return prompt


def _steps(fields: "_Fields") -> int:
    quality = fields.text("quality") or "auto"
    return fields.whole(STEP_COUNTS, (1, 500), STEPS.get(quality, STEPS["auto"]))


def _seed(value: Any, key: str) -> int:
    """A seed from whatever clients send: numbers, and any text, which always means the same one."""
    if value is None or value == "":
        return _any_seed(key)
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return _seed_of(str(value))
    return _any_seed(key) if number < 0 else number % LARGEST_SEED


def _any_seed(key: str) -> int:
    return _seed_of(key) if key else secrets.randbelow(LARGEST_SEED)


def _seed_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4])


def _transparent(fields: "_Fields", form: str) -> bool:
    wanted = fields.choice("background", ("auto", "opaque", "transparent"), "auto") == "transparent"
    if wanted and form == "jpeg":
        message = "'background' cannot be 'transparent' in a jpeg: ask for png or webp as 'output_format'."
        raise refusal(message, "invalid_value", "background")
    return wanted


def _as_address(fields: "_Fields", model: str | None) -> bool:
    given = fields.text("response_format")
    if given is None:
        return model in GIVES_ADDRESSES
    return fields.choice("response_format", ("url", "b64_json"), "b64_json") == "url"


class _Fields:
    """A body's fields, by name and kind."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def first(self, names: str | tuple[str, ...]) -> Any:
        """The first of some fields that is given."""
        given = (self._body.get(name) for name in ((names,) if isinstance(names, str) else names))
        return next((value for value in given if value is not None and value != ""), None)

    def text(self, *names: str) -> str | None:
        value = self.first(names)
        if value is None or isinstance(value, str):
            return value
        name = next(one for one in names if self.first(one) is not None)
        raise refusal(f"'{name}' must be a text, but is {json.dumps(value):.40}.", "invalid_type", name)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        value = "jpeg" if value == "jpg" else value
        if value not in choices:
            raise refusal(f"'{name}' must be one of {', '.join(choices)}, but is {value!r}.", "invalid_value", name)
        return value

    def truth(self, name: str) -> bool:
        value = self.first(name)
        known = TRUTHS.get(str(value).lower()) if value is not None else False
        if known is None:
            raise refusal(f"'{name}' must be true or false, but is {value!r:.40}.", "invalid_type", name)
        return known

    def whole(self, names: str | tuple[str, ...], limits: tuple[int, int], default: int) -> int:
        return self._limited(names, limits, default, int)

    def number(self, names: tuple[str, ...], limits: tuple[float, float], default: Any) -> Any:
        return self._limited(names, limits, default, float)

    def _limited(self, names: Any, limits: tuple[Any, Any], default: Value, kind: Callable[[Any], Value]) -> Value:
        value = self.first(names)
        if value is None:
            return default
        name = names if isinstance(names, str) else next(one for one in names if self.first(one) is not None)
        try:
            if isinstance(value, bool):
                raise TypeError
            number = kind(value)
            whole = number == float(value)
        except (TypeError, ValueError, OverflowError):
            number, whole = default, False
        if not whole or not limits[0] <= number <= limits[1]:  # type: ignore[operator] - both are numbers here
            message = f"'{name}' must be a number from {limits[0]} to {limits[1]}, but is {value!r:.40}."
            raise refusal(message, "invalid_value", name)
        return number
