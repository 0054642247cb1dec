"""Objects of pictures from other sides (Stable Zero123)."""

from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Number, node
from limner.media.resize import resize_images
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.sockets import CLIP_VISION, CONDITIONING, IMAGE, LATENT, VAE
from limner.nodes.widgets import LARGEST_SIDE

CATEGORY = "conditioning/3d_models"
ANSWERS = ("positive", "negative", "latent")
CHANNELS, DOWNSCALE = 4, 8

Side = Annotated[int, Number(min=16, max=LARGEST_SIDE, step=8)]
BatchSize = Annotated[int, Number(min=1, max=4096)]
Degrees = Annotated[float, Number(min=-180.0, max=180.0, step=0.1, options={"round": False})]


@node(name="StableZero123_Conditioning", title="StableZero123_Conditioning", category=CATEGORY, outputs=ANSWERS)
def stable_zero123_conditioning(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 256,
    height: Side = 256,
    batch_size: BatchSize = 1,
    elevation: Degrees = 0.0,
    azimuth: Degrees = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """What the network is told of an object, and from where it is to be seen, in degrees from where it is seen now.

    The object should stand alone, before white.
    """
    views = _views(torch.tensor([elevation]), torch.tensor([azimuth]))
    positive, negative = _told(clip_vision, init_image, vae, width, height, views)
    return positive, negative, {"samples": _empty(batch_size, width, height)}


@node(
    name="StableZero123_Conditioning_Batched",
    title="StableZero123_Conditioning_Batched",
    category=CATEGORY,
    outputs=ANSWERS,
)
def stable_zero123_conditioning_batched(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 256,
    height: Side = 256,
    batch_size: BatchSize = 1,
    elevation: Degrees = 0.0,
    azimuth: Degrees = 0.0,
    elevation_batch_increment: Degrees = 0.0,
    azimuth_batch_increment: Degrees = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """The same for a batch of views, each some degrees further than the one before. All begin with one noise."""
    steps = torch.arange(batch_size)
    views = _views(elevation + steps * elevation_batch_increment, azimuth + steps * azimuth_batch_increment)
    positive, negative = _told(clip_vision, init_image, vae, width, height, views)
    empty = {"samples": _empty(batch_size, width, height), "batch_index": [0] * batch_size}
    return positive, negative, empty


def _views(elevation: Tensor, azimuth: Tensor) -> Tensor:
    """Views as the network was trained on them, relative to one from the side.

    Change of the polar angle, sine and cosine of that of the azimuth, polar angle of the given view.
    Shapes: elevation [n], azimuth [n], degrees; returns [n 1 4]. Source: Stability AI 2023, Stable Zero123; Liu et al.
    2023, section 3.2.
    """
    turn = torch.deg2rad(azimuth.float())
    side = torch.full_like(turn, torch.pi / 2)
    return torch.stack([-torch.deg2rad(elevation.float()), turn.sin(), turn.cos(), side], dim=-1)[:, None]


def _told(
    clip_vision: CLIP_VISION, image: IMAGE, vae: VAE, width: int, height: int, views: Tensor
) -> tuple[CONDITIONING, CONDITIONING]:
    """Conditioning for views, and for none."""
    vector = clip_vision.encode(image[:1]).image_embeds[:, None]
    shown = present(vae).encode(resize_images(image[:1, ..., :COLOURS].float(), width, height, "bilinear", "center"))
    posed = torch.cat([vector.expand(len(views), -1, -1), views], dim=-1)
    positive = [[posed, {"concat_latent_image": shown}]]
    negative = [[torch.zeros_like(vector), {"concat_latent_image": torch.zeros_like(shown)}]]
    return positive, negative


def _empty(count: int, width: int, height: int) -> Tensor:
    return torch.zeros(count, CHANNELS, height // DOWNSCALE, width // DOWNSCALE)
