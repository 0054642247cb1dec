"""Language models as text encoders: the networks of transformers, read at any layer.

Source: Touvron et al. 2023 (Llama), Yang et al. 2024 (Qwen), Gemma Team 2024; they differ in norms, biases and gates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class DecoderTextShape:
    """What the shapes of a language model, and its configuration if there is one, say.

    Attributes:
        architecture: Name of transformers' classes without their ends: ``Qwen3`` ...
        base: Of the rotation's wave lengths.
        scaling: How wave lengths are stretched; empty: they are not.
        further: What only this architecture is told.
    """

    architecture: str
    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head_width: int
    epsilon: float
    base: float
    scaling: Mapping[str, Any] = field(default_factory=dict)
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of the configuration."""
        return {
            "vocab_size": self.vocabulary,
            "hidden_size": self.width,
            "intermediate_size": self.inner,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.key_heads,
            "head_dim": self.head_width,
            "rms_norm_eps": self.epsilon,
            "rope_parameters": {"rope_type": "default", "rope_theta": self.base, **self.scaling},
            "pad_token_id": None,
            "use_cache": False,
            **self.further,
        }


class DecoderText(nn.Module):
    """A language model without the layer that predicts words."""

    def __init__(self, shape: DecoderTextShape) -> None:
        import transformers

        super().__init__()
        configuration = getattr(transformers, f"{shape.architecture}Config")(**shape.options)
        self.model: Any = getattr(transformers, f"{shape.architecture}Model")(configuration)

    def embed(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens. Shapes: tokens [...] int; returns [... d]."""
        return self.model.embed_tokens(tokens)

    def forward(self, vectors: Tensor, mask: Tensor | None, layers: tuple[int, ...]) -> Tensor:
        """Encodes token vectors.

        Args:
            vectors: What ``embed`` gives, or learned vectors.
            mask: True where the network may look; None: everywhere.
            layers: Which layers to return: 0 what goes in, -1 the last, normed; none: every one but what goes in.

        Shapes: vectors [n t d], mask [n t] bool; returns [n l t d].
        """
        states = self.model(
            inputs_embeds=vectors,
            attention_mask=None if mask is None else mask.long(),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return layers_of(states, layers)


def layers_of(states: Sequence[Tensor], layers: tuple[int, ...]) -> Tensor:
    """Some layers' states. Shapes: states [n t d] each; returns [n l t d]."""
    return torch.stack([layer_of(states, layer) for layer in layers] if layers else list(states[1:]), dim=1)


def layer_of(states: Sequence[Tensor], layer: int) -> Tensor:
    """A layer's states; one that the network does not have means its last."""
    index = layer if layer >= 0 else len(states) + layer
    return states[index] if 0 <= index < len(states) else states[-1]
