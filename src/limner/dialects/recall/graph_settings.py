"""What a graph draws with, as values by role: traced from its first walk through the links before it."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from limner.dialects.recall.program import Settings, is_plain
from limner.graph.catalog import Catalog
from limner.graph.graph import Graph, Node
from limner.graph.prompts import Place, find_prompts

ROLES = {
    "steps": "sampler.steps",
    "cfg": "sampler.cfg",
    "guidance": "sampler.guidance",
    "sampler_name": "sampler.name",
    "scheduler": "sampler.scheduler",
    "denoise": "sampler.denoise",
    "ckpt_name": "model.main",
    "unet_name": "model.main",
    "vae_name": "model.vae",
    "clip_name": "model.text_encoder",
    "clip_name1": "model.text_encoder",
    "batch_size": "batch.count",
}
"""Names of inputs, and the role that they play at a node before a walk."""

PICTURES = frozenset({"LoadImage", "LoadImageOutput"})
MASKS = frozenset({"LoadImageMask"})
ELSEWHERE = frozenset({"control_net", "vae", "clip", "positive", "negative", "conditioning"})
"""Inputs whose pictures are no origins."""
LONGEST = 100_000


def graph_settings(graph: Graph, catalog: Catalog) -> Settings:
    """Values by role.

    Args:
        graph: What was run.
        catalog: Says what sockets are; an empty one goes by names.
    """
    prompts = find_prompts(graph, catalog)
    told: Settings = {}
    for role, places in (("prompt.positive", prompts.positive), ("prompt.negative", prompts.negative)):
        text = _joined(graph, places)
        if text or (places and role == "prompt.negative"):
            told[role] = text
    walk = ""
    if prompts.samplers:
        walk, later = _walks(graph, prompts.samplers)
        loras: list[dict[str, Any]] = []
        for name, node in _before(graph, walk):
            _add(told, loras, node, is_first=name == walk)
        if loras:
            told["lora.list"] = loras[::-1]
        _add_pictures(told, graph, walk)
        _add_second(told, graph, walk, later)
    if prompts.seeds:
        source, key = next((place for place in prompts.seeds if place[0] == walk), prompts.seeds[0])
        told["sampler.seed"] = graph.nodes[source].inputs[key]
    return told


def _joined(graph: Graph, places: tuple[Place, ...]) -> str:
    """Texts, each once: some families have several encoders."""
    texts = dict.fromkeys(str(graph.nodes[source].inputs[name]) for source, name in places)
    return "\n".join(texts)[:LONGEST]


def _walk(graph: Graph, sampler: str) -> str:
    """The node that walks: the sampler itself, or what a guider is linked to."""
    if graph.nodes[sampler].inputs.keys() & {"steps", "latent_image", "latent", "sigmas"}:
        return sampler
    for name, node in graph.nodes.items():
        if any(link.source == sampler for _, link in node.links()):
            return name
    return sampler


def _walks(graph: Graph, samplers: tuple[str, ...]) -> tuple[str, list[str]]:
    """The first walk, and those that go on from what it made."""
    walks = list(dict.fromkeys(_walk(graph, sampler) for sampler in samplers))
    if len(walks) == 1:
        return walks[0], []
    before = {walk: {name for name, _ in _before(graph, walk)} - {walk} for walk in walks}
    first = next((walk for walk in walks if before[walk].isdisjoint(walks)), walks[0])
    return first, [walk for walk in walks if first in before[walk]]


def _add_second(told: Settings, graph: Graph, walk: str, later: list[str]) -> None:
    """The pass that goes over what was made once more, larger; where there are several, they are nobody's setting."""
    second = graph.nodes[later[0]].inputs if len(later) == 1 else {}
    steps, strength = second.get("steps"), second.get("denoise")
    if not isinstance(steps, int) or not isinstance(strength, int | float):
        return
    for name, node in _before(graph, later[0]):
        if name == walk:
            return
        network, factor = node.inputs.get("model_name"), node.inputs.get("scale_by")
        if isinstance(factor, int | float):
            told |= {"refine.factor": factor, "refine.strength": strength, "refine.steps": steps}
        elif node.type == "UpscaleModelLoader" and isinstance(network, str):
            told["refine.model"] = network


def _before(graph: Graph, start: str) -> Iterator[tuple[str, Node]]:
    """A node and those that it stands on, the nearest first."""
    seen, waiting = {start}, deque([start])
    while waiting:
        name = waiting.popleft()
        node = graph.nodes.get(name)
        if node is None:
            continue
        yield name, node
        for _, link in node.links():
            if link.source not in seen:
                seen.add(link.source)
                waiting.append(link.source)


def _add(told: Settings, loras: list[dict[str, Any]], node: Node, *, is_first: bool) -> None:
    """Adds what a node says; what a nearer one said stays."""
    inputs = node.inputs
    for key, role in ROLES.items():
        value = inputs.get(key)
        if role not in told and is_plain(value) and not isinstance(value, bool):
            told[role] = value
    lora = inputs.get("lora_name")
    if isinstance(lora, str) and lora:
        strength = inputs.get("strength_model", 1.0)
        loras.append({"name": lora, "strength": strength if isinstance(strength, int | float) else 1.0})
    sides = inputs.get("width"), inputs.get("height")
    if "size.width" not in told and not is_first and all(isinstance(side, int) for side in sides):
        told["size.width"], told["size.height"] = sides


def _add_pictures(told: Settings, graph: Graph, walk: str) -> None:
    """The picture and the mask that the latent comes from."""
    seen, waiting = {walk}, deque([walk])
    while waiting:
        node = graph.nodes.get(waiting.popleft())
        if node is None:
            continue
        if isinstance(name := node.inputs.get("image"), str):
            if node.type in PICTURES:
                told.setdefault("image.init", name)
            elif node.type in MASKS:
                told.setdefault("image.mask", name)
        for key, link in node.links():
            if link.source not in seen and key not in ELSEWHERE and key != "model":
                seen.add(link.source)
                waiting.append(link.source)
