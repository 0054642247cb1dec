"""Pictures enlarged: from the body of ``/extra-...`` to a graph. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.a1111.errors import invalid, refusal
from limner.dialects.a1111.upscaler_keys import PLAIN_UPSCALERS
from limner.dialects.pictures import PICTURE
from limner.graph.graph import Graph, Link, Node

MOST_PIXELS = 1 << 26
"""Of all pictures of a request together, when they are enlarged."""

MOST_PICTURES = 64
LARGEST_FACTOR = 16.0
LARGEST_SIDE = 16384
METHODS = {"Lanczos": "lanczos", "Nearest": "nearest-exact"}
FACES = ("gfpgan_visibility", "codeformer_visibility")


@dataclass(frozen=True, kw_only=True)
class Enlarging:
    """How pictures are enlarged.

    Attributes:
        upscaler: One of the plain ones, or a network's file; "None": the picture stays as it is.
        second: Likewise, laid over the first one's picture,
        share: to so much, 0..1.
        factor: How much larger,
        size: or to which width and height; None: by the factor.
        crop: What is too much for the size is cut off.
    """

    upscaler: str = "None"
    second: str = "None"
    share: float = 0.0
    factor: float = 2.0
    size: tuple[int, int] | None = None
    crop: bool = True

    def target(self, width: int, height: int) -> tuple[int, int]:
        """The size of a picture of some size when it is enlarged."""
        if self.upscaler == "None":
            return width, height
        if self.size is not None and self.crop:
            return self.size
        factor = self.factor if self.size is None else max(self.size[0] / width, self.size[1] / height)
        sides = [min(LARGEST_SIDE, max(1, math.floor(side * factor + 0.5))) for side in (width, height)]
        return sides[0], sides[1]


def read_extras(body: Mapping[str, Any], networks: Sequence[str]) -> Enlarging:
    """Reads a body.

    Args:
        body: Its fields.
        networks: Files of networks that enlarge.

    Raises:
        GraphError: if a field cannot be meant, or an upscaler is not there.
    """
    for name in FACES:
        if _number(body, name, (0.0, 1.0), 0.0):
            raise invalid("No network that mends faces is there; leave this at 0.", name)
    sized = _number(body, "resize_mode", (0, 1), 0) == 1
    width, height = (_number(body, f"upscaling_resize_{side}", (1, LARGEST_SIDE), 512) for side in "wh")
    crop = body.get("upscaling_crop")
    return Enlarging(
        upscaler=_upscaler(body.get("upscaler_1"), networks),
        second=_upscaler(body.get("upscaler_2"), networks),
        share=_number(body, "extras_upscaler_2_visibility", (0.0, 1.0), 0.0),
        factor=_number(body, "upscaling_resize", (0.01, LARGEST_FACTOR), 2.0),
        size=(int(width), int(height)) if sized else None,
        crop=crop is None or bool(crop),
    )


def find_network(name: str, networks: Sequence[str]) -> str | None:
    """The file of a network by its name, with or without folders and suffix."""
    wanted = name.casefold()
    for network in networks:
        pure = PurePosixPath(network)
        if wanted in (network.casefold(), pure.name.casefold(), pure.stem.casefold()):
            return network
    return None


def extras_graph(enlarging: Enlarging, pictures: Sequence[tuple[str, tuple[int, int]]]) -> Graph:
    """The graph that enlarges pictures. Its output nodes are ``picture 1``, ``picture 2`` ...

    Args:
        enlarging: How.
        pictures: Names of input pictures, and their width and height.

    Raises:
        GraphError: if they would become too large.
    """
    targets = [enlarging.target(*size) for _, size in pictures]
    pixels = sum(width * height for width, height in targets)
    if pixels > MOST_PIXELS or len(pictures) > MOST_PICTURES:
        message = f"{len(pictures)} pictures would have {pixels} pixels; at most {MOST_PICTURES} with {MOST_PIXELS}"
        raise invalid(f"{message} are made by one request. Ask for fewer or smaller ones.", "upscaling_resize")
    nodes: dict[str, Node] = {}
    for number, ((name, _), target) in enumerate(zip(pictures, targets, strict=True), 1):
        nodes |= _enlarged(enlarging, name, target, number)
    return Graph(nodes)


def _enlarged(enlarging: Enlarging, name: str, target: tuple[int, int], number: int) -> dict[str, Node]:
    loaded = f"loaded {number}"
    nodes = {loaded: Node(type="LoadImage", inputs={"image": name})}
    result = _upscaled(nodes, enlarging.upscaler, Link(loaded, 0), target, f"first {number}")
    if enlarging.share > 0 and enlarging.second != "None":
        over = _upscaled(nodes, enlarging.second, Link(loaded, 0), target, f"second {number}")
        mixed = {"image1": result, "image2": over, "blend_factor": enlarging.share, "blend_mode": "normal"}
        nodes[f"mixed {number}"] = Node(type="ImageBlend", inputs=mixed)
        result = Link(f"mixed {number}", 0)
    return nodes | {f"{PICTURE} {number}": Node(type="PreviewImage", inputs={"images": result})}


def _upscaled(nodes: dict[str, Node], upscaler: str, image: Link, target: tuple[int, int], name: str) -> Link:
    """The enlarged picture; the nodes that make it are added."""
    if upscaler == "None":
        return image
    if upscaler not in PLAIN_UPSCALERS:
        network = f"network {upscaler}"
        nodes[network] = Node(type="UpscaleModelLoader", inputs={"model_name": upscaler})
        inputs = {"upscale_model": Link(network, 0), "image": image}
        nodes[f"{name} drawn"] = Node(type="ImageUpscaleWithModel", inputs=inputs)
        image = Link(f"{name} drawn", 0)
    scaling = {"upscale_method": METHODS.get(upscaler, "lanczos"), "width": target[0], "height": target[1]}
    nodes[name] = Node(type="ImageScale", inputs={"image": image, "crop": "center", **scaling})
    return Link(name, 0)


def _upscaler(asked: Any, networks: Sequence[str]) -> str:
    name = str(asked or "None")
    plain = next((known for known in PLAIN_UPSCALERS if known.casefold() == name.casefold()), None)
    found = plain or find_network(name, networks)
    if found is None:
        known = ", ".join((*PLAIN_UPSCALERS, *(PurePosixPath(network).stem for network in networks)))
        raise refusal(f"could not find upscaler named {name!r:.100}. There are: {known}.", 422)
    return found


def _number(body: Mapping[str, Any], name: str, limits: tuple[float, float], default: float) -> float:
    value = body.get(name)
    if value is None or value == "":
        return default
    convert: Callable[[Any], float] = float
    try:
        number = convert(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not limits[0] <= number <= limits[1]:
        raise invalid(f"This must be a number from {limits[0]} to {limits[1]}, but is {value!r:.40}.", name)
    return number
