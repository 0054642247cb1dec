"""Glimpses of what a walk paints, for packs that sample themselves."""

from __future__ import annotations

import comfy.utils
import torch
from PIL import Image

from comfy_host import context
from comfy_host.missing import absent
from limner.media.pictures import to_bytes

MAX_PREVIEW_RESOLUTION = 512


def preview_to_image(latent_image):
    """Colours [h w 3] in -1..1 as a picture."""
    return Image.fromarray(to_bytes((latent_image.detach().cpu().float() + 1.0) / 2.0))


class LatentPreviewer:
    """Turns latents into small pictures."""

    def decode_latent_to_preview(self, x0):
        """The first sample of a latent as a picture."""
        raise NotImplementedError

    def decode_latent_to_preview_image(self, preview_format, x0):
        """(format, picture, longest side)."""
        side = context.running().progress.preview_size or MAX_PREVIEW_RESOLUTION
        return (preview_format, self.decode_latent_to_preview(x0), side)


class Latent2RGBPreviewer(LatentPreviewer):
    """Each latent element mapped linearly to one colour."""

    def __init__(self, latent_rgb_factors, latent_rgb_factors_bias=None, latent_rgb_factors_reshape=None):
        self.latent_rgb_factors = torch.tensor(latent_rgb_factors)
        bias = latent_rgb_factors_bias
        self.latent_rgb_factors_bias = torch.zeros(3) if bias is None else torch.tensor(bias)

    def decode_latent_to_preview(self, x0):
        """The first sample of a latent, of a video its middle, as a picture."""
        first = x0[0, :, x0.shape[2] // 2] if x0.ndim == 5 else x0[0]
        colours = torch.einsum("chw,cr->hwr", first.detach().cpu().float(), self.latent_rgb_factors)
        return preview_to_image(colours + self.latent_rgb_factors_bias)


class TAESDPreviewerImpl(LatentPreviewer):
    """Decodes by a small network of a pack's own."""

    def __init__(self, taesd):
        self.taesd = taesd

    def decode_latent_to_preview(self, x0):
        """The first sample of a latent as a picture."""
        return preview_to_image(self.taesd.decode(x0[:1])[0].movedim(0, 2))


def get_previewer(device, latent_format):
    """What makes previews of a kind of latent; None where there is none."""
    if not latent_format.latent_rgb_factors:
        return None
    return Latent2RGBPreviewer(latent_format.latent_rgb_factors, latent_format.latent_rgb_factors_bias)


def prepare_callback(model, steps, x0_output_dict=None):
    """A function (step, x0, x, total) that tells progress with previews, and keeps the last x0 under ``x0``."""
    bar = comfy.utils.ProgressBar(steps)
    wanted = context.running().progress.preview_size > 0
    previewer = get_previewer(model.load_device, model.model.latent_format) if wanted else None

    def callback(step, x0, x, total_steps):
        if x0_output_dict is not None:
            x0_output_dict["x0"] = x0
        preview = previewer.decode_latent_to_preview_image("JPEG", x0) if previewer else None
        bar.update_absolute(step + 1, total_steps, preview)

    return callback


__getattr__ = absent(__name__)
