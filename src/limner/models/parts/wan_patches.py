"""Where Fun networks see more than a video: a reference picture before it, the rays of a camera beside it.

Both enter where the video becomes tokens, so the network is diffusers' but for that layer. The picture is one frame
more, in front, that has an embedding of its own. The rays are further channels; what a small network makes of them is
added to the tokens.

Source: Wan-Fun's published configurations; He et al. 2024, "CameraCtrl", for cameras as rays.
"""

from typing import cast

import torch
from torch import Tensor, nn

from limner.models.load.layout import Layout

PLACE = "patch_embedding"
"""The layer's name in the network."""


class Residual(nn.Module):
    """Two convolutions beside a straight way."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: [n c h w]; returns like x."""
        return x + self.conv2(self.conv1(x).relu())


class Rays(nn.Module):
    """Makes tokens of a camera's rays, every frame on its own.

    Args:
        channels: Of rays, every pixel of an element having its own.
        width: Of tokens.
        patch: Height and width of a patch.
        blocks: Residual blocks.
    """

    def __init__(self, channels: int, width: int, patch: tuple[int, int], blocks: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, patch, stride=patch)
        self.residual_blocks = nn.Sequential(*(Residual(width) for _ in range(blocks)))

    def forward(self, rays: Tensor) -> Tensor:
        """Shapes: rays [n k t h w]; returns [n c t h/2 w/2]."""
        frames = self.residual_blocks(self.conv(rays.movedim(2, 1).flatten(0, 1)))
        return frames.unflatten(0, (rays.shape[0], -1)).movedim(1, 2)


class FurtherPatches(nn.Conv3d):
    """The layer that makes tokens of a video, a reference picture in front of it, and rays in further channels.

    Args:
        plain: The layer without them.
        reference: Channels of the picture; 0: there is none.
        rays: Channels of the rays; 0: there are none.
        blocks: Residual blocks for the rays.
    """

    def __init__(self, plain: nn.Conv3d, reference: int, rays: int, blocks: int) -> None:
        patch = cast(tuple[int, int, int], tuple(plain.kernel_size))
        super().__init__(plain.in_channels, plain.out_channels, patch, stride=patch)
        flat = (patch[1], patch[2])
        self.reference = nn.Conv2d(reference, plain.out_channels, flat, stride=flat) if reference else None
        self.rays = Rays(rays, plain.out_channels, flat, blocks) if rays else None

    def forward(self, x: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride] - called by torch only
        """Shapes: x [n c+k t h w] or, with a reference picture in the first frame, [n c+k 1+t h w]; rays may lack."""
        if self.reference is None:
            return self._video(x)
        picture = self.reference(x[:, : self.reference.in_channels, 0])
        return torch.cat([picture.unsqueeze(2), self._video(x[:, :, 1:])], dim=2)

    def _video(self, x: Tensor) -> Tensor:
        tokens = super().forward(x[:, : self.in_channels])
        if self.rays is None or x.shape[1] == self.in_channels:
            return tokens
        return tokens + self.rays(x[:, self.in_channels :])


def further_channels(shapes: Layout) -> dict[str, int]:
    """Channels of a reference picture and of rays that a network sees, and the blocks for them; all 0: a plain one."""
    reference, rays = (shapes.shape(f"{PLACE}.{part}.weight") for part in ("reference", "rays.conv"))
    return {
        "reference": reference[1] if reference else 0,
        "rays": rays[1] if rays else 0,
        "blocks": shapes.count(f"{PLACE}.rays.residual_blocks.{{}}."),
    }


def with_further_patches(network: nn.Module, reference: int, rays: int, blocks: int) -> nn.Module:
    """The network with that layer instead of its own."""
    setattr(network, PLACE, FurtherPatches(cast(nn.Conv3d, getattr(network, PLACE)), reference, rays, blocks))
    return network
