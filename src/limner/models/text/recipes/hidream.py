"""HiDream: T5, every layer of Llama, and the pooled vectors of CLIP's two encoders.

Source: Cai et al. 2025, section 2.2.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe
from limner.models.text.sequence_reading import SequenceReading

LENGTH = 128
CLIP_WIDTHS = {"clip_l": 768, "clip_g": 1280}
T5_WIDTH = 4096
LLAMA = (32, 4096)
"""Layers and width."""


def _join(reads: Mapping[str, Read]) -> Joined:
    t5, llama = reads.get("t5xxl"), reads.get("llama")
    pooled = [_pooled(reads.get(name), width) for name, width in CLIP_WIDTHS.items()]
    layers = torch.zeros(1, LLAMA[0], LENGTH, LLAMA[1]) if llama is None else llama.states
    states = torch.zeros(1, LENGTH, T5_WIDTH) if t5 is None else t5.states
    return states, {"pooled_output": torch.cat(pooled, dim=-1), "conditioning_llama3": layers}


def _pooled(read: Read | None, width: int) -> Tensor:
    return torch.zeros(1, width) if read is None or read.pooled is None else read.pooled


HIDREAM = TextRecipe(
    name="hidream",
    doc="T5 XXL and every layer of Llama 3.1 8B, at least 128 tokens each; pooled vectors of CLIP ViT-L and bigG.",
    slots=(
        Slot("clip_l", ("clip",), ChunkReading(), ("te1",), needed=False),
        Slot("clip_g", ("clip",), ChunkReading(padding=0), ("te2",), needed=False),
        Slot("t5xxl", ("t5",), SequenceReading(end=("</s>",), least=LENGTH), ("te3",), needed=False),
        Slot(
            "llama",
            ("llama",),
            SequenceReading(begin=("<|begin_of_text|>",), padding=("<|eot_id|>",), least=LENGTH, layers=()),
            ("te4",),
            needed=False,
        ),
    ),
    join=_join,
    types=("hidream",),
    fills=False,
)
