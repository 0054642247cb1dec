"""What pipelines of diffusers need beside the network: tiny autoencoders, schedulers, texts at random."""

from collections.abc import Callable
from types import SimpleNamespace

import torch
from tests.models.families.case import Conditioning

TOKENS = 6


def kl_autoencoder(channels: int = 16, levels: int = 4, *, quantised: bool = False, **options):
    """A tiny AutoencoderKL with ``2 ** (levels - 1)`` pixels per latent element."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8,) * levels,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=2,
        use_quant_conv=quantised,
        use_post_quant_conv=quantised,
        **options,
    )


def texts(width: int, pooled: int = 0, *, masked: int = 0) -> Callable[[torch.Generator], Conditioning]:
    """Makes conditioning at random: states, pooled text of a width, a mask over some of the last tokens."""

    def make(generator: torch.Generator) -> Conditioning:
        context = torch.randn(1, TOKENS, width, generator=generator)
        options = {"pooled_output": torch.randn(1, pooled, generator=generator)} if pooled else {}
        if masked:
            options["attention_mask"] = (torch.arange(TOKENS) < TOKENS - masked).float()[None]
        return [[context, options]]

    return make


def flow_scheduler(**options):
    """The scheduler of rectified flow."""
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**options)


def quiet(pipeline):
    """A pipeline that shows no progress."""
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference; not a number if a shape or a value is wrong."""
    if ours.shape != theirs.shape:
        return float("nan")
    return float((ours - theirs).abs().max())


def certain(autoencoder):
    """An autoencoder that gives the mean of its distribution where it would draw from it."""
    encode = autoencoder.encode

    def mean(pictures, *given, **options):
        found = encode(pictures).latent_dist.mean
        return SimpleNamespace(latent_dist=SimpleNamespace(sample=lambda generator=None: found, mode=lambda: found))

    autoencoder.encode = mean
    return autoencoder
