"""The text that Stable Diffusion web UIs write, as values by role."""

import re
from collections.abc import Mapping
from typing import Any

from limner.dialects.recall.program import Settings, number, plain
from limner.dialects.recall.walk_names import walk_settings
from limner.graph.infotext import read_infotext

_LORA = re.compile(r"<(?:lora|lyco):([^:<>]++)(?::(-?[\d.]++))?+[^<>]*+>", re.IGNORECASE)
_SIZE = re.compile(r"(\d{2,5})\s*[x×]\s*(\d{2,5})")

NUMBERS = {
    "Steps": "sampler.steps",
    "CFG scale": "sampler.cfg",
    "Distilled CFG Scale": "sampler.guidance",
    "Seed": "sampler.seed",
    "Denoising strength": "sampler.denoise",
    "Hires upscale": "upscale.factor",
}
"""Names of settings that are numbers, and their roles."""


def infotext_settings(text: str) -> Settings:
    """Values by role; empty if the text is no such one."""
    found = read_infotext(text)
    if not found.settings:
        return {}
    prompt, loras = without_loras(found.prompt)
    told: Settings = {"prompt.positive": prompt, "prompt.negative": found.negative}
    told |= {role: number(found.settings.get(name)) for name, role in NUMBERS.items()}
    told |= _size(found.settings) | walk_settings(found.settings.get("Sampler"), found.settings.get("Schedule type"))
    told |= {"model.main": found.settings.get("Model"), "model.vae": found.settings.get("VAE")}
    return plain(told) | ({"lora.list": loras} if loras else {})


def model_hash(text: str) -> str:
    """The beginning of the model's digest that such a text tells; empty if it tells none."""
    return read_infotext(text).settings.get("Model hash", "")


def without_loras(prompt: str) -> tuple[str, list[dict[str, Any]]]:
    """A prompt without the marks of LoRAs, and these."""
    loras = [{"name": match[1].strip(), "strength": number(match[2] or 1) or 0} for match in _LORA.finditer(prompt)]
    return re.sub(r"[ \t]{2,}", " ", _LORA.sub("", prompt)).strip(" ,\n") if loras else prompt, loras


def _size(settings: Mapping[str, str]) -> Settings:
    match = _SIZE.fullmatch(settings.get("Size", "").strip())
    return {"size.width": int(match[1]), "size.height": int(match[2])} if match else {}
