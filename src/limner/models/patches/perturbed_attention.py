"""A worse network for guidance to turn away from: in the middle of the UNet every element looks at itself only.

Source: Ahn et al. 2024, "Self-rectifying diffusion sampling with perturbed-attention guidance", equation 13.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.models.patches.patch import Hooks

MIDDLE = ("middle", 0)


def _itself(query: Tensor, key: Tensor, value: Tensor, told: Mapping[str, Any]) -> Tensor:
    """Attention whose matrix is the identity."""
    return value


@dataclass(frozen=True)
class PerturbedAttention:
    """Identity in place of the attention maps of one block."""

    block: tuple[str, int] = MIDDLE

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        hooks.replace("attn1", self.block, _itself)
