"""Networks that look at pictures. Loading them is not there yet; what packs do with their outputs is."""

from __future__ import annotations

import torch

from comfy_host.missing import absent
from limner.graph.errors import ModelFileError


class Output:
    """What such a network gives; reads like a dict too."""

    def __getitem__(self, key):
        return getattr(self, key)

    def __setitem__(self, key, item):
        setattr(self, key, item)


class ClipVisionModel:
    """A network that looks at pictures; none can be loaded yet."""

    def __init__(self, *_, **__):
        _refuse("ClipVisionModel")


def clip_preprocess(
    image, size=224, mean=(0.48145466, 0.4578275, 0.40821073), std=(0.26862954, 0.26130258, 0.27577711), crop=True
):
    """Pictures [b h w c] in 0..1 as CLIP sees them: [b 3 size size], normalised with its mean and spread."""
    pictures = image[..., :3].movedim(-1, 1)
    height, width = pictures.shape[-2:]
    if (height, width) != (size, size):
        factor = size / min(height, width)
        target = (round(factor * height), round(factor * width)) if crop else (size, size)
        pictures = torch.nn.functional.interpolate(pictures, size=target, mode="bicubic", antialias=True)
        top, left = (pictures.shape[-2] - size) // 2, (pictures.shape[-1] - size) // 2
        pictures = pictures[..., top : top + size, left : left + size]
    rounded = (255.0 * pictures).clamp(0, 255).round() / 255.0
    centre, spread = (torch.tensor(values, device=image.device).view(3, 1, 1) for values in (mean, std))
    return (rounded - centre) / spread


def _refuse(name):
    raise ModelFileError(f"comfy.clip_vision.{name}: Limner does not load vision encoders yet.")


def load(ckpt_path):
    """Not there yet."""
    _refuse("load")


def load_clipvision_from_sd(sd, prefix="", convert_keys=False):
    """Not there yet."""
    _refuse("load_clipvision_from_sd")


__getattr__ = absent(__name__)
