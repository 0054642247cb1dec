"""Flux.1: T5's states, and CLIP's pooled vector beside them."""

from collections.abc import Mapping

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe
from limner.models.text.sequence_reading import SequenceReading


def _join(reads: Mapping[str, Read]) -> Joined:
    return reads["t5xxl"].states, {"pooled_output": reads["clip_l"].pooled}


FLUX = TextRecipe(
    name="flux",
    doc="T5 XXL, at least 256 tokens, and the pooled vector of CLIP ViT-L.",
    slots=(
        Slot("clip_l", ("clip",), ChunkReading(projected=False)),
        Slot("t5xxl", ("t5",), SequenceReading(end=("</s>",), least=256, hides=False), ("te2", "te3")),
    ),
    join=_join,
    types=("flux",),
)
