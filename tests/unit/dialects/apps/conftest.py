"""A small catalog, and how workflows are read as apps over it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from limner.dialects.apps.declaration import read_declaration
from limner.dialects.apps.reading import ReadApp, read_app
from limner.graph.catalog import Catalog, Named
from limner.graph.node_type import Input, NodeType, Output


def _type(name: str, *inputs: Input, outputs: tuple[str, ...] = (), output: bool = False) -> NodeType:
    sockets = tuple(Output(name=kind, type=kind) for kind in outputs)
    return NodeType(name=name, title=name, category="", doc="", inputs=inputs, outputs=sockets, is_output=output)


def _number(name: str, kind: str, default: Any, least: Any, most: Any) -> Input:
    return Input(name=name, type=kind, options={"default": default, "min": least, "max": most})


CONDITIONING = [Input(name=side, type="CONDITIONING") for side in ("positive", "negative")]
CATALOG = Catalog(
    nodes={
        described.name: described
        for described in (
            _type(
                "CheckpointLoaderSimple",
                Input(name="ckpt_name", type="COMBO", choices_from="checkpoints"),
                outputs=("MODEL", "CLIP", "VAE"),
            ),
            _type(
                "CLIPTextEncode",
                Input(name="text", type="STRING", options={"multiline": True}),
                Input(name="clip", type="CLIP"),
                outputs=("CONDITIONING",),
            ),
            _type(
                "EmptyLatentImage",
                _number("width", "INT", 512, 16, 4096),
                _number("height", "INT", 512, 16, 4096),
                outputs=("LATENT",),
            ),
            _type(
                "KSampler",
                Input(name="model", type="MODEL"),
                _number("seed", "INT", 0, 0, 2**64 - 1),
                _number("steps", "INT", 20, 1, 10000),
                _number("cfg", "FLOAT", 8.0, 0.0, 100.0),
                Input(name="sampler_name", type="COMBO", choices_from="samplers"),
                *CONDITIONING,
                Input(name="latent_image", type="LATENT"),
                outputs=("LATENT",),
            ),
            _type(
                "LoadImage", Input(name="image", type="COMBO", choices_from="input pictures"), outputs=("IMAGE", "MASK")
            ),
            _type("Flag", Input(name="on", type="BOOLEAN", options={"default": False}), outputs=("BOOLEAN",)),
            _type("SaveImage", Input(name="images", type="IMAGE"), output=True),
        )
    },
    samplers=(Named(name="euler"), Named(name="heun")),
)

LISTS: Mapping[str, list[str]] = {"checkpoints": ["a.safetensors", "b.safetensors"], "input pictures": ["here.png"]}


def workflow(positive: str = "a cat", negative: str = "blurry", **titles: str) -> dict[str, Any]:
    """The usual workflow; ``n4="$size.width"`` gives node 4 a title."""
    document: dict[str, Any] = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": positive, "clip": ["1", 1]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": negative, "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}},
        "5": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0], "seed": 7, "steps": 20, "cfg": 8.0, "sampler_name": "euler",
                "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0],
            },
        },
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0]}},
    }  # fmt: skip
    for name, title in titles.items():
        document[name.removeprefix("n")]["_meta"] = {"title": title}
    return document


def loading(*ids: str, image: str = "gone.png") -> dict[str, Any]:
    """Nodes that load pictures."""
    return {name: {"class_type": "LoadImage", "inputs": {"image": image}} for name in ids}


@pytest.fixture
def read() -> Callable[..., ReadApp]:
    """Reads a workflow as an app."""

    def reading(source: Any, declared: Any = None) -> ReadApp:
        return read_app(
            source, read_declaration(declared), CATALOG, LISTS.__getitem__, LISTS["input pictures"].__contains__
        )

    return reading


def named(read: ReadApp) -> dict[str, Any]:
    """The inputs by name."""
    return {entry.name: entry for entry in read.inputs}
