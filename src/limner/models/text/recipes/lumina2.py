"""Lumina 2: Gemma 2, the layer before the last. What stands before a prompt is a node's to put there.

Source: Qin et al. 2025, section 3.
"""

from limner.models.text.recipe import Slot, TextRecipe, joined_masked
from limner.models.text.sequence_reading import SequenceReading

LUMINA2 = TextRecipe(
    name="lumina2",
    doc="Gemma 2 2B, the layer before the last.",
    slots=(Slot("gemma2_2b", ("gemma2",), SequenceReading(begin=("<bos>",), layers=(-2,), keeps=0)),),
    join=joined_masked,
    types=("lumina2",),
)
