"""DDIM, which in terms of sigma is Euler's method."""

from limner.sampling.sampler import sampler
from limner.sampling.samplers.euler import euler

ddim = sampler("ddim", order=1, noise_seed_offset=1, aliases={"a1111": ("DDIM",)})(euler.function)
"""An inpainting hides its kept part under the noise of the next seed. Source: Song et al. 2021, equation 14."""
