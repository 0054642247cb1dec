"""What the nodes of a denoising walk say, read as a picture's facts: seed, steps, guidance, texts, size. Pure.

Nodes that are not known here say something that no field of a service could hold; None stands for that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limner.graph.graph import Graph, Link, Node

TEXTS = frozenset({"CLIPTextEncode", "TextEncodeWithSchedule"})
"""Nodes that turn a text into a conditioning; their input ``text`` is it."""

NO_TEXT = frozenset({"ConditioningZeroOut"})
EMPTY = frozenset({"EmptyLatentImage", "EmptySD3LatentImage", "EmptyFlux2LatentImage"})
ENCODERS = frozenset({"VAEEncode", "VAEEncodeTiled"})
PASSED = {"FluxGuidance": "conditioning"}
"""Nodes that change a conditioning in a way that a text survives."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A denoising walk."""

    model: Any
    positive: Any
    negative: Any
    latent: Any
    seed: Any = 0
    steps: Any = 0
    guidance: Any = 0.0
    sampler: Any = ""
    schedule: Any = ""
    strength: Any = 1.0


def _plain(graph: Graph, node: Node) -> Walk | None:
    told = node.inputs
    return Walk(
        model=told.get("model"),
        positive=told.get("positive"),
        negative=told.get("negative"),
        latent=told.get("latent_image"),
        seed=told.get("seed", 0),
        steps=told.get("steps", 0),
        guidance=told.get("cfg", 0.0),
        sampler=told.get("sampler_name", ""),
        schedule=told.get("scheduler", ""),
        strength=told.get("denoise", 1.0),
    )


def _advanced(graph: Graph, node: Node) -> Walk | None:
    """A walk that is put together of noise, guider, sampler and noise levels."""
    told = node.inputs
    noise, guider = _node(graph, told.get("noise")), _node(graph, told.get("guider"))
    sampler, levels = _node(graph, told.get("sampler")), _node(graph, told.get("sigmas"))
    if noise is None or guider is None or levels is None:
        return None
    steps, strength = _levels(levels)
    return Walk(
        model=guider.inputs.get("model"),
        positive=guider.inputs.get("positive", guider.inputs.get("conditioning")),
        negative=guider.inputs.get("negative"),
        latent=told.get("latent_image"),
        seed=noise.inputs.get("noise_seed", noise.inputs.get("seed", 0)),
        steps=steps,
        guidance=guider.inputs.get("cfg", 0.0),
        sampler=sampler.inputs.get("sampler_name", "") if sampler is not None else "",
        schedule=levels.inputs.get("scheduler", ""),
        strength=strength,
    )


def _levels(node: Node) -> tuple[Any, Any]:
    """Steps and strength that noise levels stand for."""
    steps, first = node.inputs.get("steps", 0), node.inputs.get("start_at_step", 0)
    if isinstance(steps, int) and isinstance(first, int) and 0 < first < steps:
        return steps, round((steps - first) / steps, 4)
    return steps, node.inputs.get("denoise", 1.0)


WALKS: dict[str, Callable[[Graph, Node], Walk | None]] = {"KSampler": _plain, "SamplerCustomAdvanced": _advanced}
"""Nodes that walk, and how they are read."""


def text_of(graph: Graph, value: Any) -> Any:
    """The text of a conditioning, or the link that it comes by; None if it says more than a text."""
    node = _node(graph, value)
    if node is None:
        return None
    if node.type in PASSED:
        return text_of(graph, node.inputs.get(PASSED[node.type]))
    if node.type in NO_TEXT:
        return ""
    return node.inputs.get("text", "") if node.type in TEXTS else None


def latent_of(graph: Graph, value: Any) -> dict[str, Any] | None:
    """What a latent says of a picture, as inputs of its node; None if it says more."""
    node = _node(graph, value)
    if node is None:
        return None
    told = node.inputs
    if node.type in EMPTY:
        size = {"width": told.get("width", 1024), "height": told.get("height", 1024), "strength": 1.0}
        return size | {"count": told.get("batch_size", 1)}
    if node.type in ENCODERS:
        return {"image": told.get("pixels")} | _size_of(graph, told.get("pixels"))
    if node.type == "SetLatentNoiseMask":
        inner = latent_of(graph, told.get("samples"))
        return None if inner is None or "image" not in inner else inner | {"mask": told.get("mask")}
    if node.type == "VAEEncodeForInpaint":
        return {"image": told.get("pixels"), "mask": told.get("mask")} | _size_of(graph, told.get("pixels"))
    return None


def _size_of(graph: Graph, value: Any) -> dict[str, Any]:
    """The size of an image, if a node says it; what the image has by itself counts else."""
    node = _node(graph, value)
    if node is not None and {"width", "height"} <= node.inputs.keys():
        return {"width": node.inputs["width"], "height": node.inputs["height"]}
    return {"width": 0, "height": 0}


def _node(graph: Graph, value: Any) -> Node | None:
    return graph.nodes.get(value.source) if isinstance(value, Link) else None
