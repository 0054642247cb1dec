"""GLIGEN's layers: boxes with texts become tokens, and a UNet's picture attends to them before it attends to the text.

Read from files that hold these layers alone, or with the UNet that they were trained in, under original names or those
of diffusers. Source: Li et al. 2023, "GLIGEN: open-set grounded text-to-image generation", equations 4, 6 and 8.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout

PREFIXES = ("", "model.diffusion_model.", "unet.", "model.")
"""Where files keep them."""

TOKENS = "position_net."
HEADS = 8
"""Of Stable Diffusion 1, whose heads they share; no tensor tells their number."""

FUSER = r"transformer_blocks\.(?P<index>\d+)\.fuser\.(?P<rest>.+)"
ORIGINAL = rf"(?P<side>input|middle|output)_blocks?\.(?P<number>\d+)\.(?:1\.)?{FUSER}"
OWN = rf"(?P<side>down|mid|up)_block(?:s\.(?P<level>\d+))?\.attentions\.(?P<member>\d+)\.{FUSER}"
SIDES = {"down": "input", "mid": "middle", "up": "output"}

Place = tuple[str, int, int]
"""Side (``input``, ``middle``, ``output``), block and transformer block in it, as ``unet_walk`` counts them."""

Fusers = Mapping[Place, tuple[int, int]]
"""Places to widths: of the picture there, of the tokens."""


class GroundingLayers(nn.Module):
    """Tokens of boxes, and gated attention to them at each place."""

    def __init__(self, text: int, width: int, fusers: Fusers) -> None:
        from diffusers.models.attention import GatedSelfAttentionDense  # takes a second to import
        from diffusers.models.embeddings import GLIGENTextBoundingboxProjection

        super().__init__()
        self.tokens = GLIGENTextBoundingboxProjection(text, width)
        self.fusers = nn.ModuleDict(
            {
                _named(place): GatedSelfAttentionDense(rows, tokens, HEADS, rows // HEADS)
                for place, (rows, tokens) in fusers.items()
            }
        )

    def forward(self, boxes: Tensor, texts: Tensor, present: Tensor) -> Tensor:
        """Tokens of boxes.

        Args:
            boxes: Left, top, right, bottom as shares of the picture, [n o 4].
            texts: Pooled text of each, [n o p].
            present: 1 where there is a box, 0 for those that fill up, [n o].

        Shapes: returns [n o d].
        """
        return self.tokens(boxes=boxes, masks=present, positive_embeddings=texts)

    def fused(self, place: Place, rows: Tensor, tokens: Tensor) -> Tensor:
        """A picture's elements after attention to tokens. Shapes: rows [n t d], tokens [n o e]; returns like rows."""
        return self.fusers[_named(place)](rows, tokens)


def _named(place: Place) -> str:
    return "_".join(str(part) for part in place)


def gligen_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill the layers; None if the layout holds none for boxes with texts."""
    prefix = next((prefix for prefix in PREFIXES if f"{prefix}{TOKENS}null_positive_feature" in layout), None)
    if prefix is None:
        return None
    inside = layout.under(prefix) if prefix else layout
    places = dict(_places(inside))
    if not places:
        return None
    fusers = {
        place: (inside.shape(name)[0], inside.shape(name)[1])
        for name, (place, rest) in places.items()
        if rest == "linear.weight"
    }
    text, width = inside.shape(f"{TOKENS}null_positive_feature")[0], next(iter(fusers.values()))[1]
    keys = {f"fusers.{_named(place)}.{rest}": Source((prefix + name,)) for name, (place, rest) in places.items()}
    keys |= {f"tokens.{name}": Source((f"{prefix}{TOKENS}{name}",)) for name in inside.under(TOKENS)}
    return Blueprint(
        keys=keys,
        build=partial(GroundingLayers, text, width, fusers),
        facts={"text": text, "width": width, "fusers": len(fusers)},
    )


def _places(inside: Layout) -> Iterator[tuple[str, tuple[Place, str]]]:
    """Names of layers, with their places and what follows there."""
    found = [(name, re.fullmatch(ORIGINAL, name) or re.fullmatch(OWN, name)) for name in inside]
    matches = [(name, match) for name, match in found if match]
    # In diffusers' layout a level has one block more than attentions on its way down: that which makes it smaller.
    members = [int(match["member"]) for _, match in matches if match["side"] == "down"]
    blocks = max(members, default=0) + 2
    for name, match in matches:
        side = SIDES.get(match["side"], match["side"])
        yield name, ((side, _number(match, blocks), int(match["index"])), match["rest"])


def _number(match: re.Match[str], blocks: int) -> int:
    """A block's number on its side; the first one on the way down is the convolution before all levels."""
    groups = match.groupdict()
    if match["side"].startswith("mid"):
        return 0
    if "number" in groups:
        return int(match["number"])
    return int(match["level"]) * blocks + int(match["member"]) + (match["side"] == "down")
