"""CLIP's text encoders, in transformers' layout and in OpenCLIP's."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.parts.clip_text import clip_text_blueprint
from limner.models.text.kind import FoundText, TextKind, addressed, aliases

MARKS = (
    "text_model.encoder.layers.0.layer_norm1.weight",
    "encoder.layers.0.layer_norm1.weight",
    "transformer.resblocks.0.ln_1.weight",
)

OWN, PLAIN = "text.", "text_model."
"""What stands before layers in the network, and in adapters."""

WIDTHS = {768: "clip_l", 1024: "clip_h", 1280: "clip_g"}
"""Of the encoders in use: CLIP ViT-L, OpenCLIP ViT-H and bigG."""


def _find(layout: Layout, prefix: str) -> FoundText | None:
    mark = next((prefix + mark for mark in MARKS if prefix + mark in layout), None)
    if mark is None:
        return None
    blueprint = clip_text_blueprint(layout, prefix)
    if blueprint is None:
        return None
    name = WIDTHS.get(layout.shape(mark)[0])
    return FoundText(
        kind="clip",
        name=name or "clip_l",
        certain=name is not None,
        prefix=prefix,
        vocabulary=int(str(blueprint.facts["vocabulary"])),
        blueprint=partial(_blueprint, layout, prefix),
    )


def _blueprint(layout: Layout, prefix: str, name: str, adapter_names: Sequence[str]) -> Blueprint:
    activation = None if name == "clip_l" else "gelu"
    found = clip_text_blueprint(layout, prefix, activation=activation)
    assert found is not None, "an encoder was found here"
    layers = {target: source for target, source in found.keys.items() if target.startswith(OWN)}
    plain = {PLAIN + target.removeprefix(OWN): source for target, source in layers.items()}
    names = aliases(plain, adapter_names, name)
    return replace(
        found,
        aliases={alias: OWN + target.removeprefix(PLAIN) for alias, target in names.items()},
        addressed=addressed(adapter_names, name),
    )


CLIP = TextKind("clip", "Text encoders of CLIP: read 77 tokens from left to right, with a pooled vector.", _find)
