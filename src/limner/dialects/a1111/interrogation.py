"""What a picture shows, in words: from the body of ``/interrogate`` to a graph. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.a1111.errors import refusal
from limner.graph.graph import Graph, Link, Node

CAPTION = "caption"
"""The node that tells."""

LONGEST = 48
"""Tokens of a description."""

CLIP, TAGGER = "clip", "deepdanbooru"


def check_interrogator(model: object) -> None:
    """Refuses kinds of networks that are not there.

    Args:
        model: What the client asks with; None is the default.

    Raises:
        GraphError: if it is none of A1111's, or one that makes tags, which nothing here does.
    """
    if model == TAGGER:
        raise refusal(f"{TAGGER!r} makes tags; no network here does. Ask with {CLIP!r} for a description.")
    if model not in (None, "", CLIP):
        raise refusal("Model not found")


def interrogation_graph(image: str, captioners: Sequence[str]) -> Graph:
    """The graph that describes an input picture.

    Raises:
        GraphError: if there is no network that does.
    """
    if not captioners:
        advice = "put the folder of one (Salesforce/blip-image-captioning-base) into the model folder 'captioners'."
        raise refusal(f"No network that describes pictures is there: {advice}", 404)
    told = {"image": Link("image", 0), "captioner": Link("captioner", 0), "longest": LONGEST}
    return Graph(
        {
            "image": Node(type="LoadImage", inputs={"image": image}),
            "captioner": Node(type="LoadCaptioner", inputs={"captioner": captioners[0]}),
            "told": Node(type="DescribeImage", inputs=told),
            CAPTION: Node(type="PreviewAny", inputs={"source": Link("told", 0)}),
        }
    )


def caption_of(outputs: Mapping[str, Any]) -> str:
    """The words. Args: outputs: What nodes told clients, by node id."""
    return " ".join(str(text) for text in outputs.get(CAPTION, {}).get("text", ())).strip()
