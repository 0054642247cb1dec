"""Glimpses of what a walk is painting: small pictures that cost next to nothing."""

from collections.abc import Sequence
from io import BytesIO

import torch
from PIL import Image
from torch import Tensor

from limner.graph.progress import Preview
from limner.media.pictures import to_bytes

JPEG_QUALITY = 95


def latent_preview(x0: Tensor, matrix: Sequence[Sequence[float]], bias: Sequence[float], size: int) -> Preview | None:
    """The first sample of a latent, each element mapped linearly to one colour; of a video the element in the middle.

    The middle, because a first frame is often given, and says nothing of what is being painted.

    Args:
        x0: Latent in the network's scale, [b c h w] or [b c t h w].
        matrix: Colours of the channels, [c 3].
        bias: Colour of a zero latent, [3], in -1..1.
        size: Longest side of the picture.

    Returns:
        A JPEG, or None if the latent has other channels than the matrix or values that are no numbers.
    """
    first = x0[0, :, x0.shape[2] // 2] if x0.ndim == 5 else x0[0]
    if first.shape[0] != len(matrix) or not bool(torch.isfinite(first).all()):
        return None
    colours = torch.tensor(matrix, dtype=torch.float32)
    image = torch.einsum("chw,cr->hwr", first.detach().cpu().float(), colours) + torch.tensor(bias)
    return Preview(image=jpeg(to_bytes((image + 1.0) / 2.0), size), media_type="image/jpeg")


def jpeg(pixels: object, size: int) -> bytes:
    """8-bit pixels [h w 3] as a JPEG whose longest side is ``size``."""
    picture = Image.fromarray(pixels)  # type: ignore[arg-type]
    factor = size / max(picture.size)
    fitted = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    target = BytesIO()
    picture.resize(fitted, Image.Resampling.BILINEAR).save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()
