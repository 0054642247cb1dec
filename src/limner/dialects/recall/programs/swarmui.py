"""SwarmUI: a JSON object whose ``sui_image_params`` are the settings, where others have their text."""

from collections.abc import Mapping
from typing import Any

from limner.dialects.recall.program import Program, Settings, json_object, number, plain, weighted
from limner.dialects.recall.walk_names import walk_settings

KEYWORDS = ("parameters", "usercomment", "comment", "description")
PARAMETERS = "sui_image_params"


def _read(texts: Mapping[str, str]) -> Settings | None:
    for name in KEYWORDS:
        said = json_object(texts.get(name)).get(PARAMETERS)
        if isinstance(said, Mapping):
            return _of(said)
    return None


def _of(said: Mapping[str, Any]) -> Settings:
    told: Settings = {
        "prompt.positive": said.get("prompt"),
        "prompt.negative": said.get("negativeprompt"),
        "model.main": said.get("model"),
        "model.vae": said.get("vae"),
        "sampler.seed": number(said.get("seed")),
        "sampler.steps": number(said.get("steps")),
        "sampler.cfg": number(said.get("cfgscale")),
        "sampler.guidance": number(said.get("fluxguidancescale")),
        "sampler.denoise": number(said.get("initimagecreativity")),
        "size.width": number(said.get("width")),
        "size.height": number(said.get("height")),
    }
    sampler, scheduler = said.get("sampler"), said.get("scheduler")
    told |= walk_settings(
        sampler if isinstance(sampler, str) else None, scheduler if isinstance(scheduler, str) else None
    )
    names, weights = _list(said.get("loras")), _list(said.get("loraweights"))
    loras = weighted(names, weights)
    return plain(told) | ({"lora.list": loras} if loras else {})


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list) else []


SWARMUI = Program("swarmui", _read, order=2)
