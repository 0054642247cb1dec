"""How an ancestral step divides a fall in noise: further down than asked, then up again with fresh noise."""


def ancestral_split(sigma: float, following: float, eta: float = 1.0) -> tuple[float, float]:
    """How far to step down, and how much fresh noise brings the walk back up to the following sigma.

    Args:
        sigma: Where the step begins.
        following: Where it ends.
        eta: Share of the noise to renew; 0 gives a deterministic step.

    Returns:
        (down, up), with down^2 + up^2 = following^2.
        Source: Song et al. 2021, "Denoising diffusion implicit models", equation 16, in terms of sigma.
    """
    if not eta:
        return following, 0.0
    up = min(following, eta * (following**2 * (sigma**2 - following**2) / sigma**2) ** 0.5)
    return (following**2 - up**2) ** 0.5, up
