"""Pictures that go on at their edges: networks whose convolutions see the opposite edge where they would see nothing.

Only two-dimensional convolutions are changed, so transformers, which have hardly any, draw as ever.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from limner.models.autoencoder import FRAME_OVERLAP, FRAMES, OVERLAP, TILE, Autoencoder

ROW, COLUMN = -2, -1
"""Axes of a picture."""

LARGEST_MARGIN = 128
"""Pixels by which a picture is continued for work in tiles."""


@dataclass(frozen=True)
class Edges:
    """Which edges meet. A ``BlockPatch``.

    Attributes:
        x: The left one and the right one.
        y: The upper one and the lower one.
    """

    x: bool = True
    y: bool = True

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes along which a picture goes on."""
        return (ROW,) * self.y + (COLUMN,) * self.x

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``."""
        found = ((module, _round(module, self.axes)) for module in network.modules())
        return [(module, function) for module, function in found if function is not None]


@dataclass(frozen=True)
class Turn:
    """How a module is led round along one axis.

    Attributes:
        axis: The axis.
        before: Elements of the far edge that are put in front,
        after: and of the near edge behind.
        skipped: Elements of the result that this adds in front.
        count: From how many elements go in to how many are to come out.
    """

    axis: int
    before: int
    after: int
    skipped: int
    count: Callable[[int], int]


def _round(module: nn.Module, axes: Sequence[int]) -> Callable[..., Any] | None:
    """What is called in place of a module that fills up edges; None: it does not.

    The module fills up as ever, but so far outside that nothing of it is seen. So it does not matter how the module
    holds its weights.
    """
    turns = [turn for turn in (_turn(module, axis) for axis in axes) if turn is not None]
    if not turns:
        return None

    def led_round(own: Callable[..., Tensor], x: Tensor, *more: Any, **named: Any) -> Tensor:
        longer = x
        for turn in turns:
            longer = continued(longer, turn.axis, turn.before, turn.after)
        result = own(longer, *more, **named)
        for turn in turns:
            result = result.narrow(turn.axis, turn.skipped, turn.count(x.shape[turn.axis]))
        return result

    return led_round


def _turn(module: nn.Module, axis: int) -> Turn | None:
    from diffusers.models.downsampling import Downsample2D

    if isinstance(module, Downsample2D) and module.use_conv and module.padding == 0:
        # It fills up one element behind by itself, in front of a convolution of 3 in steps of 2.
        return Turn(axis, 0, 2, 0, lambda length: length // 2)
    if not isinstance(module, nn.Conv2d) or isinstance(module.padding, str) or module.padding[axis] == 0:
        return None
    padding, stride = module.padding[axis], module.stride[axis]
    skipped = -(-padding // stride)
    reach = module.dilation[axis] * (module.kernel_size[axis] - 1)
    return Turn(
        axis,
        skipped * stride,
        skipped * stride,
        skipped,
        lambda length: (length + 2 * padding - reach - 1) // stride + 1,
    )


def continued(x: Tensor, axis: int, before: int, after: int) -> Tensor:
    """A tensor that goes on at its edges with what is at the opposite ones."""
    length = x.shape[axis]
    return x.index_select(axis, torch.arange(-before, length + after, device=x.device) % length)


def twin(network: Any, edges: Edges) -> Any:
    """A network with the same weights whose edges meet. The given one stays as it is, whoever uses it.

    Cost: a few objects for each module, nothing for weights. For as long as the network is leased.
    """
    functions = {id(module): function for module, function in edges.replacements(network)}
    return _twin(network, functions)


def _twin(module: nn.Module, functions: dict[int, Callable[..., Any]]) -> nn.Module:
    made = copy.copy(module)
    children = {name: None if child is None else _twin(child, functions) for name, child in module._modules.items()}
    made.__dict__["_modules"] = children
    function = functions.get(id(module))
    if function is not None:
        own = made.forward
        made.forward = lambda *inputs, **named: function(own, *inputs, **named)  # type: ignore[method-assign]
    return made


@dataclass(frozen=True)
class SeamlessAutoencoder(Autoencoder):
    """An autoencoder of pictures whose edges meet.

    Attributes:
        edges: Which.
        plain: The same without.
    """

    edges: Edges = Edges()
    plain: Autoencoder | None = None

    @classmethod
    def of(cls, plain: Autoencoder, edges: Edges) -> "SeamlessAutoencoder":
        """An autoencoder whose edges meet."""
        kind = plain.kind
        around = replace(
            kind,
            encode=lambda network, pictures: kind.encode(twin(network, edges), pictures),
            decode=lambda network, latents: kind.decode(twin(network, edges), latents),
        )
        return cls(plain.network, around, plain.channels, plain.downscale, edges, plain)

    def encode_tiled(
        self,
        pixels: Tensor,
        tile: int = TILE,
        overlap: int = OVERLAP,
        frames: int = FRAMES,
        frame_overlap: int = FRAME_OVERLAP,
    ) -> Tensor:
        """See ``Autoencoder``; the picture is continued beyond its edges before it is cut into tiles."""
        assert self.plain is not None  # ``of`` said so
        whole, margin = self.crop(pixels), LARGEST_MARGIN // self.downscale
        longer = whole
        for axis in self.edges.axes:
            longer = continued(longer, axis - 1, margin * self.downscale, margin * self.downscale)
        latents = self.plain.encode_tiled(longer, tile, overlap, frames, frame_overlap)
        for axis in self.edges.axes:
            latents = latents.narrow(axis, margin, whole.shape[axis - 1] // self.downscale)
        return latents

    def decode_tiled(
        self,
        latents: Tensor,
        tile: int = TILE,
        overlap: int = OVERLAP,
        frames: int = FRAMES,
        frame_overlap: int = FRAME_OVERLAP,
    ) -> Tensor:
        """See ``Autoencoder``; the latent is continued beyond its edges before it is cut into tiles."""
        assert self.plain is not None  # ``of`` said so
        margin = LARGEST_MARGIN // self.downscale
        longer = latents
        for axis in self.edges.axes:
            longer = continued(longer, axis, margin, margin)
        pixels = self.plain.decode_tiled(longer, tile, overlap, frames, frame_overlap)
        for axis in self.edges.axes:
            pixels = pixels.narrow(axis - 1, margin * self.downscale, latents.shape[axis] * self.downscale)
        return pixels
