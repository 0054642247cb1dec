"""NovelAI: the prompt under ``Description``, settings as JSON under ``Comment``, the program's name beside them."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.recall.program import Program, Settings, json_object, number, plain
from limner.dialects.recall.walk_names import walk_settings

NUMBERS = {
    "steps": "sampler.steps",
    "scale": "sampler.cfg",
    "seed": "sampler.seed",
    "strength": "sampler.denoise",
    "width": "size.width",
    "height": "size.height",
}


def _read(texts: Mapping[str, str]) -> Settings | None:
    said = json_object(texts.get("comment"))
    known = "novelai" in texts.get("software", "").casefold() or {"uc", "scale", "sampler"} <= said.keys()
    if not known or not said:
        return None
    told: Settings = {role: number(said.get(name)) for name, role in NUMBERS.items()}
    told["prompt.positive"] = said.get("prompt") or texts.get("description")
    told["prompt.negative"] = said.get("uc")
    return plain(told | walk_settings(_text(said.get("sampler")), _text(said.get("noise_schedule"))))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


NOVELAI = Program("novelai", _read, order=3)
