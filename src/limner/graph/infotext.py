"""The text that Stable Diffusion web UIs write into pictures: prompt, negative prompt, and a line of settings.

    a red apple, <lora:shiny:0.5>
    Negative prompt: blurry
    Steps: 20, Sampler: DPM++ 2M, CFG scale: 7, Seed: 1, Size: 512x512, Lora hashes: "shiny: 0a1b"

Prompts may have several lines. The settings are the last line, if it begins with one; values that hold commas or
colons are JSON texts in quotes.
"""

import re
from dataclasses import dataclass, field

from limner.graph.foreign_json import decode_foreign

NEGATIVE = "Negative prompt:"
LONGEST = 1 << 20

_SETTING = re.compile(r'\s*(?P<name>[A-Za-z][^:,"]{0,80}):\s*(?P<value>"(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')


@dataclass(frozen=True)
class Infotext:
    """What such a text says.

    Attributes:
        prompt: May be empty.
        negative: May be empty.
        settings: Values by name, as they are written: ``Steps``, ``Sampler``, ``CFG scale``, ``Seed`` ...
    """

    prompt: str = ""
    negative: str = ""
    settings: dict[str, str] = field(default_factory=dict)


def read_infotext(text: str) -> Infotext:
    """Reads such a text; any other text is a prompt."""
    lines = text[:LONGEST].strip().splitlines()
    settings = _settings(lines[-1]) if lines else {}
    if settings:
        lines.pop()
    begin = next((place for place, line in enumerate(lines) if line.strip().startswith(NEGATIVE)), len(lines))
    negative = "\n".join(lines[begin:]).strip().removeprefix(NEGATIVE)
    return Infotext("\n".join(lines[:begin]).strip(), negative.strip(), settings)


def _settings(line: str) -> dict[str, str]:
    """The settings of a line; none if it is part of a prompt, which may well hold a colon and a comma."""
    found: dict[str, str] = {}
    place = 0
    while match := _SETTING.match(line, place):
        if match.end() == place:
            break
        found[match["name"].strip()] = _unquoted(match["value"].strip())
        place = match.end()
    whole = not line[place:].strip()
    return found if whole and ("Steps" in found or len(found) >= 3) else {}


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(decode_foreign(value))
    except ValueError:
        return value
