"""T5's encoder: the network of transformers.

Source: Raffel et al. 2020; version 1.1 and UMT5 (Chung et al. 2023) differ in gates and in where positions are learned.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class T5TextShape:
    """What the shapes of a T5 encoder say.

    Attributes:
        own_positions: Whether every layer has its own relative positions, as in UMT5.
    """

    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    head_width: int
    buckets: int
    gated: bool
    own_positions: bool


class T5Text(nn.Module):
    """A T5 encoder."""

    def __init__(self, shape: T5TextShape) -> None:
        from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

        super().__init__()
        options: dict[str, Any] = {
            "vocab_size": shape.vocabulary,
            "d_model": shape.width,
            "d_kv": shape.head_width,
            "d_ff": shape.inner,
            "num_layers": shape.layers,
            "num_heads": shape.heads,
            "relative_attention_num_buckets": shape.buckets,
            "feed_forward_proj": "gated-gelu" if shape.gated else "relu",
        }
        whole: Any = (
            UMT5EncoderModel(UMT5Config(**options)) if shape.own_positions else T5EncoderModel(T5Config(**options))
        )
        self.encoder: Any = whole.encoder

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.encoder.block)

    def embed(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens. Shapes: tokens [...] int; returns [... d]."""
        return self.encoder.embed_tokens(tokens)

    def forward(self, vectors: Tensor, mask: Tensor | None, layers: tuple[int, ...]) -> Tensor:
        """Encodes token vectors.

        Args:
            vectors: What ``embed`` gives, or learned vectors.
            mask: True where the encoder may look; None: everywhere.
            layers: Which layers to return, -1 the last; every one goes through the final norm.

        Shapes: vectors [n t d], mask [n t] bool; returns [n l t d].
        """
        seen = None if mask is None else mask.long()
        if layers == (-1,):
            return self.encoder(inputs_embeds=vectors, attention_mask=seen).last_hidden_state[:, None]
        states = self.encoder(inputs_embeds=vectors, attention_mask=seen, output_hidden_states=True).hidden_states
        return torch.stack([self._layer(states, layer) for layer in layers], dim=1)

    def _layer(self, states: Any, layer: int) -> Tensor:
        """A layer's states, normed; one that the encoder does not have means its last."""
        index = layer if layer >= 0 else len(states) + layer
        if index < 0 or index >= len(states) - 1:
            return states[-1]
        return self.encoder.final_layer_norm(states[index])
