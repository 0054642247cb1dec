"""Text encoders in files of their own: which one it is, and how it is run beside the others."""

from collections.abc import Sequence

from limner.graph.errors import ModelFileError
from limner.models.family import TextPart
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.parts.clip_text import END, clip_text_blueprint

PREFIXES = ("", "text_encoder.", "text_encoders.clip_l.transformer.", "text_encoders.clip_g.transformer.")
"""Where such files keep it."""

OPEN_CLIP = {1024: "clip_h", 1280: "clip_g"}
"""Widths of the OpenCLIP encoders in use; every other width counts as CLIP ViT-L or a small one of its kind."""


def text_parts(files: Sequence[ModelFile]) -> list[tuple[ModelFile, TextPart]]:
    """The encoders of the files, in the order in which their outputs are joined.

    Raises:
        ModelFileError: if a file holds none, or two hold the same.
    """
    found = [(file, *_identify(file, joined=len(files) > 1)) for file in files]
    names = [name for _, name, _ in found]
    if len(files) > 2 or len(set(names)) < len(names):
        raise ModelFileError(
            f"These text encoders ({', '.join(names)}) do not go together: choose one, or CLIP ViT-L and OpenCLIP bigG."
        )
    parts = [(file, _part(name, blueprint, joined=len(files) > 1)) for file, name, blueprint in found]
    return sorted(parts, key=lambda part: part[1].name != "clip_l")


def _identify(file: ModelFile, *, joined: bool) -> tuple[str, Blueprint]:
    """Name and blueprint of a file's text encoder. Adapters number encoders only where there are two."""
    layout = file.layout
    name = OPEN_CLIP.get(_width(layout), "clip_l")
    adapter_names = ("te1", "te") if name != "clip_g" else ("te2",) if joined else ("te2", "te")
    blueprint = clip_text_blueprint(layout, PREFIXES, adapter_names, activation=None if name == "clip_l" else "gelu")
    if blueprint is None:
        raise ModelFileError(f"{file.path.name} holds no CLIP text encoder.")
    return name, blueprint


def _width(layout: Layout) -> int:
    shape = next((shape for key, shape in layout.shapes.items() if key.endswith("token_embedding.weight")), (0, 0))
    return shape[-1]


def _part(name: str, blueprint: Blueprint, *, joined: bool) -> TextPart:
    """How the encoder is run: alone CLIP ViT-L gives its last layer, everything else the one before."""
    if name == "clip_l":
        return TextPart(name, blueprint, padding=END, layer=-2 if joined else None, normed=not joined)
    return TextPart(name, blueprint, padding=0, layer=-2, normed=name == "clip_h")
