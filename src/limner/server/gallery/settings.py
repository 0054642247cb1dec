"""The settings that a file was made with, by role, from the texts that it carries or from its job's graph.

What it finds in graphs it finds by the names of inputs alone, so nodes of any pack will do: somewhere a text goes to
``positive``, and the node that takes it, or one that feeds it, has a seed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from limner.dialects.a1111.infotext import infotext
from limner.graph.errors import DocumentError
from limner.graph.foreign_json import decode_foreign
from limner.graph.infotext import read_infotext

Values = dict[str, Any]

PARAMETERS = "parameters"
PROMPT, WORKFLOW = "prompt", "workflow"

MODEL_INPUTS = ("ckpt_name", "unet_name", "model_name", "diffusion_model", "gguf_name")
TEXT_INPUTS = ("text", "prompt", "text_g", "t5xxl", "clip_l", "string", "value", "positive_prompt")
SAMPLING = {
    "sampler.seed": ("seed", "noise_seed"),
    "sampler.steps": ("steps",),
    "sampler.cfg": ("cfg", "cfg_scale"),
    "sampler.guidance": ("guidance",),
    "sampler.name": ("sampler_name",),
    "sampler.scheduler": ("scheduler",),
    "sampler.denoise": ("denoise",),
}
POSITIVE, NEGATIVE = ("positive", "conditioning", "guider"), ("negative",)
LATENT = ("latent_image", "latent", "samples")

INFOTEXT = {
    "sampler.seed": ("Seed", int),
    "sampler.steps": ("Steps", int),
    "sampler.cfg": ("CFG scale", float),
    "sampler.name": ("Sampler", str),
    "sampler.scheduler": ("Schedule type", str),
    "sampler.denoise": ("Denoising strength", float),
    "model.main": ("Model", str),
}
TOLD = {
    "Steps": "sampler.steps",
    "Sampler": "sampler.name",
    "Schedule type": "sampler.scheduler",
    "CFG scale": "sampler.cfg",
    "Seed": "sampler.seed",
    "Model": "model.main",
    "Denoising strength": "sampler.denoise",
}

_NETWORK = re.compile(r"<lora:([^:>]+)(?::([-+.\d]+))?[^>]*>")
_PAIR = re.compile(r"(\d+)x(\d+)")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of how it was made.

    Attributes:
        values: By role; ``lora.list`` holds ``{name, strength}``.
        infotext: The text of web UIs: the file's own, or one that says the same.
        prompt: The graph that was run, or None.
        workflow: The document that was drawn, or None.
    """

    values: Values
    infotext: str = ""
    prompt: Mapping[str, Any] | None = None
    workflow: Mapping[str, Any] | None = None


def settings_of(texts: Mapping[str, str], document: Mapping[str, Any] | None = None) -> Settings:
    """The settings that texts of a file hold.

    Args:
        texts: By keyword.
        document: The graph of the job that made it, if it carries none itself.
    """
    prompt, workflow = _object(texts.get(PROMPT)) or document, _object(texts.get(WORKFLOW))
    values = graph_values(prompt) if prompt else {}
    own = texts.get(PARAMETERS, "")
    if own and not values:
        values = infotext_values(own)
    return Settings(values=values, infotext=own or as_infotext(values), prompt=prompt, workflow=workflow)


def infotext_values(text: str) -> Values:
    """The settings in a text of web UIs."""
    read = read_infotext(text)
    values: Values = {"prompt.positive": read.prompt}
    if read.negative:
        values["prompt.negative"] = read.negative
    for role, (name, kind) in INFOTEXT.items():
        if name in read.settings:
            try:
                values[role] = kind(read.settings[name])
            except ValueError:
                continue
    pair = _PAIR.fullmatch(read.settings.get("Size", ""))
    if pair is not None:
        values |= {"size.width": int(pair[1]), "size.height": int(pair[2])}
    networks = [{"name": name, "strength": _number(weight)} for name, weight in _NETWORK.findall(read.prompt)]
    return values | ({"lora.list": networks} if networks else {})


def as_infotext(values: Values) -> str:
    """Settings as a text of web UIs; empty if there are none."""
    if not values:
        return ""
    told: dict[str, Any] = {name: values.get(role) for name, role in TOLD.items()}
    if "size.width" in values and "size.height" in values:
        told["Size"] = f"{values['size.width']}x{values['size.height']}"
    return infotext(str(values.get("prompt.positive", "")), str(values.get("prompt.negative", "")), told)


