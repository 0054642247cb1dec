"""Instructions to change pictures, for networks whose text encoder sees them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from torch import Tensor

from limner.graph.declare import Flags, Socket, node
from limner.media.resize import resize_images, scale_to_pixels
from limner.models.text.encoder import TextEncoder
from limner.models.text.picture_reading import PICTURE, PictureReading
from limner.models.text.reading import TextBranch
from limner.nodes.conditioning import with_options
from limner.nodes.sockets import CLIP, CONDITIONING
from limner.nodes.text import present
from limner.nodes.widgets import Prompt

OptionalImage = Annotated[Tensor | None, Socket("IMAGE"), Flags(optional=True)]
OptionalVae = Annotated[Any, Socket("VAE"), Flags(optional=True)]

TEMPLATE = (
    "<|im_start|>system\nDescribe the key features of the input image (color, shape, size, texture, objects, "
    "background), then explain how the user's text instruction should alter or modify the image. Generate a new image "
    "that meets the user's requirements while maintaining consistency with the original input where "
    "appropriate.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
)
"""What Qwen-Image-Edit was trained behind; it belongs to the format, to the letter."""

TEMPLATE_TOKENS = 64
SEEN = f"<|vision_start|>{PICTURE}<|vision_end|>"
WHOLE, SMALL = 1024 * 1024, 384 * 384
"""Pixels that the autoencoder, and in the newer networks the text encoder, are shown."""

GRID = 8
"""Sides of pictures for the autoencoder are multiples of it."""


@node(name="TextEncodeQwenImageEdit", title="TextEncodeQwenImageEdit", category="advanced/conditioning")
def text_encode_qwen_image_edit(
    *, clip: CLIP, prompt: Prompt, vae: OptionalVae = None, image: OptionalImage = None
) -> CONDITIONING:
    """An instruction to change a picture, for Qwen-Image-Edit, whose encoder is shown the picture.

    With an autoencoder the network sees the picture too. Without a picture it is a prompt as any other.
    """
    if image is None:
        return present(clip).encode(prompt)
    picture = _sized(image, WHOLE, 1)
    encoded = _seeing(present(clip), [picture]).encode(SEEN + prompt)
    return encoded if vae is None else with_options(encoded, reference_latents=[vae.encode(picture[..., :3])])


@node(name="TextEncodeQwenImageEditPlus", title="TextEncodeQwenImageEditPlus", category="advanced/conditioning")
def text_encode_qwen_image_edit_plus(
    *,
    clip: CLIP,
    prompt: Prompt,
    vae: OptionalVae = None,
    image1: OptionalImage = None,
    image2: OptionalImage = None,
    image3: OptionalImage = None,
) -> CONDITIONING:
    """An instruction about up to three pictures, for Qwen-Image-Edit from version 2509: "Picture 1" is the first."""
    given = [image for image in (image1, image2, image3) if image is not None]
    named = "".join(f"Picture {number}: {SEEN}" for number in range(1, len(given) + 1))
    encoded = _seeing(present(clip), [_sized(image, SMALL, 1) for image in given]).encode(named + prompt)
    if vae is None or not given:
        return encoded
    return with_options(encoded, reference_latents=[vae.encode(_sized(image, WHOLE, GRID)[..., :3]) for image in given])


def _seeing(clip: TextEncoder, pictures: Sequence[Tensor]) -> TextEncoder:
    """The encoder, told of an instruction about pictures [1 h w c]."""
    shown = tuple(picture[0] for picture in pictures)
    reading = PictureReading(template=TEMPLATE, weighs=False, skips=TEMPLATE_TOKENS, pictures=shown)

    def change(branch: TextBranch) -> TextBranch:
        return replace(branch, reading=reading) if branch.reading.filler() is None else branch

    return clip.with_branches(change)


def _sized(images: Tensor, pixels: int, grid: int) -> Tensor:
    """The first of some pictures with about so many pixels. Shapes: images [b h w c]; returns [1 h w c]."""
    height, width = images.shape[1:3]
    sides = scale_to_pixels(width, height, pixels)
    columns, rows = (max(grid, round(side / grid) * grid) for side in sides)
    return resize_images(images[:1], columns, rows, "area")
