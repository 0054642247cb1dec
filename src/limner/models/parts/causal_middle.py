"""The middle of HunyuanVideo's autoencoder, whose attention sees the frames before a frame and the frame itself.

diffusers gives attention a mask over all pairs of places; for two seconds of video it would fill a graphics processor.
One frame after the other sees the same without any.

Source: Kong et al. 2024, section 4.1; Vaswani et al. 2017, equation 1.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class CausalMiddle(nn.Module):
    """The modules of diffusers' HunyuanVideoMidBlock3D under their names.

    Args:
        middle: The block; its attentions have one head.
    """

    def __init__(self, middle: Any) -> None:
        super().__init__()
        self.attentions: Any = middle.attentions
        self.resnets: Any = middle.resnets

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: x [b c t h w]; returns like x."""
        x = self.resnets[0](x)
        for attention, block in zip(self.attentions, self.resnets[1:], strict=True):
            x = block(x if attention is None else _attended(attention, x))
        return x


def _attended(attention: Any, x: Tensor) -> Tensor:
    """A video with what its places see in all frames up to theirs. Shapes: x [b c t h w]; returns like x."""
    frames, area = x.shape[2], x.shape[3] * x.shape[4]
    tokens = attention.group_norm(x.flatten(2)).transpose(1, 2)
    query, key, value = attention.to_q(tokens), attention.to_k(tokens), attention.to_v(tokens)
    seen = [
        scaled_dot_product_attention(
            query[:, frame * area : (frame + 1) * area], key[:, : (frame + 1) * area], value[:, : (frame + 1) * area]
        )
        for frame in range(frames)
    ]
    return x + attention.to_out[0](torch.cat(seen, dim=1)).transpose(1, 2).reshape(x.shape)
