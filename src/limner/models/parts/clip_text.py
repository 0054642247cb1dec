"""CLIP's text encoder: the network of transformers, run so that any layer can be had and any vector put in.

Source: Radford et al. 2021, section 2.4; the OpenCLIP weights of SD 2 and SDXL differ in layout and activation only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.parts.clip_text_keys import TOKENS, open_clip_sources, transformers_sources

HEAD_WIDTH = 64
"""Of every CLIP text encoder, whatever its width."""

START, END = 49406, 49407
"""Tokens."""


@dataclass(frozen=True)
class ClipTextShape:
    """What the shapes of a text encoder say."""

    vocabulary: int
    positions: int
    width: int
    inner: int
    layers: int
    projection: int
    activation: str


class ClipText(nn.Module):
    """A text encoder with an optional projection."""

    def __init__(self, shape: ClipTextShape) -> None:
        from transformers import CLIPTextConfig, CLIPTextModel  # slow to import, so only when one is built

        super().__init__()
        configuration = CLIPTextConfig(
            vocab_size=shape.vocabulary,
            max_position_embeddings=shape.positions,
            hidden_size=shape.width,
            intermediate_size=shape.inner,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.width // HEAD_WIDTH,
            hidden_act=shape.activation,
            bos_token_id=START,
            eos_token_id=END,
        )
        model = CLIPTextModel(configuration)
        # Before transformers 5 the layers stood one level deeper; our names are the same either way.
        self.text: Any = getattr(model, "text_model", model)
        self.heads = shape.width // HEAD_WIDTH
        self.projection = nn.Linear(shape.width, shape.projection, bias=False) if shape.projection else None

    @property
    def width(self) -> int:
        """Length of a token's vector."""
        return self.text.embeddings.token_embedding.weight.shape[1]

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.text.encoder.layers)

    def embed(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens. Shapes: tokens [...] int; returns [... d]."""
        return self.text.embeddings.token_embedding(tokens)

    def forward(
        self,
        vectors: Tensor,
        end: Tensor,
        layer: int | None,
        *,
        normed: bool,
        projected: bool = True,
        masked: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Encodes token vectors.

        Args:
            vectors: What ``embed`` gives, or learned vectors.
            end: Where each text ends, for the pooled vector.
            layer: The layer to return, -1 the last; None: the last, normed whatever ``normed`` says.
            normed: Whether the final norm is applied to it.
            projected: Whether the pooled vector is projected where there is a projection.
            masked: Whether nothing looks at what stands behind a text's end.

        Shapes: vectors [n t d], end [n] int; returns states [n t d] and pooled [n p], where p is d without projection.
        """
        positions = self.text.embeddings.position_embedding.weight[: vectors.shape[1]]
        hidden = vectors + positions
        wanted, count, seen = hidden, self.layers, _seen(hidden, end) if masked else None
        for index, block in enumerate(self.text.encoder.layers):
            hidden = self._block(block, hidden, seen)
            if layer is not None and index == count + layer:
                wanted = hidden
        last = self.text.final_layer_norm(hidden)
        pooled = last[torch.arange(len(last), device=last.device), end]
        if self.projection is not None and projected:
            pooled = self.projection(pooled)
        if layer is None:
            return last, pooled
        return (self.text.final_layer_norm(wanted) if normed else wanted), pooled

    def _block(self, block: Any, hidden: Tensor, seen: Tensor | None) -> Tensor:
        """One layer: attention over what stands before, then the perceptron, each on the normed state."""
        hidden = hidden + self._attention(block.self_attn, block.layer_norm1(hidden), seen)
        return hidden + block.mlp(block.layer_norm2(hidden))

    def _attention(self, attention: Any, hidden: Tensor, seen: Tensor | None) -> Tensor:
        samples, length, width = hidden.shape
        split = (samples, length, self.heads, HEAD_WIDTH)
        query = attention.q_proj(hidden).view(split).transpose(1, 2)
        key = attention.k_proj(hidden).view(split).transpose(1, 2)
        value = attention.v_proj(hidden).view(split).transpose(1, 2)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, seen, is_causal=seen is None)
        return attention.out_proj(mixed.transpose(1, 2).reshape(samples, length, width))


def _seen(hidden: Tensor, end: Tensor) -> Tensor:
    """Which tokens each token looks at: those before it, up to its text's end. Shapes: returns [n 1 t t] bool."""
    places = torch.arange(hidden.shape[1], device=hidden.device)
    before = places[None, :] <= places[:, None]
    return before & (places <= end.reshape(-1, 1, 1, 1).to(places.device))


def clip_text_blueprint(layout: Layout, prefix: str, *, activation: str | None = None) -> Blueprint | None:
    """How to build and fill a text encoder.

    Args:
        layout: The file.
        prefix: What stands before ``text_model.``, or before ``transformer.resblocks.``.
        activation: ``quick_gelu`` (OpenAI's CLIP) or ``gelu`` (OpenCLIP); None: told by the layout.

    Returns:
        None if there is none under this prefix.
    """
    original = f"{prefix}transformer.resblocks.0.ln_1.weight" in layout
    sources = open_clip_sources(layout, prefix) if original else transformers_sources(layout, prefix)
    if TOKENS not in sources:
        return None
    shape = _shape(layout, sources, activation or ("gelu" if original else "quick_gelu"))
    return Blueprint(keys=sources, build=partial(ClipText, shape), facts=vars(shape))


def _shape(layout: Layout, sources: Mapping[str, Source], activation: str) -> ClipTextShape:
    def size(target: str) -> tuple[int, ...]:
        return layout.shape(sources[target].names[0])

    tokens = sources[TOKENS]
    projection = sources.get("projection.weight")
    projected = layout.shape(projection.names[0]) if projection else (0, 0)
    named = Layout(dict.fromkeys(sources, ()))
    return ClipTextShape(
        vocabulary=layout.shape(tokens.names[-1])[0],
        positions=size("text.embeddings.position_embedding.weight")[0],
        width=size(TOKENS)[1],
        inner=size("text.encoder.layers.0.mlp.fc1.weight")[0],
        layers=named.count("text.encoder.layers.{}."),
        projection=projected[1] if projection and projection.transform else projected[0],
        activation=activation,
    )
