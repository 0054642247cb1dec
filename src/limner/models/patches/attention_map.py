"""Tells how much each place of a latent is looked at, by the middle of a UNet.

Source: Hong et al. 2022, "Improving sample quality of diffusion models using self-attention guidance", section 4.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.attention import split_heads
from limner.models.patches.patch import Hooks

ATTENTION_MAP = "attention map"
"""Name of the report, [n 1 h w] at the size of the middle block; 1 on the mean."""


@dataclass(frozen=True)
class AttentionMap:
    """Reports the attention that the first transformer of the middle block pays to each place."""

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""

        def attend(query: Tensor, key: Tensor, value: Tensor, told: Mapping[str, Any]) -> Tensor:
            q, k, v = (split_heads(part, told["n_heads"]) for part in (query, key, value))
            weights = (q.float() @ k.float().transpose(-2, -1) * told["dim_head"] ** -0.5).softmax(dim=-1)
            paid = weights.mean(dim=1).sum(dim=1)
            told["reports"][ATTENTION_MAP] = paid.reshape(len(paid), 1, *told["activations_shape"][-2:])
            return (weights.to(v) @ v).transpose(1, 2).flatten(2)

        hooks.replace("attn1", ("middle", 0, 0), attend)
