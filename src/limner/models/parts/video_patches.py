"""Videos whose sides are multiples of a patch's, and what is shown of frames beside them."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

SIDE = 2
"""Latent elements along a patch; in time it has one."""


def padded_video(x: Tensor, side: int = SIDE) -> Tensor:
    """A video with sides that are multiples of a patch's; what is added repeats the edge.

    Shapes: x [n c t h w]; returns [n c t h' w'].
    """
    below, right = -x.shape[-2] % side, -x.shape[-1] % side
    return pad(x, (0, right, 0, below, 0, 0), mode="replicate") if below or right else x


def fitted_video(video: Tensor, like: Tensor) -> Tensor:
    """The first sample of a video with another's frames, height and width.

    Frames that it lacks are zeros, those beyond are cut off. Shapes: video [b c t h w] or [b c h w]; like [n c' t h w];
    returns [1 c t h w], float32.
    """
    frames, height, width = like.shape[-3:]
    moving = (video if video.ndim == 5 else video.unsqueeze(2))[:1, :, :frames].float()
    if moving.shape[-2:] != (height, width):
        moving = interpolate(moving, size=(moving.shape[2], height, width), mode="trilinear")
    missing = frames - moving.shape[2]
    if missing:
        moving = torch.cat([moving, moving.new_zeros(1, moving.shape[1], missing, height, width)], dim=2)
    return moving
