"""HunyuanImage 2.1: Qwen behind a template that is not handed on, and ByT5 for what is written in the picture.

Source: Tencent 2025, "HunyuanImage 2.1", on its text encoders.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from limner.models.parts.hunyuan_image_pass import GLYPHS
from limner.models.text.chunks import Token
from limner.models.text.embeddings import FindEmbedding
from limner.models.text.reading import Read, TextBranch
from limner.models.text.recipe import Joined, Slot, TextRecipe, joined_masked
from limner.models.text.sequence_reading import SequenceReading

TEMPLATE = (
    "<|im_start|>system\nDescribe the image by detailing the color, shape, size, texture, quantity, text, spatial "
    "relationships of the objects and background:<|im_end|>\n<|im_start|>user\n{}<|im_end|>"
)
"""What the network was trained behind; it belongs to the format, to the letter."""

TEMPLATE_TOKENS = 34
"""Of the template, in front of the prompt."""

QUOTES = ("''", '""', "\u2018\u2019", "\u201c\u201d")
"""What begins and ends a text that is to be written, in the order in which such texts are read."""

MOST = 128
"""Bytes of such texts."""


def written(prompt: str) -> list[str]:
    """The texts of a prompt that are to be written: those in quotes."""
    return [text for first, last in QUOTES for text in re.findall(f"{first}(.*?){last}", prompt)]


@dataclass(frozen=True)
class GlyphReading(SequenceReading):
    """A reading of nothing but what is to be written; nothing is read where there is no such text."""

    def chunks(self, branch: TextBranch, text: str, find: FindEmbedding) -> list[list[Token]]:
        """Tokens of the texts in quotes, in the words that the encoder was trained with."""
        found = written(text)
        told = "".join(f'Text "{words}". ' for words in found)
        return super().chunks(branch, told, find) if found else []


def _join(reads: Mapping[str, Read]) -> Joined:
    states, options = joined_masked({"qwen25_7b": reads["qwen25_7b"]})
    return states, options | ({GLYPHS: reads["byt5_small"].states} if "byt5_small" in reads else {})


HUNYUAN_IMAGE = TextRecipe(
    name="hunyuan_image",
    doc="Qwen 2.5 VL 7B, the third layer from the end, without the template's tokens; ByT5 for texts in quotes.",
    slots=(
        Slot(
            "qwen25_7b",
            ("qwen2",),
            SequenceReading(template=TEMPLATE, weighs=False, layers=(-3,), skips=TEMPLATE_TOKENS, keeps=0),
        ),
        Slot(
            "byt5_small",
            ("t5",),
            GlyphReading(weighs=False, end=("</s>",), most=MOST, keeps=0),
            ("te2",),
            needed=False,
        ),
    ),
    join=_join,
    types=("hunyuan_image",),
    fills=False,
)
