"""Stable Video Diffusion: its checkpoints, and what it is told of the picture that is to move."""

from typing import Annotated

import torch

from limner.graph.declare import Choice, Number, node
from limner.media.resize import resize_images
from limner.models.vision.blueprint import vision_blueprint
from limner.models.vision.encoder import vision_encoder_in
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import CLIP_VISION, CONDITIONING, IMAGE, LATENT, MODEL, VAE
from limner.nodes.videos_wan_frames import ANSWERS, CATEGORY
from limner.nodes.widgets import LARGEST_SIDE

CHANNELS, DOWNSCALE = 4, 8

Side = Annotated[int, Number(min=16, max=LARGEST_SIDE, step=8)]


@node(
    name="ImageOnlyCheckpointLoader",
    title="Image Only Checkpoint Loader (img2vid model)",
    category="loaders/video_models",
    outputs=("MODEL", "CLIP_VISION", "VAE"),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def image_only_checkpoint_loader(
    *, ckpt_name: Annotated[str, Choice(source="checkpoints")], library: Library
) -> tuple[MODEL, CLIP_VISION, VAE]:
    """Everything in a checkpoint that looks at a picture instead of reading a text. A part that it lacks is None."""
    file = library.open("checkpoints", ckpt_name)
    checkpoint = library.checkpoint_in(file)
    seeing = None if vision_blueprint(file.layout) is None else vision_encoder_in(library, file)
    return checkpoint.model, seeing, checkpoint.vae


@node(name="SVD_img2vid_Conditioning", title="SVD_img2vid_Conditioning", category=CATEGORY, outputs=ANSWERS)
def svd_img2vid_conditioning(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 1024,
    height: Side = 576,
    video_frames: Annotated[int, Number(min=1, max=4096)] = 14,
    motion_bucket_id: Annotated[int, Number(min=1, max=1023)] = 127,
    fps: Annotated[int, Number(min=1, max=1024)] = 6,
    augmentation_level: Annotated[float, Number(min=0.0, max=10.0, step=0.01)] = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """What the network is told of the picture that is to move, and as many empty frames as the video gets.

    ``motion_bucket_id`` is how much moves. ``augmentation_level`` is how much noise lies on the picture that the
    network sees (always the same noise): more lets the video leave it sooner.
    """
    seen = clip_vision.encode(init_image).image_embeds[None]
    picture = resize_images(init_image[..., :COLOURS].float(), width, height, "bilinear", "center")
    if augmentation_level > 0:
        noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
        picture = picture + noise * augmentation_level
    shown = present(vae).encode(picture)
    told = {"motion_bucket_id": motion_bucket_id, "fps": fps, "augmentation_level": augmentation_level}
    positive = [[seen, {**told, "concat_latent_image": shown}]]
    negative = [[torch.zeros_like(seen), {**told, "concat_latent_image": torch.zeros_like(shown)}]]
    empty = torch.zeros(video_frames, CHANNELS, height // DOWNSCALE, width // DOWNSCALE)
    return positive, negative, {"samples": empty}
