"""What LTX-Video is shown beside the text: first pictures, guides for later frames, pictures as if from a video."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Flags, Number, node
from limner.graph.errors import NumericsError
from limner.media.videos import MP4, VideoParts, read_video, write_video
from limner.models.families.ltxv import GUIDES, first_frames
from limner.nodes.autoencoding import present
from limner.nodes.conditioning import with_options
from limner.nodes.latents import with_samples
from limner.nodes.latents_empty import Coarse, empty_video
from limner.nodes.sockets import CONDITIONING, IMAGE, LATENT, VAE
from limner.nodes.videos_wan_frames import ANSWERS, CATEGORY, fitted
from limner.nodes.widgets import LARGEST_SIDE, BatchSize, Share
from limner.sampling.conditioning import mask_for

STRIDE, DOWNSCALE, CHANNELS = 8, 32, 128
"""Frames and pixels an element, channels."""

PREFIX = 2
"""Elements of a guide that lie behind the video; those of a longer one lie in the video itself."""

LARGEST_CRF = 51
"""H.264's constant rate factor ends there."""

Frames9 = Annotated[int, Number(min=9, max=LARGEST_SIDE, step=8)]


@node(name="LTXVImgToVideo", title="LTXVImgToVideo", category=CATEGORY, outputs=ANSWERS)
def ltxv_img_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    image: IMAGE,
    width: Coarse = 768,
    height: Coarse = 512,
    length: Frames9 = 97,
    batch_size: BatchSize = 1,
    strength: Annotated[float, Number(min=0.0, max=1.0)] = 1.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """An empty video that begins with pictures, which stay at ``strength`` 1 and may change freely at 0."""
    samples = empty_video(batch_size, CHANNELS, length, STRIDE, (height, width), DOWNSCALE)["samples"]
    known = present(vae).encode(fitted(image, (width, height), length))
    free = torch.ones(1, 1, *samples.shape[2:])
    samples[:, :, : known.shape[2]], free[:, :, : known.shape[2]] = known, 1.0 - strength
    return positive, negative, {"samples": samples, "noise_mask": free}


@node(name="LTXVImgToVideoInplace", title="LTXVImgToVideoInplace", category=CATEGORY)
def ltxv_img_to_video_inplace(
    *,
    vae: VAE,
    image: IMAGE,
    latent: LATENT,
    strength: Annotated[Share, Flags(optional=True)] = 1.0,
    bypass: Annotated[bool, Flags(optional=True)] = False,
) -> LATENT:
    """A video that is there already, with pictures in place of its beginning; ``bypass`` leaves it as it is.

    Newer than ComfyUI 0.3.64. The pictures stay at ``strength`` 1 and may change freely at 0.
    """
    if bypass:
        return latent
    known = present(vae).encode(fitted(image, _pixels(latent), _length(latent["samples"].shape[2])))
    return _within(_masked(latent), known, 0, 1.0 - strength)


