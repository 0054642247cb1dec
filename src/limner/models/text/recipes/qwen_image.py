"""Qwen-Image: Qwen 2.5 VL, behind a template that is not handed on.

Source: Wu et al. 2025, section 2.2.
"""

from limner.models.text.recipe import Slot, TextRecipe, joined_masked
from limner.models.text.sequence_reading import SequenceReading

TEMPLATE = (
    "<|im_start|>system\nDescribe the image by detailing the color, shape, size, texture, quantity, text, spatial "
    "relationships of the objects and background:<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
)
"""What the network was trained behind; it belongs to the format, to the letter."""

TEMPLATE_TOKENS = 34
"""Of the template, in front of the prompt."""

QWEN_IMAGE = TextRecipe(
    name="qwen_image",
    doc="Qwen 2.5 VL 7B, the last layer, without the template's tokens.",
    slots=(
        Slot(
            "qwen25_7b",
            ("qwen2",),
            SequenceReading(template=TEMPLATE, weighs=False, skips=TEMPLATE_TOKENS, keeps=0),
        ),
    ),
    join=joined_masked,
    types=("qwen_image", "qwen_image_edit"),
)
