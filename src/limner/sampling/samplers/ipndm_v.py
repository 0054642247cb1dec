"""Improved pseudo numerical methods, for uneven steps."""

from limner.sampling.sampler import variant
from limner.sampling.samplers.lms import lms

ipndm_v = variant(
    lms,
    "ipndm_v",
    rank=260,
    doc="Adams-Bashforth of fourth order with weights for the steps as they are.\n\nCost: one evaluation a step.\n"
    'Source: Zhang and Chen 2023, "Fast sampling of diffusion models with exponential integrator", appendix H.',
    source=__name__,
)
