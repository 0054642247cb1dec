"""What nodes for Wan share: a video's size, pictures and masks as its frames, what conditioning is told of them.

No nodes stand here.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Flags, Socket
from limner.media.resize import resize_images, resize_masks
from limner.models.parts.wan_latent import MEAN, MEAN_22
from limner.models.vision.encoder import SeenPicture
from limner.nodes.autoencoding import COLOURS
from limner.nodes.conditioning import with_options
from limner.nodes.latents_empty import empty_video
from limner.nodes.sockets import CONDITIONING, LATENT

CATEGORY = "conditioning/video_models"
ANSWERS = ("positive", "negative", "latent")

Pictures = Annotated[Any, Socket("IMAGE"), Flags(optional=True)]
Masks = Annotated[Any, Socket("MASK"), Flags(optional=True)]
Seen = Annotated[Any, Socket("CLIP_VISION_OUTPUT"), Flags(optional=True)]
Texts = tuple[CONDITIONING, CONDITIONING]
Told = tuple[CONDITIONING, CONDITIONING, LATENT]

STRIDE, DOWNSCALE, CHANNELS = 4, 8, 16
"""Frames and pixels an element, channels: Wan 2.1's autoencoder."""

GREY = 0.5
"""Stands where nothing is known: zero, as networks see pictures."""


def elements(length: int) -> int:
    """Latent elements in time of so many frames."""
    return (length - 1) // STRIDE + 1


def fitted(pictures: Tensor, size: tuple[int, int], length: int, method: str = "bilinear") -> Tensor:
    """The first pictures of a batch at a size (width, height), cut to its aspect ratio. Shapes: [b h w c]."""
    return resize_images(pictures[:length, ..., :COLOURS].float(), *size, method, "center")


def nothing(shape: tuple[int, ...]) -> Tensor:
    """A stored latent that is zero where networks see it. Shapes: [b c t h w]."""
    mean = next(mean for mean in (MEAN, MEAN_22) if len(mean) == shape[1])
    return torch.tensor(mean).reshape(1, -1, 1, 1, 1).expand(shape).clone()


@dataclass(frozen=True)
class Canvas:
    """A video that is to be made.

    Attributes:
        width: In pixels.
        height: In pixels.
        length: In frames.
        channels: Of its latent.
        downscale: Pixels an element.
    """

    width: int
    height: int
    length: int
    channels: int = CHANNELS
    downscale: int = DOWNSCALE

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def latent(self) -> tuple[int, ...]:
        """Shape of its latent [1 c t h w]."""
        rows, columns = self.height // self.downscale, self.width // self.downscale
        return 1, self.channels, elements(self.length), rows, columns

    def empty(self, batch: int, further: int = 0) -> LATENT:
        """A latent of zeros, with further elements in time."""
        frames = self.length + STRIDE * further
        return empty_video(batch, self.channels, frames, STRIDE, (self.height, self.width), self.downscale)

    def frames(self, pictures: Tensor | None, fill: float = GREY, method: str = "bilinear") -> Tensor:
        """Pictures as the video's first frames, a grey behind them. Shapes: pictures [b h w c]; returns [t h w 3]."""
        video = torch.full((self.length, self.height, self.width, COLOURS), fill)
        if pictures is not None:
            given = fitted(pictures, self.size, self.length, method)
            video[: len(given)] = given
        return video

    def masks(self, masks: Tensor | None, fill: float = 1.0) -> Tensor:
        """Masks as those of its first frames, one as that of all. Shapes: masks [b h w]; returns [t h w]."""
        video = torch.full((self.length, self.height, self.width), fill)
        if masks is not None:
            given = resize_masks(masks.float(), *self.size)[: self.length]
            video[: len(given) if len(given) > 1 else self.length] = given
        return video

    def encoded(self, vae: Any, pictures: Tensor | None) -> Tensor:
        """The latent of pictures, behind it what networks see as zero.

        Shapes: pictures [b h w c]; returns [1 c t h w].
        """
        latent = nothing(self.latent)
        if pictures is not None:
            known = vae.encode(fitted(pictures, self.size, self.length))[:, :, : latent.shape[2]]
            latent[:, :, : known.shape[2]] = known
        return latent


def begun(texts: Texts, latent: LATENT, options: dict[str, Any], seen: SeenPicture | None = None) -> Told:
    """Both conditionings with options, and with what a vision encoder saw if there is that."""
    positive, negative = texts
    told = options if seen is None else {**options, "clip_vision_output": seen}
    if not told:
        return positive, negative, latent
    return with_options(positive, **told), with_options(negative, **told), latent


def drawn_elements(drawn: Tensor, size: tuple[int, ...]) -> Tensor:
    """How much of the frames of each element is to be drawn.

    An element has a mask for each of its frames; the first element's one frame counts for all of them.

    Shapes: drawn [t] or [t h w], 1 = to be drawn; size (h, w) of a latent; returns [1 4 t' h' w'].
    """
    frames = drawn.float()[: (elements(len(drawn)) - 1) * STRIDE + 1]
    frames = frames[:, None, None].expand(-1, *size) if frames.ndim == 1 else _coarse(frames, size)
    whole = torch.cat([frames[:1].expand(STRIDE - 1, -1, -1), frames])
    return whole.unflatten(0, (-1, STRIDE)).movedim(1, 0)[None]


def _coarse(masks: Tensor, size: tuple[int, ...]) -> Tensor:
    """Masks at a latent's size, each element that of its first pixel, as in the published code. Shapes: [t h w]."""
    return torch.nn.functional.interpolate(masks[:, None], size=size, mode="nearest")[:, 0]


def known_frames(vae: Any, video: Tensor, known: Tensor) -> dict[str, Any]:
    """Options that show a network the known frames of a video. Shapes: video [t h w 3]; known [t], 1 where one is."""
    latent = vae.encode(video)
    return {
        "concat_latent_image": latent,
        "concat_mask": drawn_elements(1.0 - known.float(), tuple(latent.shape[-2:])),
    }
