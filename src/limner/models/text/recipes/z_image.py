"""Z-Image: Qwen 3 in its chat template, the layer before the last."""

from limner.models.text.recipe import Slot, TextRecipe, joined_alone
from limner.models.text.sequence_reading import SequenceReading

TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"

Z_IMAGE = TextRecipe(
    name="z_image",
    doc="Qwen 3 4B in its chat template, the layer before the last.",
    slots=(Slot("qwen3_4b", ("qwen3",), SequenceReading(template=TEMPLATE, weighs=False, layers=(-2,), keeps=0)),),
    join=joined_alone,
    types=("z_image", "lumina2"),
)
