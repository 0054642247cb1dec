"""Deep shrink: a part of a UNet works on a smaller picture, early in a walk; against doubled motifs in large pictures.

Source: the "deep shrink" method of kohya (2023); its idea of letting layers see the picture at the size they know is
that of He et al. 2023, "ScaleCrafter".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from limner.media.resize import resize
from limner.models.patches.patch import Hooks


@dataclass(frozen=True)
class DeepShrink:
    """Where it shrinks, and how.

    Attributes:
        block: The input block whose result shrinks.
        factor: By how much.
        after_skip: Whether what this block hands to the upward half is still large.
        down: Method of shrinking,
        up: and of growing.
    """

    block: int
    factor: float
    after_skip: bool
    down: str
    up: str

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``."""

        def shrink(hidden: Tensor, told: Mapping[str, Any]) -> Tensor:
            if tuple(told["block"]) != ("input", self.block):
                return hidden
            height, width = (max(1, round(side / self.factor)) for side in hidden.shape[-2:])
            return resize(hidden, width, height, self.down)

        def grow(hidden: Tensor, skip: Tensor, told: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
            if hidden.shape[-2:] != skip.shape[-2:]:
                hidden = resize(hidden, skip.shape[-1], skip.shape[-2], self.up)
            return hidden, skip

        hooks.add("input_block_patch_after_skip" if self.after_skip else "input_block_patch", shrink)
        hooks.add("output_block_patch", grow)
