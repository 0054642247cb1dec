"""Axes of A1111's X/Y/Z plot, in the order by which clients number them."""

from typing import NamedTuple


class Axis(NamedTuple):
    """What a plot may vary.

    Attributes:
        label: What clients show; they may send it instead of a number.
        kind: How its values are read: ``whole``, ``number``, ``text``, ``order`` (permutations), ``none``; empty: what
            it varies is not here.
        field: The request's field that it sets, or
        option: the option; both empty: the axis has a way of its own.
        tabs: ``t`` for pictures from text, ``i`` for pictures from pictures.
        old: Plots knew it before they had seeds that vary along axes; these number fewer axes.
    """

    label: str
    kind: str = ""
    field: str = ""
    option: str = ""
    tabs: str = "ti"
    old: bool = False


NOTHING, REPLACED, ORDERED, SIZE, STYLES = "Nothing", "Prompt S/R", "Prompt order", "Size", "Styles"

AXES = (
    Axis(NOTHING, "none", old=True),
    Axis("Seed", "whole", "seed", old=True),
    Axis("Var. seed", "whole", "subseed", old=True),
    Axis("Var. strength", "number", "subseed_strength", old=True),
    Axis("Steps", "whole", "steps", old=True),
    Axis("Hires steps", "whole", "hr_second_pass_steps", tabs="t", old=True),
    Axis("CFG Scale", "number", "cfg_scale", old=True),
    Axis("Image CFG Scale", "number", "image_cfg_scale", tabs="i", old=True),
    Axis(REPLACED, "text", old=True),
    Axis(ORDERED, "order", old=True),
    Axis("Sampler", "text", "sampler_name", old=True),
    Axis("Hires sampler", "text", "hr_sampler_name", tabs="t"),
    Axis("Checkpoint name", "text", option="sd_model_checkpoint", old=True),
    Axis("Negative Guidance minimum sigma"),
    Axis("Sigma Churn", "number", "s_churn", old=True),
    Axis("Sigma min", "number", "s_tmin", old=True),
    Axis("Sigma max", "number", "s_tmax", old=True),
    Axis("Sigma noise", "number", "s_noise", old=True),
    Axis("Schedule type", "text", "scheduler"),
    Axis("Schedule min sigma"),
    Axis("Schedule max sigma"),
    Axis("Schedule rho"),
    Axis("Beta schedule alpha"),
    Axis("Beta schedule beta"),
    Axis("Eta", "number", "eta", old=True),
    Axis("Clip skip", "whole", option="CLIP_stop_at_last_layers", old=True),
    Axis("Denoising", "number", "denoising_strength", old=True),
    Axis("Initial noise multiplier", "number", "initial_noise_multiplier"),
    Axis("Extra noise"),
    Axis("Hires upscaler", "text", "hr_upscaler", tabs="t", old=True),
    Axis("Cond. Image Mask Weight", tabs="i", old=True),
    Axis("VAE", "text", option="sd_vae", old=True),
    Axis(STYLES, "text", old=True),
    Axis("UniPC Order"),
    Axis("Face restore"),
    Axis("Token merging ratio"),
    Axis("Token merging ratio high-res"),
    Axis("Always discard next-to-last sigma"),
    Axis("SGM noise multiplier"),
    Axis("Refiner checkpoint", "text", "refiner_checkpoint"),
    Axis("Refiner switch at", "number", "refiner_switch_at"),
    Axis("RNG source"),
    Axis("FP8 mode"),
    Axis(SIZE, "text"),
    Axis("Distilled CFG Scale", "number", "distilled_cfg_scale"),
    Axis("Hires CFG Scale", "number", "hr_cfg", tabs="t"),
    Axis("Width", "whole", "width"),
    Axis("Height", "whole", "height"),
    Axis("Tiling", "text", "tiling"),
    Axis("Eta noise seed delta", "whole", option="eta_noise_seed_delta"),
)
"""Those behind Size have no number in A1111."""
