"""What steers a network by a picture: kinds of control networks, opened ones, and one in a conditioning."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.autoencoder import Autoencoder
from limner.models.family import Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.network import Network
from limner.sampling.denoiser import LatentFormat
from limner.sampling.parametrization import Parametrization

Residuals = Mapping[str, tuple[Tensor | None, ...]]
"""What is added inside a network, by side, in the order of its blocks. UNets have ``input`` (after input blocks),
``middle`` and ``output`` (to what input blocks hand to output blocks, in the order of the input blocks); transformers
``double`` and ``single``."""


@dataclass(frozen=True)
class HintRequest:
    """What a control's hint is made from.

    Attributes:
        picture: [1 3 h w] in 0..1, of the size of the picture that is made.
        latent: The walk's latent [b c h w], for its size.
        latent_format: Scales latents.
        autoencoder: Encodes pictures, for controls that look at latents.
        mask: [1 1 h w], 1 where to paint, or None.
        facts: What was inferred of the control network.
    """

    picture: Tensor
    latent: Tensor
    latent_format: LatentFormat
    autoencoder: Autoencoder | None = None
    mask: Tensor | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def encoded(self) -> Tensor:
        """The picture as a latent at the network's scale. Shapes: returns [1 c h w].

        Raises:
            NumericsError: if there is no autoencoder.
        """
        if self.autoencoder is None:
            raise NumericsError(
                "This control network looks at latents: connect a VAE to the node that applies it (Apply ControlNet, "
                "input vae)."
            )
        return still(self.latent_format.to_model(self.autoencoder.encode(self.picture.movedim(1, -1))))


@dataclass(frozen=True)
class Seen:
    """What a control network is asked with.

    Attributes:
        call: The pass of the network that is steered.
        hint: [n ...], what the kind made of the picture.
        settings: What nodes chose of the control network.
        base: The network that is steered.
    """

    call: Pass
    hint: Tensor
    settings: Mapping[str, Any]
    base: Any = None


VIDEO = 5
"""Axes of a video's latent."""


def still(latent: Tensor) -> Tensor:
    """The first frame of what autoencoders of videos make of pictures; a picture's latent as it is."""
    return latent[:, :, 0] if latent.ndim == VIDEO else latent


def pixels(request: HintRequest) -> Tensor:
    """The picture as it is, for controls that look at pixels."""
    return request.picture


@dataclass(frozen=True)
class ControlKind:
    """One kind of control network: one file of this package.

    Attributes:
        name: Short name, ``unet``.
        doc: One sentence for people.
        steers: Names of families that it goes with.
        blueprint: How to build the one in a file; None if it holds none of this kind.
        residuals: What it gives for a pass.
        hint: What it looks at.
    """

    name: str
    doc: str
    steers: tuple[str, ...]
    blueprint: Callable[[Layout], Blueprint | None]
    residuals: Callable[[Any, Seen], Residuals]
    hint: Callable[[HintRequest], Tensor] = pixels


@dataclass(frozen=True)
class ControlNet:
    """A control network, loaded when leased: the value of CONTROL_NET sockets.

    Attributes:
        kind: What it is.
        network: Its weights.
        settings: What nodes chose: the type of a union network.
    """

    kind: ControlKind
    network: Network
    settings: Mapping[str, Hashable] = field(default_factory=dict)

    @property
    def key(self) -> Hashable:
        """Equal keys may share a pass."""
        return self.network.key, tuple(sorted(self.settings.items()))

    def with_settings(self, **settings: Hashable) -> "ControlNet":
        """This control network with settings added or replaced."""
        return replace(self, settings={**self.settings, **settings})


@dataclass(frozen=True)
class AppliedControl:
    """A control network with its picture: the option ``control`` of conditionings.

    Attributes:
        net: The control network.
        pictures: [b 3 h w] in 0..1; sample i of a batch takes picture i modulo b.
        strength: What residuals are multiplied by.
        start: From this share of the walk on,
        end: to this one, counted from pure noise.
        previous: Another one, whose residuals are added.
        autoencoder: For controls that look at latents.
        masks: [b 1 h w], 1 where to paint, or None.
        region: [1 1 h w], how much it counts where, 0..1; None: everywhere alike.
    """

    net: ControlNet
    pictures: Tensor
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    previous: "AppliedControl | None" = None
    autoencoder: Autoencoder | None = None
    masks: Tensor | None = None
    region: Tensor | None = None

    @property
    def chain(self) -> Iterator["AppliedControl"]:
        """This one and those before it."""
        link: AppliedControl | None = self
        while link is not None:
            yield link
            link = link.previous

    def after(self, previous: Any) -> "AppliedControl":
        """This one behind another; what is no control of ours (a node pack's) cannot stand before it.

        Raises:
            NumericsError: if the other one is none of ours.
        """
        if previous is not None and not isinstance(previous, AppliedControl):
            raise NumericsError(
                f"A control of a node pack ({type(previous).__name__}) is on this conditioning already, and ours "
                "cannot follow it. Apply both with the pack's nodes."
            )
        return replace(self, previous=previous)

    @property
    def rows(self) -> int:
        """How many samples of a batch differ by their picture."""
        return max(len(link.pictures) for link in self.chain)

    def row(self, number: int) -> "AppliedControl":
        """What one sample of a batch takes."""
        place = slice(number % len(self.pictures), number % len(self.pictures) + 1)
        masks = None if self.masks is None else self.masks[number % len(self.masks)][None]
        previous = None if self.previous is None else self.previous.row(number)
        return replace(self, pictures=self.pictures[place], masks=masks, previous=previous)

    def active(self, sigma: float, parametrization: Parametrization) -> bool:
        """Whether it counts at a noise level."""
        return parametrization.percent_to_sigma(self.end) <= sigma <= parametrization.percent_to_sigma(self.start)

    def hint(self, latent: Tensor, latent_format: LatentFormat) -> Tensor:
        """What its network looks at, for a latent [b c h w]: the first picture, cut and resized to it."""
        height, width = (side * latent_format.downscale for side in latent.shape[-2:])
        picture = covering(self.pictures[:1], height, width)
        mask = None if self.masks is None else covering(self.masks[:1], height, width)
        facts = self.net.network.blueprint.facts
        return self.net.kind.hint(HintRequest(picture, latent, latent_format, self.autoencoder, mask, facts))


def covering(picture: Tensor, height: int, width: int) -> Tensor:
    """The middle of a picture, resized to a size by taking the nearest pixels. Shapes: [b c h w]."""
    old_height, old_width = picture.shape[-2:]
    if (old_height, old_width) == (height, width):
        return picture
    top = left = 0
    if old_width / old_height > width / height:
        left = round((old_width - old_height * width / height) / 2)
    else:
        top = round((old_height - old_width * height / width) / 2)
    cut = picture[..., top : old_height - top, left : old_width - left]
    return torch.nn.functional.interpolate(cut, size=(height, width), mode="nearest-exact")