@node(name="LTXVAddGuide", title="LTXVAddGuide", category=CATEGORY, outputs=ANSWERS)
def ltxv_add_guide(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    latent: LATENT,
    image: IMAGE,
    frame_idx: Annotated[int, Number(min=-9999, max=9999)] = 0,
    strength: Share = 1.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Shows the network which picture, or which video, lies at a frame; LTXVCropGuides removes the guides afterwards.

    ``frame_idx``: counted from the end below 0. A video begins at a multiple of 8 frames and is cut to 8 n + 1 of
    them. ``strength`` 1 keeps it as it is; 0 leaves it free.
    """
    guides = guides_of(positive)
    length = _length(latent["samples"].shape[2] - len(guides))
    first = frame_idx if frame_idx >= 0 else max(0, length + frame_idx)
    if first >= length:
        raise NumericsError(f"Frame {first} lies behind the end of the video: choose one up to {length - 1}.")
    first -= first % STRIDE if len(image) > STRIDE else 0
    count = (min(len(image), length - first) - 1) // STRIDE * STRIDE + 1
    known = present(vae).encode(fitted(image, _pixels(latent), count))
    # The first element stands for one frame, as a picture's does; anywhere else a guide's first two are told apart.
    behind = known[:, :, : PREFIX if first else 0]
    free = 1.0 - strength
    marked = _within(_masked(latent), known[:, :, behind.shape[2] :], first // STRIDE + behind.shape[2], free)
    guides = (*guides, *(first + frame for frame in first_frames(behind.shape[2], causal=True)))
    told = {GUIDES: guides} if guides else {}
    return with_options(positive, **told), with_options(negative, **told), _behind(marked, behind, free)


@node(name="LTXVCropGuides", title="LTXVCropGuides", category=CATEGORY, outputs=ANSWERS)
def ltxv_crop_guides(
    *, positive: CONDITIONING, negative: CONDITIONING, latent: LATENT
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """The video alone, without the guides that LTXVAddGuide laid behind its end."""
    count = len(guides_of(positive))
    if count == 0:
        return positive, negative, latent
    marked = _masked(latent)
    cut = with_samples(marked, marked["samples"][:, :, :-count], noise_mask=marked["noise_mask"][:, :, :-count])
    return with_options(positive, **{GUIDES: ()}), with_options(negative, **{GUIDES: ()}), cut


def guides_of(conditioning: CONDITIONING) -> tuple[int, ...]:
    """Frames that the guides of a conditioning begin with."""
    return next((tuple(options[GUIDES]) for _, options in conditioning if options.get(GUIDES)), ())


def _length(elements: int) -> int:
    """Frames of so many elements in time."""
    return (elements - 1) * STRIDE + 1


def _pixels(latent: LATENT) -> tuple[int, int]:
    """Width and height of a video."""
    height, width = latent["samples"].shape[-2:]
    return width * DOWNSCALE, height * DOWNSCALE


def _masked(latent: LATENT) -> LATENT:
    """A latent with a mask of its own size. Shapes: noise_mask [1 1 t h w], or one for each sample."""
    samples, mask = latent["samples"], latent.get("noise_mask")
    free = torch.ones(1, 1, *samples.shape[2:]) if mask is None else mask_for(mask.float(), samples)[:, :1]
    return with_samples(latent, samples, noise_mask=free)


def _within(latent: LATENT, known: Tensor, start: int, free: float) -> LATENT:
    """A latent with known elements in it, from one on."""
    samples, mask, end = latent["samples"].clone(), latent["noise_mask"].clone(), start + known.shape[2]
    samples[:, :, start:end], mask[:, :, start:end] = known, free
    return with_samples(latent, samples, noise_mask=mask)


def _behind(latent: LATENT, known: Tensor, free: float) -> LATENT:
    """A latent with known elements behind its end."""
    samples, mask = latent["samples"], latent["noise_mask"]
    samples = torch.cat([samples, known.expand(len(samples), -1, -1, -1, -1)], dim=2)
    further = mask.new_full((len(mask), 1, known.shape[2], *mask.shape[3:]), free)
    return with_samples(latent, samples, noise_mask=torch.cat([mask, further], dim=2))


@node(name="LTXVPreprocess", title="LTXVPreprocess", category="image", outputs=("output_image",))
def ltxv_preprocess(*, image: IMAGE, img_compression: Annotated[int, Number(min=0, max=100)] = 35) -> IMAGE:
    """Pictures as a video codec leaves them, for networks that move only what looks so; 0 changes nothing.

    Sides are cut to even numbers.
    """
    if img_compression == 0:
        return image
    return torch.cat([_compressed(picture[None], img_compression) for picture in image])


def _compressed(picture: Tensor, loss: int) -> Tensor:
    """A picture as the only frame of a video. Shapes: [1 h w 3]; Range: loss as H.264's constant rate factor."""
    file = BytesIO()
    write_video(VideoParts(picture, Fraction(1)), file, replace(MP4, options={"crf": str(min(loss, LARGEST_CRF))}), {})
    file.seek(0)
    return read_video(file).images
