"""Heun's method with up to three slopes."""

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.sampler import sampler
from limner.sampling.walk import Evaluate, Sigmas, Walk


@sampler("heunpp2", rank=50, order=1)
def heunpp2(x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
    """A step with the weighted mean of the slopes at its beginning and along two Euler steps ahead.

    A slope further ahead weighs less the smaller its noise level is. Near the end fewer slopes remain.

    Cost: three evaluations a step, two for the last but one, one for the last.
    Source: Karras et al. 2022, algorithm 1 with more predictor steps; weights as workflows know them ("Heun++").
    """
    for step in range(len(sigmas) - 1):
        ahead = sigmas[step : step + 1] if step + 2 >= len(sigmas) else sigmas[step : min(step + 3, len(sigmas) - 1)]
        slopes: list[Tensor] = []
        guess = x
        for place, sigma in enumerate(ahead):
            x0 = yield Evaluate(guess, sigma, inner=place > 0)
            slopes.append((guess - x0) / sigma)
            if place + 1 < len(ahead):
                guess = guess + slopes[-1] * (ahead[place + 1] - sigma)
        weights = [sigma / (len(ahead) * sigmas[0]) for sigma in ahead[1:]]
        slope = slopes[0] * (1 - sum(weights))
        for weight, further in zip(weights, slopes[1:], strict=True):
            slope = slope + weight * further
        x = x + slope * (sigmas[step + 1] - sigmas[step])
    return x
