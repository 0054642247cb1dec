"""EfficientNetV2-S without its classifier: how a picture becomes features of 32 pixels an element.

Names are those under which torchvision saves the network, whose weights are in use.

Source: Tan and Le 2021, "EfficientNetV2: smaller models and faster training", table 4 and figure 2; squeeze and
excitation: Hu et al. 2018.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

FEATURES = 1280
"""Channels of the result."""

FIRST = 24
"""Channels after the first convolution."""

EPSILON = 1e-3
SQUEEZED = 4
"""How much narrower the vector is by which channels are weighed, than what a block is given."""


@dataclass(frozen=True)
class Stage:
    """One row of the paper's table.

    Attributes:
        fused: Whether a block widens and looks around in one convolution.
        widening: By which factor a block widens its channels.
        stride: Of its first block.
        channels: Of its result.
        blocks: How many there are.
    """

    fused: bool
    widening: int
    stride: int
    channels: int
    blocks: int


STAGES = (
    Stage(fused=True, widening=1, stride=1, channels=24, blocks=2),
    Stage(fused=True, widening=4, stride=2, channels=48, blocks=4),
    Stage(fused=True, widening=4, stride=2, channels=64, blocks=4),
    Stage(fused=False, widening=4, stride=2, channels=128, blocks=6),
    Stage(fused=False, widening=6, stride=1, channels=160, blocks=9),
    Stage(fused=False, widening=6, stride=2, channels=256, blocks=15),
)


def efficient_net() -> nn.Sequential:
    """The network. Shapes: [b 3 h w], normed colours, to [b 1280 h/32 w/32]."""
    layers: list[nn.Module] = [_convolved(3, FIRST, 3, stride=2)]
    channels = FIRST
    for stage in STAGES:
        blocks: list[nn.Module] = []
        for number in range(stage.blocks):
            stride = stage.stride if number == 0 else 1
            blocks.append(Block(stage, channels, stride))
            channels = stage.channels
        layers.append(nn.Sequential(*blocks))
    layers.append(_convolved(channels, FEATURES, 1))
    return nn.Sequential(*layers)


class Block(nn.Module):
    """An inverted bottleneck, fused or not, beside which the input passes where it has the result's shape."""

    def __init__(self, stage: Stage, channels: int, stride: int) -> None:
        super().__init__()
        inner = channels * stage.widening
        self.passes = stride == 1 and channels == stage.channels
        if stage.fused and stage.widening == 1:
            layers = [_convolved(channels, stage.channels, 3, stride=stride)]
        elif stage.fused:
            layers = [
                _convolved(channels, inner, 3, stride=stride),
                _convolved(inner, stage.channels, 1, active=False),
            ]
        else:
            layers = [
                _convolved(channels, inner, 1),
                _convolved(inner, inner, 3, stride=stride, groups=inner),
                Weighing(inner, max(1, channels // SQUEEZED)),
                _convolved(inner, stage.channels, 1, active=False),
            ]
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: [b c h w] to [b c' h' w']."""
        result = self.block(x)
        return x + result if self.passes else result


class Weighing(nn.Module):
    """Channels weighed by what the whole picture has in them."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: [b c h w]; returns like x."""
        mean = x.mean(dim=(-2, -1), keepdim=True)
        return x * torch.sigmoid(self.fc2(nn.functional.silu(self.fc1(mean))))


def _convolved(
    channels: int, result: int, side: int, *, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    """A convolution, a norm over the batch's statistics, and an activation where there is one."""
    layers: list[nn.Module] = [
        nn.Conv2d(channels, result, side, stride, padding=side // 2, groups=groups, bias=False),
        nn.BatchNorm2d(result, eps=EPSILON),
    ]
    return nn.Sequential(*layers, *([nn.SiLU()] if active else []))
