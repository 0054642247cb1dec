"""``/txt2img`` and ``/img2img``: from the body to what was asked for. Pure.

All fields may be missing or null, which means the same, and unknown ones are ignored: clients send what other
programs of the kind know.
"""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.dialects.a1111.drawing_keys import (
    COMMON,
    FROM_PICTURE,
    FROM_TEXT,
    FROM_TEXT_OF_PICTURE,
    LIMITS,
    OPTIONS_FROM_TEXT,
    SECOND_PASS,
    Field,
)
from limner.dialects.a1111.errors import invalid, refusal
from limner.dialects.a1111.infotext import read_parameters

SEEDS = 2**32 - 1
"""A seed that nobody chose is below this."""

MOST_PIXELS = 1 << 26
"""Of all pictures of a request together."""

MOST_PICTURES = 64
SAME = ("use same sampler", "use same scheduler", "use same checkpoint", "none", "")
"""What clients send for "as in the first pass"."""

TRUTHS = {"true": True, "1": True, "false": False, "0": False}
PICTURE_DENOISE = 0.75

NAMED = ("sd_model_checkpoint", "sd_vae")
"""Options that are names, also where these look like numbers."""


@dataclass(frozen=True)
class Asked:
    """What a client asked for.

    Attributes:
        fields: All fields with defaults filled in; the answer repeats them.
        given: Names of those that the client gave.
        from_picture: It is ``/img2img``.
        seed: Of the first picture.
        subseed: Of the first picture's variation.
    """

    fields: Mapping[str, Any]
    given: frozenset[str]
    from_picture: bool
    seed: int
    subseed: int

    def __getitem__(self, name: str) -> Any:
        """A field."""
        return self.fields[name]

    @property
    def count(self) -> int:
        """How many pictures."""
        return self["batch_size"] * self["n_iter"]

    @property
    def seeds(self) -> list[int]:
        """One a picture. With a variation the seed stays, and what is varied by changes."""
        if self["subseed_strength"] > 0:
            return [self.seed] * self.count
        return [self.seed + number for number in range(self.count)]

    @property
    def subseeds(self) -> list[int]:
        """One a picture."""
        return [self.subseed + number for number in range(self.count)]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first pass."""
        first = self.fields.get("firstphase_width"), self.fields.get("firstphase_height")
        return first if self.hires and all(first) else (self["width"], self["height"])  # type: ignore[return-value]

    @property
    def hires(self) -> bool:
        """There is a second pass."""
        return bool(self.fields.get("enable_hr"))

    @property
    def denoise(self) -> float:
        """Share of the noise of the walk that begins with a picture."""
        said = self["denoising_strength"]
        return PICTURE_DENOISE if said is None else said

    @property
    def sampler(self) -> str:
        """The sampler's label; an old field says it if the new one does not."""
        return self["sampler_name"] or self["sampler_index"]

    def other(self, name: str) -> str | None:
        """A field that names something else than the first pass has; None: the same."""
        said = self.fields.get(name)
        return None if said is None or said.strip().casefold() in SAME else said

    def changed(self, **changes: Any) -> "Asked":
        """The same with other fields; a seed below 0 is drawn anew.

        Raises:
            GraphError: if one has a value that cannot be meant.
        """
        table = COMMON | (FROM_PICTURE if self.from_picture else FROM_TEXT)
        fields = {**self.fields, **{name: _field(name, table[name], changes) for name in changes}}
        seed = _seed(fields["seed"]) if "seed" in changes else self.seed
        subseed = _seed(fields["subseed"]) if "subseed" in changes else self.subseed
        changed = Asked(fields, self.given | changes.keys(), self.from_picture, seed, subseed)
        _check(changed)
        return changed

    @property
    def target(self) -> tuple[int, int]:
        """Width and height after the second pass."""
        width, height = self.size
        if (width, height) != (self["width"], self["height"]):
            return self["width"], self["height"]
        wide, high = self["hr_resize_x"], self["hr_resize_y"]
        if not wide and not high:
            return int(width * self["hr_scale"]), int(height * self["hr_scale"])
        return wide or round(high * width / height), high or round(wide * height / width)


