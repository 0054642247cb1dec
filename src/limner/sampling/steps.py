"""How many sigmas a walk gets: the rules that stand between a person's "steps, denoise" and a schedule."""

import torch
from torch import Tensor

from limner.sampling.parametrization import Parametrization
from limner.sampling.sampler import Sampler
from limner.sampling.schedule import Schedule


def sigmas_for(
    schedule: Schedule,
    sampler: Sampler | None,
    parametrization: Parametrization,
    steps: int,
    denoise: float = 1.0,
) -> Tensor:
    """The noise levels of a walk, float32, falling.

    Args:
        schedule: Gives the levels.
        sampler: Some drop the next-to-last level of a schedule with one step more; None drops nothing.
        parametrization: The network's.
        steps: Wanted steps. Range: at least 1.
        denoise: Share of the noise that the walk begins with: the last steps of a schedule of steps / denoise.
            Range: above 0.9999 is everything, 0 and below gives no sigmas at all, which leaves a latent as it is.
    """
    if denoise <= 0.0:
        return torch.empty(0)
    discard = sampler is not None and sampler.discard_penultimate
    total = steps if denoise > 0.9999 else int(steps / denoise)
    sigmas = schedule(parametrization, total + 1 if discard else total)
    if discard:
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    return sigmas if denoise > 0.9999 else sigmas[-(steps + 1) :]


def sigmas_between(
    sigmas: Tensor, start: int | None = None, end: int | None = None, *, leftover_noise: bool = True
) -> Tensor:
    """The part of a walk from one step to another.

    Args:
        sigmas: The whole walk.
        start: First step; at or past the end of the walk, nothing is left and the result is empty.
        end: Step to stop before.
        leftover_noise: Whether a walk that stops early keeps its noise, or jumps to 0 in its last step.
    """
    if end is not None and end < len(sigmas) - 1:
        sigmas = sigmas[: end + 1].clone()
        if not leftover_noise:
            sigmas[-1] = 0.0
    if start is not None:
        sigmas = sigmas[start:] if start < len(sigmas) - 1 else sigmas[:0]
    return sigmas
