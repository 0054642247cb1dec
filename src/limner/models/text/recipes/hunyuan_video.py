"""HunyuanVideo: Llama behind a template that is not handed on, and CLIP's pooled vector.

Source: Kong et al. 2024, section 4.3.
"""

from collections.abc import Mapping

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe, joined_masked
from limner.models.text.sequence_reading import SequenceReading

TEMPLATE = (
    "<|start_header_id|>system<|end_header_id|>\n\nDescribe the video by detailing the following aspects: "
    "1. The main content and theme of the video."
    "2. The color, shape, size, texture, quantity, text, and spatial relationships of the objects."
    "3. Actions, events, behaviors temporal relationships, physical movement changes of the objects."
    "4. background environment, light, style and atmosphere."
    "5. camera angles, movements, and transitions used in the video:<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
)
"""What the network was trained behind; it belongs to the format, to the letter."""

TEMPLATE_TOKENS = 95
"""Of the template, in front of the prompt."""


def _join(reads: Mapping[str, Read]) -> Joined:
    states, options = joined_masked({"llama": reads["llama"]})
    return states, {"pooled_output": reads["clip_l"].pooled, **options}


HUNYUAN_VIDEO = TextRecipe(
    name="hunyuan_video",
    doc="Llama 3 8B, the third layer from the end, without the template's tokens; the pooled vector of CLIP ViT-L.",
    slots=(
        Slot("clip_l", ("clip",), ChunkReading(projected=False), ("te2",)),
        Slot(
            "llama",
            ("llama",),
            SequenceReading(
                template=TEMPLATE, begin=("<|begin_of_text|>",), layers=(-3,), skips=TEMPLATE_TOKENS, keeps=0
            ),
        ),
    ),
    join=_join,
    types=("hunyuan_video",),
)
