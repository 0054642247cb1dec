"""The usual graph for a picture, of nodes that every ComfyUI has."""

from typing import Any

from limner.graph.elsewhere import PictureOrder
from limner.graph.graph import Graph, Link, Node

PICTURE = "picture"
"""The node that saves it."""

ORIGIN, HOLE = "origin.png", "hole.png"
"""The input files that are sent along."""

STEPS, GUIDANCE, SAMPLER, SCHEDULE = 20, 7.0, "euler", "normal"
"""What is taken where nobody says anything."""


def plain_graph(model: str, order: PictureOrder) -> Graph:
    """A graph that draws a picture with a checkpoint."""
    nodes = {
        "model": _node("CheckpointLoaderSimple", ckpt_name=model),
        "positive": _node("CLIPTextEncode", clip=Link("model", 1), text=order.prompt),
        "negative": _node("CLIPTextEncode", clip=Link("model", 1), text=order.negative),
        **(_painted_over(order) if order.image else _from_nothing(order)),
        "walk": _node(
            "KSampler",
            model=Link("model", 0),
            positive=Link("positive", 0),
            negative=Link("negative", 0),
            latent_image=Link("latent", 0),
            seed=order.seed,
            steps=order.steps or STEPS,
            cfg=order.guidance or GUIDANCE,
            sampler_name=order.sampler or SAMPLER,
            scheduler=order.schedule or SCHEDULE,
            denoise=order.strength if order.image else 1.0,
        ),
        "decoded": _node("VAEDecode", samples=Link("walk", 0), vae=Link("model", 2)),
        PICTURE: _node("SaveImage", images=Link("decoded", 0), filename_prefix="limner"),
    }
    return Graph(nodes)


def _from_nothing(order: PictureOrder) -> dict[str, Node]:
    return {"latent": _node("EmptyLatentImage", width=order.width, height=order.height, batch_size=1)}


def _painted_over(order: PictureOrder) -> dict[str, Node]:
    size = {"width": order.width, "height": order.height, "upscale_method": "lanczos", "crop": "center"}
    nodes = {
        "origin": _node("LoadImage", image=ORIGIN),
        "fitted": _node("ImageScale", image=Link("origin", 0), **size),
        "encoded": _node("VAEEncode", pixels=Link("fitted", 0), vae=Link("model", 2)),
    }
    if not order.mask:
        return {**nodes, "latent": nodes.pop("encoded")}
    return nodes | {
        "hole": _node("LoadImageMask", image=HOLE, channel="red"),
        "latent": _node("SetLatentNoiseMask", samples=Link("encoded", 0), mask=Link("hole", 0)),
    }


def _node(kind: str, **inputs: Any) -> Node:
    return Node(type=kind, inputs=inputs)
