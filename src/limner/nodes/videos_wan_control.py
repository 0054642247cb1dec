"""Wan's videos that follow another one: poses, depths or edges for Fun networks, anything with masks for VACE."""

from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Number, node
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Frames4, Wide
from limner.nodes.sockets import CONDITIONING, LATENT, VAE
from limner.nodes.videos_wan_frames import (
    ANSWERS,
    CATEGORY,
    DOWNSCALE,
    GREY,
    Canvas,
    Masks,
    Pictures,
    Seen,
    Told,
    begun,
    fitted,
    nothing,
)
from limner.nodes.widgets import BatchSize


@node(name="WanFunControlToVideo", title="WanFunControlToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_fun_control_to_video(
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
    control_video: Pictures = None,
) -> Told:
    """Steers a Fun control network by a video of poses, depths or edges, and lets it begin with pictures."""
    canvas, network = Canvas(width, height, length), present(vae)
    shown = [canvas.encoded(network, pictures) for pictures in (control_video, start_image)]
    told = {"concat_latent_image": torch.cat(shown, dim=1)}
    return begun((positive, negative), canvas.empty(batch_size), told, clip_vision_output)


@node(name="Wan22FunControlToVideo", title="Wan22FunControlToVideo", category=CATEGORY, outputs=ANSWERS)
def wan22_fun_control_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    ref_image: Pictures = None,
    control_video: Pictures = None,
) -> Told:
    """Steers a Fun control network of Wan 2.2 by a video, and shows it a picture of what is to be seen.

    The network's size of latents is the autoencoder's: 16 channels, or 48 for the network with 5 billion weights.
    """
    network = present(vae)
    canvas = Canvas(width, height, length, network.channels, network.downscale)
    told: dict[str, Any] = {"concat_latent_image": canvas.encoded(network, control_video)}
    if ref_image is not None:
        told["reference_latents"] = [network.encode(fitted(ref_image[:1], canvas.size, 1))]
    return begun((positive, negative), canvas.empty(batch_size), told)


@node(
    name="WanVaceToVideo",
    title="WanVaceToVideo",
    category=CATEGORY,
    outputs=("positive", "negative", "latent", "trim_latent"),
)
def wan_vace_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    strength: Annotated[float, Number(min=0.0, max=1000.0, step=0.01)] = 1.0,
    control_video: Pictures = None,
    control_masks: Masks = None,
    reference_image: Pictures = None,
) -> tuple[CONDITIONING, CONDITIONING, LATENT, int]:
    """Steers a VACE network by a video, of which only the masked part is to be drawn, and by a reference picture.

    The reference comes first in the latent: cut ``trim_latent`` elements off with TrimVideoLatent before decoding.
    Frames that the video lacks are grey, masks that are missing say that everything is to be drawn.
    """
    canvas, network = Canvas(width, height, length), present(vae)
    frames, fine = _steering(network, canvas.frames(control_video), canvas.masks(control_masks))
    reference = 0
    if reference_image is not None:
        seen = network.encode(fitted(reference_image[:1], canvas.size, 1))
        reference = seen.shape[2]
        frames = torch.cat([torch.cat([seen, nothing(tuple(seen.shape))], dim=1), frames], dim=2)
        fine = torch.cat([torch.zeros_like(fine[:, :, :reference]), fine], dim=2)
    told = {"vace_frames": [frames], "vace_mask": [fine], "vace_strength": [strength]}
    return *begun((positive, negative), canvas.empty(batch_size, reference), told), reference


def _steering(vae: Any, video: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Latents of what stays and of what is to be drawn, and masks with every pixel of an element as a channel.

    Shapes: video [t h w 3], masks [t h w]; returns [1 2c t' h/8 w/8], [1 64 t' h/8 w/8].
    """
    drawn = (masks > GREY).float()[..., None]
    stays, goes = ((video - GREY) * part + GREY for part in (1 - drawn, drawn))
    frames = torch.cat([vae.encode(stays), vae.encode(goes)], dim=1)
    fine = torch.nn.functional.pixel_unshuffle(masks[:, None], DOWNSCALE).movedim(0, 1)[None]
    # Of the frames of an element the one in its middle speaks for it, as in the published code.
    fine = torch.nn.functional.interpolate(fine, size=tuple(frames.shape[2:]), mode="nearest-exact")
    return frames, fine
