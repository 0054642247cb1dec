"""Empty latents of families whose latents have a form of their own."""

from typing import Annotated, Any

import torch

from limner.graph.declare import Number, node
from limner.nodes.sockets import LATENT
from limner.nodes.widgets import LARGEST_SIDE, BatchSize

VIDEO = "latent/video"
SAMPLE_RATE = 44100

Wide = Annotated[int, Number(min=16, max=LARGEST_SIDE, step=16)]
Coarse = Annotated[int, Number(min=64, max=LARGEST_SIDE, step=32)]
Frames4 = Annotated[int, Number(min=1, max=LARGEST_SIDE, step=4)]
Frames6 = Annotated[int, Number(min=7, max=LARGEST_SIDE, step=6)]
Frames8 = Annotated[int, Number(min=1, max=LARGEST_SIDE, step=8)]
Seconds = Annotated[float, Number(min=1.0, max=1000.0, step=0.1)]


def empty_video(batch: int, channels: int, frames: int, stride: int, size: tuple[int, int], downscale: int) -> Any:
    """A latent [b c t h w] of zeros: one element for the first frame, one more for each ``stride`` frames."""
    height, width = (side // downscale for side in size)
    return {"samples": torch.zeros(batch, channels, (frames - 1) // stride + 1, height, width)}


@node(name="EmptyHunyuanLatentVideo", title="EmptyHunyuanLatentVideo", category=VIDEO)
def empty_hunyuan_latent_video(
    *, width: Wide = 848, height: Wide = 480, length: Frames4 = 25, batch_size: BatchSize = 1
) -> LATENT:
    """Empty videos of 16 channels with four frames per element, for Hunyuan Video, Wan and relatives."""
    return empty_video(batch_size, 16, length, 4, (height, width), 8)


@node(name="EmptyMochiLatentVideo", title="EmptyMochiLatentVideo", category=VIDEO)
def empty_mochi_latent_video(
    *, width: Wide = 848, height: Wide = 480, length: Frames6 = 25, batch_size: BatchSize = 1
) -> LATENT:
    """Empty videos of 12 channels with six frames per element, for Mochi."""
    return empty_video(batch_size, 12, length, 6, (height, width), 8)


@node(name="EmptyCosmosLatentVideo", title="EmptyCosmosLatentVideo", category=VIDEO)
def empty_cosmos_latent_video(
    *, width: Wide = 1280, height: Wide = 704, length: Frames8 = 121, batch_size: BatchSize = 1
) -> LATENT:
    """Empty videos of 16 channels with eight frames per element, for Cosmos."""
    return empty_video(batch_size, 16, length, 8, (height, width), 8)


@node(name="EmptyLTXVLatentVideo", title="EmptyLTXVLatentVideo", category="latent/video/ltxv")
def empty_ltxv_latent_video(
    *, width: Coarse = 768, height: Coarse = 512, length: Frames8 = 97, batch_size: BatchSize = 1
) -> LATENT:
    """Empty videos of 128 channels, coarse in space and time, for LTX Video."""
    return empty_video(batch_size, 128, length, 8, (height, width), 32)


@node(name="EmptyHunyuanImageLatent", title="EmptyHunyuanImageLatent", category="latent")
def empty_hunyuan_image_latent(*, width: Coarse = 2048, height: Coarse = 2048, batch_size: BatchSize = 1) -> LATENT:
    """Empty latents of 64 channels, 32 pixels per element, for Hunyuan Image."""
    return {"samples": torch.zeros(batch_size, 64, height // 32, width // 32)}


@node(name="EmptyFlux2LatentImage", title="Empty Flux 2 Latent", category="latent")
def empty_flux2_latent_image(*, width: Wide = 1024, height: Wide = 1024, batch_size: BatchSize = 1) -> LATENT:
    """Empty latents of 128 channels, 16 pixels per element, for FLUX.2.

    Newer than ComfyUI 0.3.64.
    """
    return {"samples": torch.zeros(batch_size, 128, height // 16, width // 16)}


@node(name="EmptyChromaRadianceLatentImage", title="EmptyChromaRadianceLatentImage", category="latent/chroma_radiance")
def empty_chroma_radiance_latent_image(*, width: Wide = 1024, height: Wide = 1024, batch_size: BatchSize = 1) -> LATENT:
    """Empty pictures for Chroma Radiance, which paints pixels and has no latents."""
    return {"samples": torch.zeros(batch_size, 3, height, width)}


@node(
    name="StableCascade_EmptyLatentImage",
    title="StableCascade_EmptyLatentImage",
    category="latent/stable_cascade",
    outputs=("stage_c", "stage_b"),
)
def stable_cascade_empty_latent_image(
    *,
    width: Annotated[int, Number(min=256, max=LARGEST_SIDE, step=8)] = 1024,
    height: Annotated[int, Number(min=256, max=LARGEST_SIDE, step=8)] = 1024,
    compression: Annotated[int, Number(min=4, max=128, step=1)] = 42,
    batch_size: BatchSize = 1,
) -> tuple[LATENT, LATENT]:
    """Empty latents for both stages of Stable Cascade: a strongly compressed one and a finer one."""
    coarse = torch.zeros(batch_size, 16, height // compression, width // compression)
    return {"samples": coarse}, {"samples": torch.zeros(batch_size, 4, height // 4, width // 4)}


@node(name="EmptyLatentAudio", title="Empty Latent Audio", category="latent/audio")
def empty_latent_audio(*, seconds: Seconds = 47.6, batch_size: BatchSize = 1) -> LATENT:
    """Empty sound of 64 channels, for Stable Audio; an even number of elements."""
    length = round(seconds * SAMPLE_RATE / 2048 / 2) * 2
    return {"samples": torch.zeros(batch_size, 64, length), "type": "audio"}


@node(name="EmptyAceStepLatentAudio", title="EmptyAceStepLatentAudio", category="latent/audio")
def empty_ace_step_latent_audio(*, seconds: Seconds = 120.0, batch_size: BatchSize = 1) -> LATENT:
    """Empty music for ACE-Step: 8 channels of 16 bands."""
    return {"samples": torch.zeros(batch_size, 8, 16, int(seconds * SAMPLE_RATE / 512 / 8)), "type": "audio"}


@node(name="EmptyLatentHunyuan3Dv2", title="EmptyLatentHunyuan3Dv2", category="latent/3d")
def empty_latent_hunyuan_3d(
    *, resolution: Annotated[int, Number(min=1, max=8192)] = 3072, batch_size: BatchSize = 1
) -> LATENT:
    """Empty shapes of so many tokens, for Hunyuan 3D."""
    return {"samples": torch.zeros(batch_size, 64, resolution), "type": "hunyuan3dv2"}


@node(name="TrimVideoLatent", title="TrimVideoLatent", category=VIDEO)
def trim_video_latent(*, samples: LATENT, trim_amount: Annotated[int, Number(min=0, max=99999)] = 0) -> LATENT:
    """A video without its first elements in time."""
    return {**samples, "samples": samples["samples"][:, :, trim_amount:]}
