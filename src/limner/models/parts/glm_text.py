"""ChatGLM3 as a text encoder: the network that diffusers carries for Kolors, without the layer that predicts words.

Source: Zeng et al. 2024; rotation of neighbours in the first half of each head, few heads for keys and values.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.parts.decoder_text import layers_of


@dataclass(frozen=True)
class GlmTextShape:
    """What the shapes of ChatGLM's network say."""

    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    groups: int
    head_width: int


class GlmText(nn.Module):
    """ChatGLM3's network."""

    def __init__(self, shape: GlmTextShape) -> None:
        from diffusers.pipelines.kolors.text_encoder import ChatGLMConfig, ChatGLMModel

        super().__init__()
        configuration = ChatGLMConfig(
            num_layers=shape.layers,
            padded_vocab_size=shape.vocabulary,
            hidden_size=shape.width,
            ffn_hidden_size=shape.inner,
            kv_channels=shape.head_width,
            num_attention_heads=shape.heads,
            multi_query_attention=True,
            multi_query_group_num=shape.groups,
            add_qkv_bias=True,
            original_rope=True,
        )
        # Its own way to leave weights empty takes the CPU by name; ours has chosen a device already.
        whole: Any = ChatGLMModel(configuration, empty_init=False)
        self.embedding: Any = whole.embedding
        self.encoder: Any = whole.encoder
        self.rotation_width = shape.head_width // 2

    def embed(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens. Shapes: tokens [...] int; returns [... d]."""
        return self.embedding.word_embeddings(tokens)

    def forward(self, vectors: Tensor, mask: Tensor | None, layers: tuple[int, ...]) -> Tensor:
        """Encodes token vectors; positions are counted from the first that is shown.

        Args:
            vectors: What ``embed`` gives, or learned vectors.
            mask: True where the network may look; None: everywhere.
            layers: Which layers to return: 0 what goes in, -1 the last; none is normed.

        Shapes: vectors [n t d], mask [n t] bool; returns [n l t d].
        """
        shown = torch.ones(vectors.shape[:2], dtype=torch.bool, device=vectors.device) if mask is None else mask
        positions = (shown.long().cumsum(dim=1) - 1).clamp(min=0)
        states: tuple[Tensor, ...] = self.encoder(
            vectors.transpose(0, 1).contiguous(),
            None if mask is None else _hidden(shown),
            rotary_pos_emb=_rotation(positions, self.rotation_width, vectors.dtype),
            use_cache=False,
            output_hidden_states=True,
        )[2]
        return layers_of([state.transpose(0, 1) for state in states], layers)


def _hidden(shown: Tensor) -> Tensor:
    """Where each token may not look: ahead, and at what fills up; what fills up looks everywhere.

    Shapes: shown [n t] bool; returns [n 1 t t] bool.
    """
    length = shown.shape[1]
    behind = torch.ones(length, length, dtype=torch.bool, device=shown.device).tril()
    return ~((behind & shown[:, None, :]) | ~shown[:, :, None])[:, None]


def _rotation(positions: Tensor, width: int, dtype: torch.dtype) -> Tensor:
    """Cosines and sines of positions. Shapes: positions [n t]; returns [t n width/2 2]."""
    lengths = torch.arange(0, width, 2, dtype=torch.float32, device=positions.device)
    angles = positions.t().float()[..., None] / 10000 ** (lengths / width)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).to(dtype)
