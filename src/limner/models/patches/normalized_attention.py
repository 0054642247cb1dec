"""Normalized attention guidance: away from a text inside the attention to the text, which works without ``cfg`` too.

Source: Chen et al. 2025, "Normalized attention guidance: universal negative guidance for diffusion models",
equations 7 to 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from torch import Tensor

from limner.models.attention import attend
from limner.models.patches.patch import Hooks
from limner.models.unet_walk import EVERY

TINY = 1e-7


@dataclass(frozen=True)
class NormalizedAttention:
    """Guides a UNet's cross-attention.

    Attributes:
        context: The text to go away from [1 t d]; equal texts are told by ``digest``.
        scale: How far; 1 changes nothing.
        limit: How many times as long as without guidance a result may get.
        share: How much of the result is the guided one.
    """

    context: Tensor = field(compare=False, repr=False)
    scale: float
    limit: float
    share: float
    digest: str = ""

    @classmethod
    def away_from(cls, context: Tensor, scale: float, limit: float, share: float) -> "NormalizedAttention":
        """With the digest of the text."""
        content = context.detach().float().cpu().contiguous().numpy().tobytes()
        digest = blake2b(content, digest_size=16).hexdigest()
        return cls(context, scale, limit, share, f"{tuple(context.shape)} {digest}")

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""
        projection = getattr(network, "encoder_hid_proj", None)
        context = self.context.to(device=network.device, dtype=network.dtype)
        hooks.replace("attn2", EVERY, self._guiding(context if projection is None else projection(context)))

    def _guiding(self, context: Tensor) -> Any:
        def guide(query: Tensor, key: Tensor, value: Tensor, told: Mapping[str, Any]) -> Tensor:
            attention = told["attention"]
            away = context.to(query).expand(query.shape[0], -1, -1)
            towards = attend(query, key, value, told["n_heads"])
            against = attend(query, attention.to_k(away), attention.to_v(away), told["n_heads"])
            return guided(towards, against, self.scale, self.limit, self.share)

        return guide


def guided(towards: Tensor, against: Tensor, scale: float, limit: float, share: float) -> Tensor:
    """Attention's result, guided. Shapes: [n t d]; lengths are sums of magnitudes of each element."""
    far = towards * scale - against * (scale - 1)
    length, reach = (part.abs().sum(dim=-1, keepdim=True) for part in (towards, far))
    ratio = reach / (length + TINY)
    bounded = far * (limit / ratio.clamp(min=TINY)).clamp(max=1.0)
    return bounded * share + towards * (1 - share)
