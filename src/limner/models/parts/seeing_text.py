"""Qwen 2.5 VL as a text encoder that is shown pictures: the network of transformers.

Source: Bai et al. 2025, sections 2.1 and 2.1.2 (rotation by time, row and column).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.parts.decoder_text import DecoderTextShape, layers_of

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that it was trained on, by colour."""

WINDOW = 112
"""Pixels; most blocks look no further."""

LOOKS_EVERYWHERE = 8
"""Every so many blocks there is one that does."""


@dataclass(frozen=True)
class SightShape:
    """What the shapes of the network that looks at pictures say."""

    width: int
    inner: int
    layers: int
    heads: int
    patch: int
    frames: int
    merged: int
    given: int


class SeeingText(nn.Module):
    """A language model and the network that shows it pictures."""

    def __init__(self, shape: DecoderTextShape, sight: SightShape) -> None:
        from transformers import Qwen2_5_VLConfig, Qwen2_5_VLModel

        super().__init__()
        quarter = shape.head_width // 8
        sections = [quarter, (shape.head_width // 2 - quarter) // 2, (shape.head_width // 2 - quarter) // 2]
        rotation: Mapping[str, Any] = {"mrope_section": sections, **shape.options["rope_parameters"]}
        text = {key: value for key, value in shape.options.items() if key != "head_dim"}
        text |= dict.fromkeys(("bos_token_id", "eos_token_id"))
        looks: dict[str, Any] = {
            "depth": sight.layers,
            "hidden_size": sight.width,
            "intermediate_size": sight.inner,
            "num_heads": sight.heads,
            "patch_size": sight.patch,
            "temporal_patch_size": sight.frames,
            "spatial_merge_size": sight.merged,
            "out_hidden_size": sight.given,
            "window_size": WINDOW,
            "fullatt_block_indexes": list(range(LOOKS_EVERYWHERE - 1, sight.layers, LOOKS_EVERYWHERE)),
        }
        configuration = Qwen2_5_VLConfig(text_config={**text, "rope_parameters": dict(rotation)}, vision_config=looks)
        self.whole: Any = Qwen2_5_VLModel(configuration)
        self.sight = sight

    def embed(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens. Shapes: tokens [...] int; returns [... d]."""
        return self.whole.language_model.embed_tokens(tokens)

    def see(self, picture: Tensor) -> Tensor:
        """Vectors of a picture, to stand in the places of as many tokens.

        Shapes: picture [3 h w] in 0..1, sides multiples of patch times merged; returns [n d].
        """
        sides = (picture.shape[1] // self.sight.patch, picture.shape[2] // self.sight.patch)
        grid = torch.tensor([[1, *sides]], device=picture.device)
        patches = self._patches(picture, *sides)
        seen: Any = self.whole.visual(patches.to(next(self.whole.visual.parameters()).dtype), grid_thw=grid)
        return getattr(seen, "pooler_output", seen)

    def forward(
        self, vectors: Tensor, mask: Tensor | None, layers: tuple[int, ...], positions: Tensor | None = None
    ) -> Tensor:
        """Encodes vectors of tokens and pictures.

        Args:
            vectors: What ``embed`` and ``see`` give.
            mask: True where the network may look; None: everywhere.
            layers: Which layers to return, as ``DecoderText`` does.
            positions: Of each vector in time, rows and columns; None: one after another.

        Shapes: vectors [n t d], mask [n t] bool, positions [3 n t]; returns [n l t d].
        """
        states: Sequence[Tensor] = self.whole.language_model(
            inputs_embeds=vectors,
            attention_mask=None if mask is None else mask.long(),
            position_ids=positions,
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return layers_of(states, layers)

    def _patches(self, picture: Tensor, rows: int, columns: int) -> Tensor:
        """The patches in the order in which they are merged, each repeated over time. Shapes: returns [n c*f*p*p]."""
        mean, deviation = (torch.tensor(values, device=picture.device)[:, None, None] for values in (MEAN, DEVIATION))
        of, merged = self.sight, self.sight.merged
        split = ((picture - mean) / deviation).reshape(
            3, rows // merged, merged, of.patch, columns // merged, merged, of.patch
        )
        ordered = split.permute(1, 4, 2, 5, 0, 3, 6)
        repeated = ordered[:, :, :, :, :, None].expand(-1, -1, -1, -1, -1, of.frames, -1, -1)
        return repeated.reshape(rows * columns, -1)
