"""Wan's videos that begin with a picture, end with one, or both."""

from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Number, node
from limner.models.vision.encoder import SeenPicture
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Frames4, Wide
from limner.nodes.sockets import CONDITIONING, LATENT, VAE
from limner.nodes.videos_wan_frames import (
    ANSWERS,
    CATEGORY,
    STRIDE,
    Canvas,
    Pictures,
    Seen,
    Texts,
    Told,
    begun,
    fitted,
    known_frames,
)
from limner.nodes.widgets import LARGEST_SIDE, BatchSize

Wider = Annotated[int, Number(min=32, max=LARGEST_SIDE, step=32)]


@node(name="WanImageToVideo", title="WanImageToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_image_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_output: Seen = None,
    start_image: Pictures = None,
) -> Told:
    """Lets a video begin with pictures. Of a batch every picture is a frame."""
    canvas = Canvas(width, height, length)
    return _between((positive, negative), vae, canvas, batch_size, clip_vision_output, start_image, None)


@node(name="WanFirstLastFrameToVideo", title="WanFirstLastFrameToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_first_last_frame_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_start_image: Seen = None,
    clip_vision_end_image: Seen = None,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> Told:
    """Lets a video begin with one picture and end with another; either may be missing."""
    seen = _both(clip_vision_start_image, clip_vision_end_image)
    canvas = Canvas(width, height, length)
    return _between((positive, negative), vae, canvas, batch_size, seen, start_image, end_image)


@node(name="WanFunInpaintToVideo", title="WanFunInpaintToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_fun_inpaint_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    clip_vision_output: Seen = None,
    start_image: Pictures = None,
    end_image: Pictures = None,
) -> Told:
    """The same for the Fun networks, which see one picture through CLIP."""
    canvas = Canvas(width, height, length)
    return _between((positive, negative), vae, canvas, batch_size, clip_vision_output, start_image, end_image)


def _between(
    texts: Texts,
    vae: Any,
    canvas: Canvas,
    batch: int,
    seen: SeenPicture | None,
    start: Tensor | None,
    end: Tensor | None,
) -> Told:
    """What is told of a video whose first and last frames may be known."""
    latent = canvas.empty(batch)
    if start is None and end is None:
        return begun(texts, latent, {}, seen)
    video, known = canvas.frames(start), torch.zeros(canvas.length, dtype=torch.bool)
    if start is not None:
        known[: len(start)] = True
    if end is not None:
        last = fitted(end[-canvas.length :], canvas.size, canvas.length)
        video[canvas.length - len(last) :], known[canvas.length - len(last) :] = last, True
    return begun(texts, latent, known_frames(present(vae), video, known), seen)


def _both(first: SeenPicture | None, last: SeenPicture | None) -> SeenPicture | None:
    """What was seen in two pictures, one after the other."""
    if first is None or last is None:
        return last if first is None else first
    return SeenPicture(
        torch.cat([first.last_hidden_state, last.last_hidden_state], dim=1),
        torch.cat([first.penultimate_hidden_states, last.penultimate_hidden_states], dim=1),
        torch.cat([first.image_embeds, last.image_embeds]),
    )


@node(name="Wan22ImageToVideoLatent", title="Wan22ImageToVideoLatent", category="conditioning/inpaint")
def wan22_image_to_video_latent(
    *,
    vae: VAE,
    width: Wider = 1280,
    height: Wider = 704,
    length: Frames4 = 49,
    batch_size: BatchSize = 1,
    start_image: Pictures = None,
) -> LATENT:
    """An empty video for Wan 2.2 (5B), or one that begins with pictures, which stay as they are."""
    canvas = Canvas(width, height, length, channels=48, downscale=16)
    latent = canvas.empty(batch_size)
    if start_image is None:
        return latent
    given = fitted(start_image, canvas.size, length)
    whole = (len(given) - 1) // STRIDE * STRIDE + 1
    known = present(vae).encode(given[:whole])
    samples = latent["samples"]
    free = torch.ones(1, 1, *samples.shape[2:])
    samples[:, :, : known.shape[2]], free[:, :, : known.shape[2]] = known, 0.0
    return {"samples": samples, "noise_mask": free}
