"""``comfy_extras.nodes_mask``: nodes as classes, and the function that lays one tensor over another."""

import torch

from comfy_host.extras import node_class


def composite(destination, source, x, y, mask=None, multiplier=8, resize_source=False):
    """A tensor with another one laid over it.

    Args:
        destination: [b c h w], changed in place and returned.
        source: [b c h w]; repeated to the batch, cut at the borders.
        x: Left edge in pixels; ``multiplier`` pixels make an element.
        y: Upper edge in pixels.
        mask: Where the source shows, in [n h w] or [n 1 h w]; everywhere if absent.
        multiplier: Pixels an element.
        resize_source: Stretch the source to the destination's size.
    """
    functional = torch.nn.functional
    height, width = destination.shape[-2:]
    source = source.to(destination.device)
    if resize_source:
        source = functional.interpolate(source, size=(height, width), mode="bilinear")
    source = _repeated(source, destination.shape[0])
    left = max(-source.shape[-1] * multiplier, min(x, width * multiplier)) // multiplier
    top = max(-source.shape[-2] * multiplier, min(y, height * multiplier)) // multiplier
    if mask is None:
        mask = torch.ones_like(source[:, :1])
    else:
        mask = mask.to(destination.device).reshape(-1, 1, *mask.shape[-2:]).to(source.dtype)
        mask = _repeated(functional.interpolate(mask, size=source.shape[-2:], mode="bilinear"), source.shape[0])
    skip_x, skip_y = max(0, -left), max(0, -top)
    shown_x = max(0, min(source.shape[-1], width - left) - skip_x)
    shown_y = max(0, min(source.shape[-2], height - top) - skip_y)
    inside = (..., slice(skip_y, skip_y + shown_y), slice(skip_x, skip_x + shown_x))
    target = (..., slice(top + skip_y, top + skip_y + shown_y), slice(left + skip_x, left + skip_x + shown_x))
    share = mask[inside]
    destination[target] = share * source[inside] + (1.0 - share) * destination[target]
    return destination


def _repeated(tensor, count):
    """A batch of so many, its entries one after another and again."""
    times = -(-count // tensor.shape[0])
    return tensor.repeat(times, *(1,) * (tensor.ndim - 1))[:count]


__getattr__ = node_class(__name__)
