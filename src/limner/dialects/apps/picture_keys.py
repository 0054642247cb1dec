"""What apps call the things that every door for pictures knows; of several inputs the first in a row counts."""

from collections.abc import Mapping

WIDTHS, HEIGHTS = ("width",), ("height",)
SEEDS = ("seed", "noise_seed")
MASKS = ("mask",)

NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "positive_prompt"),
    "negative": ("negative_prompt", "negative"),
    "width": WIDTHS,
    "height": HEIGHTS,
    "steps": ("steps", "num_inference_steps"),
    "guidance": ("guidance", "guidance_scale", "cfg", "cfg_scale"),
    "sampler": ("sampler", "sampler_name"),
    "schedule": ("schedule", "scheduler"),
    "denoise": ("denoise", "strength"),
}
"""Inputs by what a ``PictureWish`` calls the same."""