def graph_values(prompt: Mapping[str, Any]) -> Values:
    """The settings of a graph in API form."""
    nodes = {name: inputs for name, node in prompt.items() if (inputs := _inputs(node)) is not None}
    sampler = next((name for name in nodes if _samples(nodes, name)), None)
    if sampler is None:
        return {}
    values: Values = {}
    for role, names in SAMPLING.items():
        found = _constant(nodes, sampler, names)
        if found is not None:
            values[role] = found
    for role, names in (("prompt.positive", POSITIVE), ("prompt.negative", NEGATIVE)):
        text = _text(nodes, sampler, names)
        if text is not None:
            values[role] = text
    values |= _models(nodes, sampler)
    return values | _size(nodes, sampler)


def _samples(nodes: Mapping[str, Values], name: str) -> bool:
    inputs = nodes[name]
    noise = any(field in inputs for field in ("seed", "noise_seed", "noise"))
    return noise and any(_source(nodes, inputs.get(field)) is not None for field in (*POSITIVE, "model"))


def _inputs(node: Any) -> Values | None:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return dict(inputs) if isinstance(inputs, Mapping) else None


def _source(nodes: Mapping[str, Values], value: Any) -> str | None:
    """The node that a link comes from."""
    if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str) and value[0] in nodes:
        return value[0]
    return None


def _upstream(nodes: Mapping[str, Values], start: str) -> Iterator[str]:
    """A node and all that feed it, the nearest first."""
    seen, pending = {start}, [start]
    while pending:
        name = pending.pop(0)
        yield name
        for value in nodes[name].values():
            source = _source(nodes, value)
            if source is not None and source not in seen:
                seen.add(source)
                pending.append(source)


def _constant(nodes: Mapping[str, Values], start: str, names: tuple[str, ...]) -> Any:
    given = (nodes[name].get(field) for name in _upstream(nodes, start) for field in names)
    return next((value for entry in given if (value := _worth(nodes, entry)) is not None), None)


def _worth(nodes: Mapping[str, Values], value: Any) -> Any:
    """A constant, or that of the primitive which feeds an input."""
    source = _source(nodes, value)
    fed = nodes[source].values() if source is not None else (value,)
    return next((one for one in fed if isinstance(one, str | int | float) and not isinstance(one, bool)), None)


def _text(nodes: Mapping[str, Values], start: str, names: tuple[str, ...]) -> str | None:
    """The text that goes to one of some inputs of a node."""
    sources = [source for field in names if (source := _source(nodes, nodes[start].get(field))) is not None]
    given = (
        nodes[name].get(key)
        for source in sources
        for name in _conditioning(nodes, source, names)
        for key in TEXT_INPUTS
    )
    return next((value for value in given if isinstance(value, str) and value.strip()), None)


def _conditioning(nodes: Mapping[str, Values], start: str, names: tuple[str, ...]) -> Iterator[str]:
    """A node and what feeds it; where it takes a positive and a negative text, only that which is meant."""
    seen, pending = {start}, [start]
    while pending:
        name = pending.pop(0)
        yield name
        inputs = nodes[name]
        sided = "positive" in inputs and "negative" in inputs
        for field, value in inputs.items():
            source = _source(nodes, value)
            if source is None or source in seen or (sided and field in ("positive", "negative") and field not in names):
                continue
            seen.add(source)
            pending.append(source)


def _models(nodes: Mapping[str, Values], sampler: str) -> Values:
    found: Values = {}
    networks: list[Values] = []
    for name in _upstream(nodes, sampler):
        inputs = nodes[name]
        for field in MODEL_INPUTS:
            if isinstance(inputs.get(field), str):
                found.setdefault("model.main", inputs[field])
        if isinstance(inputs.get("lora_name"), str):
            networks.append({"name": inputs["lora_name"], "strength": _number(inputs.get("strength_model", 1))})
        if isinstance(inputs.get("vae_name"), str):
            found.setdefault("model.vae", inputs["vae_name"])
    return found | ({"lora.list": networks[::-1]} if networks else {})


def _size(nodes: Mapping[str, Values], sampler: str) -> Values:
    starts = [source for field in LATENT if (source := _source(nodes, nodes[sampler].get(field))) is not None]
    for name in _upstream(nodes, starts[0] if starts else sampler):
        width, height = nodes[name].get("width"), nodes[name].get("height")
        if isinstance(width, int) and isinstance(height, int):
            return {"size.width": width, "size.height": height}
    return {}


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 1.0


def _object(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        value = decode_foreign(text)
    except (ValueError, RecursionError, DocumentError):
        return None
    return value if isinstance(value, dict) else None
