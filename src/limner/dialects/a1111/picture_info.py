"""What a picture file says of how it was made, as A1111's clients read it.

Pictures of ComfyUI, and of Limner's other doors, carry a workflow instead of a text; the text is then made from it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.a1111.infotext import infotext, read_parameters
from limner.dialects.a1111.names import sampler_label, schedule_label
from limner.graph.catalog import Catalog
from limner.graph.document import read_workflow
from limner.graph.embedded.container import carried_texts, container_of
from limner.graph.errors import DocumentError
from limner.graph.graph import Graph
from limner.graph.prompts import Place, find_prompts

KEYWORDS = ("parameters", "usercomment", "comment")
"""Where the text is: in PNG files, and in the EXIF block of others."""


def picture_info(data: bytes, catalog: Catalog) -> dict[str, Any]:
    """The answer of ``/png-info``.

    Args:
        data: The file.
        catalog: What the worker can do, for reading workflows; an empty one reads those that were run.
    """
    texts = _texts(data)
    keyword = next((name for name in KEYWORDS if texts.get(name)), "")
    info = _unquoted(texts.pop(keyword)) if keyword else _of_workflow(data, catalog)
    return {"info": info, "items": texts, "parameters": read_parameters(info)}


def _texts(data: bytes) -> dict[str, str]:
    container = container_of(data)
    try:
        return dict(carried_texts(container, data)) if container is not None else {}
    except DocumentError:
        return {}


def _unquoted(text: str) -> str:
    """Nodes that save write all texts as JSON."""
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text


def _of_workflow(data: bytes, catalog: Catalog) -> str:
    try:
        graph = read_workflow(data, catalog, lambda _: ()).graph
    except DocumentError:
        return ""
    found = find_prompts(graph, catalog)
    settings = dict(_settings(graph, found.samplers, found.seeds))
    prompt, negative = _joined(graph, found.positive), _joined(graph, found.negative)
    return infotext(prompt, negative, settings) if settings or prompt else ""


def _joined(graph: Graph, places: tuple[Place, ...]) -> str:
    """Texts, each once: SDXL has one for each of its encoders."""
    return "\n".join(dict.fromkeys(str(graph.nodes[source].inputs[name]) for source, name in places))


def _settings(graph: Graph, samplers: tuple[str, ...], seeds: tuple[Place, ...]) -> Iterator[tuple[str, Any]]:
    """Settings of the first walk, in the order in which A1111 writes them."""
    walk = _constants(graph.nodes[samplers[0]].inputs) if samplers else {}
    everything = {name: value for node in graph.nodes.values() for name, value in _constants(node.inputs).items()}
    told = {**everything, **walk}
    if "steps" in told:
        yield "Steps", told["steps"]
    if "sampler_name" in told:
        yield "Sampler", sampler_label(str(told["sampler_name"]))
    if "scheduler" in told:
        yield "Schedule type", schedule_label(str(told["scheduler"]))
    if "cfg" in told:
        yield "CFG scale", told["cfg"]
    for source, name in seeds[:1]:
        yield "Seed", graph.nodes[source].inputs[name]
    if {"width", "height"} <= told.keys():
        yield "Size", f"{told['width']}x{told['height']}"
    if "ckpt_name" in told or "unet_name" in told:
        yield "Model", PurePosixPath(str(told.get("ckpt_name") or told["unet_name"])).stem
    if walk.get("denoise", 1) != 1:
        yield "Denoising strength", walk["denoise"]
    if seeds:
        yield "Version", "ComfyUI"


def _constants(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if isinstance(value, str | int | float | bool)}
