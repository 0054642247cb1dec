"""Wan's videos seen by a camera that moves (Fun networks)."""

from math import pi
from typing import Annotated, Any

import torch

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.models.parts.camera_rays import packed, poses, rays
from limner.nodes.autoencoding import present
from limner.nodes.latents_empty import Frames4, Wide
from limner.nodes.sockets import CONDITIONING, VAE
from limner.nodes.videos_wan_frames import (
    ANSWERS,
    CATEGORY,
    STRIDE,
    Canvas,
    Pictures,
    Seen,
    Told,
    begun,
    drawn_elements,
)
from limner.nodes.widgets import BatchSize, Share

WIDE = 16 / 9
"""Aspect of the pictures that focal lengths are shares of."""

FAR, ANGLE = 1.5, pi / 3
"""How far a camera goes, and how far it rolls, in a video at a speed of 1."""

MOVES = {
    "Static": (0.0, 0.0, 0.0, 0.0),
    "Pan Up": (0.0, -1.0, 0.0, 0.0),
    "Pan Down": (0.0, 1.0, 0.0, 0.0),
    "Pan Left": (-1.0, 0.0, 0.0, 0.0),
    "Pan Right": (1.0, 0.0, 0.0, 0.0),
    "Zoom In": (0.0, 0.0, 2.0, 0.0),
    "Zoom Out": (0.0, 0.0, -2.0, 0.0),
    "Anti Clockwise (ACW)": (0.0, 0.0, 0.0, 1.0),
    "ClockWise (CW)": (0.0, 0.0, 0.0, -1.0),
}
"""Where the camera goes, to the right, down, forwards, and how it rolls clockwise: rolls are named for the picture."""

FocalShare = Annotated[float, Number(min=0, max=1, step=1e-9)]
CameraMotion = Annotated[Any, Socket("WAN_CAMERA_EMBEDDING")]
MaybeCamera = Annotated[Any, Socket("WAN_CAMERA_EMBEDDING"), Flags(optional=True)]


@node(
    name="WanCameraEmbedding",
    title="WanCameraEmbedding",
    category="camera",
    outputs=("camera_embedding", "width", "height", "length"),
)
def wan_camera_embedding(
    *,
    camera_pose: Annotated[str, Choice(*MOVES, default="Static")],
    width: Wide = 832,
    height: Wide = 480,
    length: Frames4 = 81,
    speed: Annotated[float, Number(min=0, max=10.0, step=0.1), Flags(optional=True)] = 1.0,
    fx: Annotated[FocalShare, Flags(optional=True)] = 0.5,
    fy: Annotated[FocalShare, Flags(optional=True)] = 0.5,
    cx: Annotated[Share, Flags(optional=True)] = 0.5,
    cy: Annotated[Share, Flags(optional=True)] = 0.5,
) -> tuple[CameraMotion, int, int, int]:
    """How a camera moves through a video, as the rays through its pixels.

    ``fx`` and ``fy`` are focal lengths as shares of the sides of a wide picture (16:9), of which the video is the
    middle; ``cx`` and ``cy`` say where the camera's axis meets the video.
    """
    *shift, roll = (speed * part for part in MOVES[camera_pose])
    path = poses((shift[0] * FAR, shift[1] * FAR, shift[2] * FAR), roll * ANGLE, length)
    tall = max(height, width / WIDE)
    seen = rays(path, (fx * tall * WIDE, fy * tall), (cx * width, cy * height), (width, height))
    return packed(seen, STRIDE), width, height, length


@node(name="WanCameraImageToVideo", title="WanCameraImageToVideo", category=CATEGORY, outputs=ANSWERS)
def wan_camera_image_to_video(
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
    camera_conditions: MaybeCamera = None,
) -> Told:
    """Lets a video begin with pictures and a camera move through it."""
    canvas = Canvas(width, height, length)
    told: dict[str, Any] = {}
    if start_image is not None:
        latent = canvas.encoded(present(vae), start_image)
        drawn = (torch.arange(length) >= len(start_image)).float()
        told |= {"concat_latent_image": latent, "concat_mask": drawn_elements(drawn, tuple(latent.shape[-2:]))}
    if camera_conditions is not None:
        told["camera_conditions"] = camera_conditions
    return begun((positive, negative), canvas.empty(batch_size), told, clip_vision_output)
