"""InvokeAI: a JSON object under ``invokeai_metadata``; before version 3 under ``sd-metadata``."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.recall.program import Program, Settings, json_object, number, plain, weighted
from limner.dialects.recall.walk_names import walk_settings


def _read(texts: Mapping[str, str]) -> Settings | None:
    said = json_object(texts.get("invokeai_metadata"))
    if said:
        return _of(said)
    older = json_object(texts.get("sd-metadata"))
    return _of_older(older) if isinstance(older.get("image"), Mapping) else None


def _of(said: Mapping[str, Any]) -> Settings:
    told: Settings = {"prompt.positive": said.get("positive_prompt"), "prompt.negative": said.get("negative_prompt")}
    told |= {
        "size.width": number(said.get("width")),
        "size.height": number(said.get("height")),
        "sampler.seed": number(said.get("seed")),
        "sampler.steps": number(said.get("steps")),
        "sampler.cfg": number(said.get("cfg_scale")),
        "sampler.guidance": number(said.get("guidance")),
        "sampler.denoise": number(said.get("strength")),
        "model.main": _name(said.get("model")),
        "model.vae": _name(said.get("vae")),
    }
    scheduler = said.get("scheduler")
    told |= walk_settings(scheduler if isinstance(scheduler, str) else None)
    loras = _loras(said.get("loras"))
    return plain(told) | ({"lora.list": loras} if loras else {})


def _name(model: Any) -> Any:
    """The name in a model's record, whose form has changed over the versions."""
    if not isinstance(model, Mapping):
        return model if isinstance(model, str) else None
    return model.get("name") or model.get("model_name")


def _loras(entries: Any) -> list[dict[str, Any]]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return []
    known = [entry for entry in entries if isinstance(entry, Mapping)]
    return weighted(
        [_name(entry.get("model") or entry.get("lora")) for entry in known], [entry.get("weight") for entry in known]
    )


def _of_older(said: Mapping[str, Any]) -> Settings:
    image = said["image"]
    prompt = image.get("prompt")
    if isinstance(prompt, list):
        prompt = " ".join(str(part.get("prompt", "")) for part in prompt if isinstance(part, Mapping))
    sampler = image.get("sampler")
    told: Settings = {
        "prompt.positive": prompt,
        "sampler.seed": number(image.get("seed")),
        "sampler.steps": number(image.get("steps")),
        "sampler.cfg": number(image.get("cfg_scale")),
        "size.width": number(image.get("width")),
        "size.height": number(image.get("height")),
        "model.main": said.get("model_weights"),
    }
    return plain(told | walk_settings(sampler if isinstance(sampler, str) else None))


INVOKEAI = Program("invokeai", _read, order=1)
