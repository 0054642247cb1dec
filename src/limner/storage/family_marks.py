"""Which family of models a file's network belongs to, told from names and shapes of tensors alone.

The families themselves know it better and are asked when a network is loaded; they need torch, which a server lacks.
This is for lists, for pictures and for what is suggested to people.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limner.graph.errors import ModelFileError
from limner.storage.family_marks_keys import FAMILY_MARKS, UNET_OTHERS
from limner.storage.gguf_header import read_gguf_header
from limner.storage.safetensors_header import TensorInfo, read_header

Shapes = Mapping[str, tuple[int, ...]]

PREFIXES = ("model.diffusion_model.", "diffusion_model.", "unet.", "transformer.", "")
"""Where files keep their network, the longest first; files of a network alone keep it at the top."""

PLAIN_INPUT = 4
"""Channels of a UNet that sees nothing but the latent."""
OPEN_CLIP = 1024
"""Width of the text of Stable Diffusion 2."""
REFINER, WIDE_VECTOR = 2560, 2816
"""Length of the vector of SDXL's refiner and of its base."""


@dataclass(frozen=True)
class Seen:
    """What a file's network seems to be.

    Attributes:
        family: Its name; empty: none is known.
        variant: ``inpainting`` or ``instructions``, if its first layer is made for that; else empty.
    """

    family: str = ""
    variant: str = ""


def seen_in_file(path: Path) -> Seen:
    """What a file's network seems to be. Reads its header only; files without one tell nothing.

    Raises:
        OSError: if it cannot be read.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in (".safetensors", ".sft"):
            header = read_header(path)
            return seen_in_tensors(_shapes(header.tensors), header.metadata)
        if suffix == ".gguf":
            return seen_in_tensors(_shapes(read_gguf_header(path).tensors))
    except ModelFileError:
        return Seen()
    return Seen()


def seen_in_tensors(shapes: Shapes, metadata: Mapping[str, str] | None = None) -> Seen:
    """What tensors seem to be of.

    Args:
        shapes: Of all tensors, by name.
        metadata: The file's own texts; one that names its family is believed.
    """
    told = (metadata or {}).get("limner.family")
    if told:
        return Seen(told)
    prefix = next((prefix for prefix in PREFIXES if not prefix or any(name.startswith(prefix) for name in shapes)), "")
    network = {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}
    text = "\n".join(network)
    for family, wanted, unwanted in FAMILY_MARKS:
        if all(_found(mark, text) for mark in wanted) and not any(_found(mark, text) for mark in unwanted):
            return Seen(family)
    return _unet(network, text, shapes)


def _unet(network: Shapes, text: str, shapes: Shapes) -> Seen:
    """The line of Stable Diffusion: told by the width of its text and the length of its vector."""
    first = network.get("input_blocks.0.0.weight") or network.get("conv_in.weight") or ()
    if len(first) != 4 or _found(UNET_OTHERS, text):
        return Seen()
    width = next((shape[-1] for name, shape in network.items() if name.endswith("attn2.to_k.weight")), 0)
    vector = (network.get("label_emb.0.0.weight") or network.get("add_embedding.linear_1.weight") or (0, 0))[-1]
    variant = {9: "inpainting", 8: "instructions"}.get(first[1], "")
    if not width or (first[1] != PLAIN_INPUT and not variant):
        return Seen()
    if not vector:
        return Seen("sd2" if width == OPEN_CLIP else "sd1", variant)
    if _found(r"^encoder_hid_proj\.", text):
        return Seen("kolors", variant)
    if vector == REFINER:
        return Seen("sdxl_refiner", variant)
    if vector == WIDE_VECTOR:
        return Seen("playground" if "edm_mean" in shapes else "sdxl", variant)
    return Seen()


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.MULTILINE) is not None


def _shapes(tensors: Mapping[str, TensorInfo]) -> Shapes:
    return {name: info.shape for name, info in tensors.items()}
