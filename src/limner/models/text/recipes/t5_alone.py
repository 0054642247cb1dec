"""Families that read T5 alone: they differ in how far it is filled up, and in who looks at what fills it up."""

import re

from limner.models.text.recipe import Slot, TextRecipe, joined_alone, joined_masked
from limner.models.text.sequence_reading import SequenceReading

END = ("</s>",)


def _lower(text: str) -> str:
    """As captions were when PixArt was trained."""
    return text.lower().strip()


def _folded(text: str) -> str:
    """White space in rows becomes one space."""
    return re.sub(r"\s+", " ", text).strip()


CHROMA = TextRecipe(
    name="chroma",
    doc="T5 XXL, the text and one token that fills up.",
    slots=(Slot("t5xxl", ("t5",), SequenceReading(end=END, keeps=1), ("te", "te1", "te3")),),
    join=joined_alone,
    types=("chroma",),
)

PIXART = TextRecipe(
    name="pixart",
    doc="T5 XXL, the text in small letters.",
    slots=(Slot("t5xxl", ("t5",), SequenceReading(end=END, cleans=_lower, keeps=0)),),
    join=joined_masked,
    types=("pixart", "pixart_alpha", "pixart_sigma"),
)

LTXV = TextRecipe(
    name="ltxv",
    doc="T5 XXL, at least 128 tokens; the network does not look at what fills up.",
    slots=(Slot("t5xxl", ("t5",), SequenceReading(end=END, least=128, hides=False)),),
    join=joined_masked,
    types=("ltxv", "ltx"),
)

AURAFLOW = TextRecipe(
    name="auraflow",
    doc="Pile-T5 XL, at least 256 tokens, zeros where no text is.",
    slots=(Slot("pile_t5xl", ("umt5",), SequenceReading(end=END, least=256, blank=True)),),
    join=joined_alone,
    types=("auraflow",),
)

COSMOS = TextRecipe(
    name="cosmos",
    doc="The first T5, 11B: at least 512 tokens, zeros where no text is.",
    slots=(Slot("t5_11b", ("t5_first",), SequenceReading(end=END, least=512, blank=True)),),
    join=joined_alone,
    types=("cosmos",),
)

WAN = TextRecipe(
    name="wan",
    doc="UMT5 XXL, at least 512 tokens, zeros where no text is.",
    slots=(Slot("umt5xxl", ("umt5",), SequenceReading(end=END, cleans=_folded, least=512, blank=True)),),
    join=joined_alone,
    types=("wan", "wan21", "wan22"),
)
