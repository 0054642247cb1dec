"""Stable Diffusion 3: two of CLIP's encoders side by side, T5 behind them; any of the three may be missing.

Source: Esser et al. 2024, section 4.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import pad

from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.reading import Read
from limner.models.text.recipe import Joined, Slot, TextRecipe
from limner.models.text.sequence_reading import SequenceReading

CLIP_WIDTHS = {"clip_l": 768, "clip_g": 1280}
WIDTH = 4096
"""Of T5's states; CLIP's are filled up to it."""


def _join(reads: Mapping[str, Read]) -> Joined:
    t5 = reads.get("t5xxl")
    clips = {name: read for name, read in reads.items() if name in CLIP_WIDTHS}
    parts = [_beside(clips)] if clips else []
    parts += [] if t5 is None else [t5.states]
    width = max((part.shape[-1] for part in parts), default=WIDTH) if t5 is not None else WIDTH
    pooled = [_pooled(reads.get(name), known) for name, known in CLIP_WIDTHS.items()]
    filled = [pad(part, (0, max(0, width - part.shape[-1]))) for part in parts]
    states = torch.cat(filled, dim=1) if filled else torch.zeros(1, 77, WIDTH)
    return states, {"pooled_output": torch.cat(pooled, dim=-1)}


def _beside(clips: Mapping[str, Read]) -> Tensor:
    """CLIP's states side by side, zeros where one is missing. Shapes: returns [1 t d]."""
    length = min(read.states.shape[1] for read in clips.values())
    missing = {name: torch.zeros(1, length, width) for name, width in CLIP_WIDTHS.items()}
    return torch.cat([clips[name].states[:, :length] if name in clips else missing[name] for name in missing], dim=-1)


def _pooled(read: Read | None, width: int) -> Tensor:
    return torch.zeros(1, width) if read is None or read.pooled is None else read.pooled


SD3 = TextRecipe(
    name="sd3",
    doc="CLIP ViT-L and OpenCLIP ViT-bigG joined channel by channel, T5 XXL behind them.",
    slots=(
        Slot("clip_l", ("clip",), ChunkReading(layer=-2, normed=False, projected=False), ("te1",), needed=False),
        Slot("clip_g", ("clip",), ChunkReading(padding=0, layer=-2, normed=False), ("te2",), needed=False),
        Slot("t5xxl", ("t5",), SequenceReading(end=("</s>",), least=77, hides=False), ("te3",), needed=False),
    ),
    join=_join,
    types=("sd3",),
    fills=False,
)
