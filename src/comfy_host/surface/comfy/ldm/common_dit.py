"""Padding for networks that work on patches."""

from __future__ import annotations

import torch


def pad_to_patch_size(img, patch_size=(2, 2), padding_mode="circular"):
    """A picture whose sides are multiples of the patch's."""
    pads = []
    for side, patch in zip(reversed(img.shape[-len(patch_size) :]), reversed(patch_size), strict=True):
        pads += [0, -side % patch]
    mode = "reflect" if padding_mode == "circular" and torch.jit.is_tracing() else padding_mode
    return torch.nn.functional.pad(img, pads, mode=mode)
