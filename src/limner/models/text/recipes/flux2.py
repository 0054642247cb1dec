"""Flux.2: a language model read at three layers, which stand side by side."""

from collections.abc import Mapping

from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe
from limner.models.text.sequence_reading import SequenceReading

SYSTEM = (
    "You are an AI that reasons about image descriptions. You give structured responses focusing on object "
    "relationships, object\nattribution and actions without speculation."
)
"""What the network was trained behind; it belongs to the format, to the letter."""

LENGTH = 512


def _join(reads: Mapping[str, Read]) -> Joined:
    (read,) = reads.values()
    states = read.states.transpose(1, 2).flatten(2)
    return states, {}


FLUX2 = TextRecipe(
    name="flux2",
    doc="Mistral Small 3, layers 10, 20 and 30, filled up in front to 512 tokens.",
    slots=(
        Slot(
            "mistral3_24b",
            ("llama",),
            SequenceReading(
                template=f"[SYSTEM_PROMPT]{SYSTEM}[/SYSTEM_PROMPT][INST]{{}}[/INST]",
                begin=("<s>",),
                least=LENGTH,
                left=True,
                weighs=False,
                layers=(10, 20, 30),
            ),
        ),
    ),
    join=_join,
    types=("flux2",),
)

FLUX2_KLEIN = TextRecipe(
    name="flux2_klein",
    doc="Qwen 3, layers 9, 18 and 27, filled up to 512 tokens.",
    slots=(
        Slot(
            "qwen3_4b",
            ("qwen3",),
            SequenceReading(
                template="<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
                padding=("<|endoftext|>",),
                least=LENGTH,
                weighs=False,
                layers=(9, 18, 27),
            ),
            also=("qwen3_8b",),
        ),
    ),
    join=_join,
    types=("flux2", "flux2_klein"),
)
