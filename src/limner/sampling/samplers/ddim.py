"""DDIM, which in terms of sigma is Euler's method."""

from limner.sampling.sampler import variant
from limner.sampling.samplers.euler import euler

ddim = variant(
    euler,
    "ddim",
    rank=390,
    noise_seed_offset=1,
    aliases={"a1111": ("DDIM",)},
    doc="DDIM without noise. An inpainting hides its kept part under the noise of the next seed.\n\n"
    'Source: Song et al. 2021, "Denoising diffusion implicit models", equation 14.',
    source=__name__,
)
