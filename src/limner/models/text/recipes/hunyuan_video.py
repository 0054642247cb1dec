"""HunyuanVideo: Llama behind a template that is not handed on, and CLIP's pooled vector.

Source: Kong et al. 2024, section 4.3.
"""

from collections.abc import Mapping

from torch import Tensor

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe, joined_masked
from limner.models.text.seen_prompt_reading import PICTURE, SeenPromptReading
from limner.models.text.sequence_reading import SequenceReading

BEGIN = "<|begin_of_text|>"

ASPECTS = (
    "1. The main content and theme of the video."
    "2. The color, shape, size, texture, quantity, text, and spatial relationships of the objects."
    "3. Actions, events, behaviors temporal relationships, physical movement changes of the objects."
    "4. background environment, light, style and atmosphere."
    "5. camera angles, movements, and transitions used in the video:<|eot_id|>"
)
ASKED = "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
TEMPLATE = (
    "<|start_header_id|>system<|end_header_id|>\n\nDescribe the video by detailing the following aspects: "
    f"{ASPECTS}{ASKED}"
)
"""What the network was trained behind; it belongs to the format, to the letter."""

TEMPLATE_TOKENS = 95
"""Of the template, in front of the prompt."""

PICTURED = (
    f"<|start_header_id|>system<|end_header_id|>\n\n{PICTURE}\nDescribe the video by detailing the following aspects "
    f"according to the reference image: {ASPECTS}\n\n{ASKED}<|start_header_id|>assistant<|end_header_id|>\n\n"
)
"""The same for networks that begin with a picture."""

PICTURED_TOKENS = 103
"""Of that template, in front of the prompt, the picture counted as one."""


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
            SequenceReading(template=TEMPLATE, begin=(BEGIN,), layers=(-3,), skips=TEMPLATE_TOKENS, keeps=0),
        ),
    ),
    join=_join,
    types=("hunyuan_video",),
)


def seeing(seen: Tensor, every: int) -> SeenPromptReading:
    """How the language model is read with a picture.

    Args:
        seen: The picture as its vision encoder projects it, [n d].
        every: Of what is said of the picture, each so many-th state is handed on.
    """
    return SeenPromptReading(
        template=PICTURED, begin=(BEGIN,), layers=(-3,), keeps=0, seen=seen, before=PICTURED_TOKENS, every=every
    )