LONGEST_PROMPT = 20_000
"""Characters; what stands in brackets is read once for each of them, so that a book of brackets would take minutes."""


def read_drawing(body: Mapping[str, Any], *, from_picture: bool) -> Asked:
    """Reads a body.

    Raises:
        GraphError: if a field has a value that cannot be meant.
    """
    table = COMMON | (FROM_PICTURE if from_picture else FROM_TEXT)
    if isinstance(body.get("infotext"), str):
        body = _filled(said_by(body["infotext"]), body)
    fields = {name: _field(name, kind, body) for name, kind in table.items()}
    given = frozenset(name for name in table if body.get(name) is not None)
    asked = Asked(fields, given, from_picture, _seed(fields["seed"]), _seed(fields["subseed"]))
    _check(asked)
    return asked


def said_by(text: str) -> dict[str, Any]:
    """Fields that the text of a picture says, options among them under ``override_settings``."""
    told = read_parameters(text)
    fields: dict[str, Any] = {field: told[name] for name, field in FROM_TEXT_OF_PICTURE.items() if name in told}
    if any(name in told for name in SECOND_PASS):
        fields["enable_hr"] = True
    options = {option: told[name] for name, option in OPTIONS_FROM_TEXT.items() if name in told}
    numbers = {name: _as_number(value) for name, value in options.items() if name not in NAMED}
    return fields | {"override_settings": {**options, **numbers}}


def _as_number(text: Any) -> Any:
    """A number if a text is one, as options are compared by their kind."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def _filled(said: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with what a text says where it says nothing itself."""
    given = {name: value for name, value in body.items() if value is not None}
    own = given.get("override_settings")
    if isinstance(own, Mapping):
        given["override_settings"] = {**said["override_settings"], **own}
    return {**said, **given}


def _check(asked: Asked) -> None:
    if asked.from_picture and not asked["init_images"]:
        raise refusal("Init image not found")
    if asked.from_picture and len(asked["init_images"]) > asked["batch_size"]:
        raise invalid("There may not be more init images than batch_size.", "init_images")
    if asked.count > MOST_PICTURES:
        raise invalid(f"{asked.count} pictures were asked for; one request may have {MOST_PICTURES}.", "n_iter")
    width, height = asked.target if asked.hires else asked.size
    if asked.count * width * height > MOST_PIXELS:
        message = f"{asked.count} pictures of {width}x{height} were asked for; together they may have {MOST_PIXELS}"
        raise invalid(f"{message} pixels. Ask for fewer or smaller ones.", "width")


def _seed(value: int) -> int:
    return secrets.randbelow(SEEDS) if value < 0 else value % 2**63


def _field(name: str, field: Field, body: Mapping[str, Any]) -> Any:
    kind, default = field
    value = body.get(name)
    if value is None or (value == "" and kind in ("whole", "number", "truth")):
        return default
    match kind:
        case "text":
            return _text(name, value)
        case "list":
            return value if isinstance(value, list) else _wrong(name, "a list", value)  # pyright: ignore[reportUnknownVariableType]
        case "object":
            return value if isinstance(value, dict) else _wrong(name, "an object", value)  # pyright: ignore[reportUnknownVariableType]
        case "truth":
            known = TRUTHS.get(str(value).lower())
            return _wrong(name, "true or false", value) if known is None else known
        case _:
            return _numeric(name, kind, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        return _wrong(name, "a text", value)
    if "prompt" in name and len(value) > LONGEST_PROMPT:
        raise invalid(f"{name!r} has {len(value)} characters; at most {LONGEST_PROMPT} are read.", name)
    return value


def _numeric(name: str, kind: str, value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or (kind == "whole" and number != int(number)):
        return _wrong(name, "a whole number" if kind == "whole" else "a number", value)
    least, most = LIMITS.get(name, (-math.inf, math.inf))
    if not least <= number <= most:
        return _wrong(name, f"from {least:g} to {most:g}", value)
    return int(value if isinstance(value, int) else number) if kind == "whole" else number


def _wrong(name: str, rule: str, value: Any) -> Any:
    raise invalid(f"{name!r} must be {rule}, but is {str(value)!r:.60}.", name, kind="type_error")
