"""Kolors: ChatGLM3, the layer before the last; its last token of the last layer is the pooled vector.

Source: Kolors team 2024, section 2.1.
"""

from collections.abc import Mapping

from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe
from limner.models.text.sequence_reading import SequenceReading

LENGTH = 256


def _join(reads: Mapping[str, Read]) -> Joined:
    before, last = reads["chatglm3"].states.unbind(dim=1)
    return before, {"pooled_output": last[:, -1]}


KOLORS = TextRecipe(
    name="kolors",
    doc="ChatGLM3 6B, the layer before the last, filled up in front to 256 tokens.",
    slots=(
        Slot(
            "chatglm3",
            ("glm",),
            SequenceReading(
                begin=("[gMASK]", "sop"),
                padding=("<unk>",),
                least=LENGTH,
                most=LENGTH,
                left=True,
                weighs=False,
                layers=(-2, -1),
            ),
        ),
    ),
    join=_join,
    types=("kolors",),
)
