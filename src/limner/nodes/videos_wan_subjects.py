"""Wan's videos of somebody in particular: subjects from pictures (Phantom), characters that move as told (Animate)."""

from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Number, node
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import with_options
from limner.nodes.latents_empty import Frames4, Wide
from limner.nodes.sockets import CONDITIONING, LATENT, VAE
from limner.nodes.videos_wan_frames import (
    ANSWERS,
    CATEGORY,
    STRIDE,
    Canvas,
    Masks,
    Pictures,
    Seen,
    begun,
    drawn_elements,
    elements,
    fitted,
    nothing,
)
from limner.nodes.widgets import LARGEST_SIDE, BatchSize

FACE = 512
"""Side in pixels at which faces are looked at."""

BLACK = 0.0


@node(
    name="WanPhantomSubjectToVideo",
    title="WanPhantomSubjectToVideo",
    category=CATEGORY,
    outputs=("positive", "negative_text", "negative_img_text", "latent"),
)
def wan_phantom_subject_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    batch_size: BatchSize = 1,
    images: Pictures = None,
) -> tuple[CONDITIONING, CONDITIONING, CONDITIONING, LATENT]:
    """Shows a Phantom network pictures of what is to be seen.

    Of the two negatives the first knows the pictures, the second does not; DualCFGGuider takes both.

    Source: Liu et al. 2025, "Phantom", section 3.3.
    """
    canvas = Canvas(width, height, length)
    latent = canvas.empty(batch_size)
    if images is None:
        return positive, negative, negative, latent
    network = present(vae)
    shown = torch.cat([network.encode(fitted(image[None], canvas.size, 1)) for image in images], dim=2)
    seeing = begun((positive, negative), latent, {"time_dim_concat": shown})
    blind = with_options(negative, time_dim_concat=nothing(tuple(shown.shape)))
    return seeing[0], seeing[1], blind, latent


@node(
    name="WanAnimateToVideo",
    title="WanAnimateToVideo",
    category=CATEGORY,
    outputs=(*ANSWERS, "trim_latent", "trim_image", "video_frame_offset"),
)
def wan_animate_to_video(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 77,
    batch_size: BatchSize = 1,
    continue_motion_max_frames: Annotated[int, Number(min=1, max=LARGEST_SIDE, step=4)] = 5,
    video_frame_offset: Annotated[int, Number(min=0, max=LARGEST_SIDE, step=1)] = 0,
    clip_vision_output: Seen = None,
    reference_image: Pictures = None,
    face_video: Pictures = None,
    pose_video: Pictures = None,
    background_video: Pictures = None,
    character_mask: Masks = None,
    continue_motion: Pictures = None,
) -> tuple[CONDITIONING, CONDITIONING, LATENT, int, int, int]:
    """Lets an Animate network move a character as poses and a face do, perhaps in a video that is there already.

    Of ``background_video`` only what ``character_mask`` covers is drawn anew. Longer videos are made in parts: the
    last frames of one are the ``continue_motion`` of the next, which goes on at ``video_frame_offset`` of all others.
    The reference comes first in the latent: cut ``trim_latent`` elements off before decoding, and ``trim_image``
    frames, which were there already, after it.

    Source: Cheng et al. 2025, "Wan-Animate", section 3.
    """
    canvas, network = Canvas(width, height, length), present(vae)
    repeated = None if continue_motion is None else continue_motion[-continue_motion_max_frames:][:length]
    count = 0 if repeated is None else len(repeated)
    offset = max(0, video_frame_offset - count)
    video, drawn = canvas.frames(_later(background_video, offset)), canvas.masks(_later(character_mask, offset))
    if repeated is not None:
        video[:count], drawn[:count] = fitted(repeated, canvas.size, count), 0.0
    poses = _lasting(_later(pose_video, offset), canvas.size, length)
    told = _behind_reference(network, canvas, reference_image, video, drawn) | {
        "pose_video_latent": network.encode(poses)
    }
    positive, negative, latent = begun((positive, negative), canvas.empty(batch_size, 1), told, clip_vision_output)
    face = _later(face_video, offset)
    if face is not None:
        pixels = _lasting(face, (FACE, FACE), length).movedim(-1, 0)[None] * 2 - 1
        positive = with_options(positive, face_video_pixels=pixels)
        negative = with_options(negative, face_video_pixels=torch.full_like(pixels, -1.0))
    known = (elements(count) - 1) * STRIDE + 1 if count else 0
    return positive, negative, latent, 1, known, offset + length


def _later(frames: Tensor | None, offset: int) -> Tensor | None:
    """Frames from one on; a single one is for all times. None if there are none left."""
    if frames is None or len(frames) == 1:
        return frames
    return frames[offset:] if offset < len(frames) else None


def _lasting(pictures: Tensor | None, size: tuple[int, int], length: int) -> Tensor:
    """Pictures as frames of a size (width, height), the last one to the end; black ones where there are none."""
    if pictures is None:
        return torch.full((length, size[1], size[0], COLOURS), BLACK)
    given = fitted(pictures, size, length, "area")
    return torch.cat([given, given[-1:].expand(length - len(given), -1, -1, -1)])


def _behind_reference(
    vae: Any, canvas: Canvas, reference: Tensor | None, video: Tensor, drawn: Tensor
) -> dict[str, Any]:
    """Options that show a network a video with a reference before it. Shapes: video [t h w 3], drawn [t h w]."""
    first = _lasting(reference, canvas.size, 1)
    seen, frames = vae.encode(first), vae.encode(video)
    masks = drawn_elements(drawn, tuple(frames.shape[-2:]))
    return {
        "concat_latent_image": torch.cat([seen, frames], dim=2),
        "concat_mask": torch.cat([torch.zeros_like(masks[:, :, :1]), masks], dim=2),
    }
