"""What HunyuanVideo is told beside the text: a picture that a video begins with."""

from dataclasses import replace
from typing import Annotated, Any

import torch

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize_images
from limner.models.parts.hunyuan_pass import FIRST, REFERENCE
from limner.models.text.encoder import TextEncoder
from limner.models.text.reading import TextBranch
from limner.models.text.recipes.hunyuan_video import HUNYUAN_VIDEO, seeing
from limner.nodes.autoencoding import COLOURS, present
from limner.nodes.conditioning import with_options
from limner.nodes.latents_empty import Frames4, Wide, empty_video
from limner.nodes.sockets import CLIP, CLIP_VISION_OUTPUT, CONDITIONING, LATENT, VAE
from limner.nodes.text import present as present_text
from limner.nodes.widgets import BatchSize, Prompt

STRIDE, DOWNSCALE, CHANNELS = 4, 8, 16
"""Frames and pixels an element, channels."""

Pictures = Annotated[Any, Socket("IMAGE"), Flags(optional=True)]

BY_CHANNELS, BY_TOKENS, BESIDE = "v1 (concat)", "v2 (replace)", "custom"


@node(
    name="HunyuanImageToVideo",
    title="HunyuanImageToVideo",
    category="conditioning/video_models",
    outputs=("positive", "latent"),
)
def hunyuan_image_to_video(
    *,
    positive: CONDITIONING,
    vae: VAE,
    width: Wide = 848,
    height: Wide = 480,
    length: Frames4 = 53,
    batch_size: BatchSize = 1,
    guidance_type: Annotated[str, Choice(BY_CHANNELS, BY_TOKENS, BESIDE)],
    start_image: Pictures = None,
) -> tuple[CONDITIONING, LATENT]:
    """Lets a video of HunyuanVideo begin with a picture, in the way that its network was trained for.

    The first networks for pictures see it in channels of their own; the second ones, whose files are like those for
    text, keep it as the first element of the latent. ``custom`` shows it beside the video: who or what is to be in it.
    """
    latent = empty_video(batch_size, CHANNELS, length, STRIDE, (height, width), DOWNSCALE)
    if start_image is None:
        return positive, latent
    pictures = start_image[:length, ..., :COLOURS].float()
    known = present(vae).encode(resize_images(pictures, width, height, "bilinear", "center"))
    if guidance_type == BESIDE:
        return with_options(positive, **{REFERENCE: known}), latent
    samples = latent["samples"]
    drawn = torch.ones(1, 1, *samples.shape[2:])
    drawn[:, :, : known.shape[2]] = 0.0
    if guidance_type == BY_CHANNELS:
        return with_options(positive, concat_latent_image=known, concat_mask=drawn), latent
    samples[:, :, : known.shape[2]] = known
    return with_options(positive, **{FIRST: 0}), {"samples": samples, "noise_mask": drawn}


@node(
    name="TextEncodeHunyuanVideo_ImageToVideo",
    title="TextEncodeHunyuanVideo_ImageToVideo",
    category="advanced/conditioning",
)
def text_encode_hunyuan_video_image_to_video(
    *,
    clip: CLIP,
    clip_vision_output: CLIP_VISION_OUTPUT,
    prompt: Prompt,
    image_interleave: Annotated[int, Number(min=1, max=512)] = 2,
) -> CONDITIONING:
    """A prompt about a picture that HunyuanVideo's language model sees.

    Of what the model says of the picture, each ``image_interleave``-th part is handed on: with larger numbers the text
    counts more, with smaller ones the picture.
    """
    encoder: TextEncoder = present_text(clip)
    if encoder.recipe.name != HUNYUAN_VIDEO.name:
        raise NumericsError(
            f"The text encoders that came are read for {encoder.recipe.name}; pictures can be shown to those of "
            "HunyuanVideo. Load Llama 3 (llava) and CLIP ViT-L with DualCLIPLoader, type hunyuan_video."
        )
    seen = getattr(clip_vision_output, "mm_projected", None)
    if seen is None:
        raise NumericsError(
            "The vision encoder that saw the picture has no projection for a language model. Load the one of "
            "llava-llama-3 (its file has 'multi_modal_projector' tensors) with CLIPVisionLoader."
        )
    reading = seeing(seen[0], image_interleave)

    def change(branch: TextBranch) -> TextBranch:
        return replace(branch, reading=reading) if branch.reading.filler() is None else branch

    return encoder.with_branches(change).encode(prompt)
