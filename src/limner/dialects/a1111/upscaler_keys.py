"""A1111's names of the ways to enlarge a picture or its latent."""

LATENT_MODES = (
    "Latent",
    "Latent (antialiased)",
    "Latent (bicubic)",
    "Latent (bicubic antialiased)",
    "Latent (nearest)",
    "Latent (nearest-exact)",
)

PLAIN_UPSCALERS = ("None", "Lanczos", "Nearest")
"""Those that need no network, first in every list."""
