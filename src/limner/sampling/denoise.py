"""From a stored latent and noise to a stored latent: everything around a walk."""

from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.sampling.conditioning import mask_for
from limner.sampling.denoiser import Denoiser, LatentFormat
from limner.sampling.guidance import Guidance
from limner.sampling.guider import Guider
from limner.sampling.guiders.overheard import Overheard
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import Noise, initial_noise
from limner.sampling.parametrization import Parametrization
from limner.sampling.sampler import Sampler
from limner.sampling.walk import Walk

PROCEDURE = "procedure"
"""Option of a denoiser, and attribute of a guider, a sampler or a conditioning's ``control``: samples in place of the
loop's walk."""

OnStep = Callable[[int, int, Tensor, Tensor], None]
"""Called as (step from 0, steps, x, x0), at the network's scale, after each outer step's first evaluation."""


_Step = tuple[int, Tensor, Tensor]
"""Number from 0, x, x0."""

CHECK_SECONDS = 0.2
"""How often a walk that waits for its turn looks whether it is still wanted."""


@dataclass(frozen=True)
class Denoised:
    """What a walk gives, float32 on the CPU, at the scale of stored latents.

    Attributes:
        samples: The last x.
        x0: The last prediction of the clean latent; equal to samples if nothing was evaluated.
    """

    samples: Tensor
    x0: Tensor


Procedure = Callable[..., Denoised]
"""Called with the arguments of ``denoise``. Code of others that takes sampling into its own hands works behind this."""


def procedure_of(denoiser: Denoiser, guider: Guider, sampler: Sampler) -> Procedure | None:
    """Who samples in place of the loop's walk; None: nobody."""
    controls = [
        options["control"] for entries in guider.conditionings for _, options in entries if "control" in options
    ]
    for found in (sampler.procedure, denoiser.options.get(PROCEDURE), *_procedures(guider, *controls)):
        if found is not None:
            return found
    return None


def _procedures(*parts: Any) -> list[Procedure | None]:
    return [getattr(part, PROCEDURE, None) for part in parts]


@dataclass(frozen=True)
class Kept:
    """The part of a latent that a walk must not change.

    Attributes:
        latent: The latent at the network's scale.
        noise: What it is hidden under at the walk's noise level.
        mask: 1 where the walk is free, 0 where the latent stays, soft between; like latent.
        soften: Gives the mask for a sigma, or None.
    """

    latent: Tensor
    noise: Tensor
    mask: Tensor
    parametrization: Parametrization
    soften: Callable[[float, Tensor], Tensor] | None = None

    def blended(self, walk: Walk) -> Walk:
        """The walk with its kept part put back before and after each evaluation."""
        try:
            request = next(walk)
            while True:
                mask = self.mask if self.soften is None else self.soften(request.sigma, self.mask)
                hidden = self.parametrization.noised(self.latent, self.noise, request.sigma)
                x0 = yield replace(request, x=request.x * mask + hidden * (1.0 - mask))
                request = walk.send(x0 * mask + self.latent * (1.0 - mask))
        except StopIteration as end:
            return end.value
        finally:
            walk.close()


def told(walk: Walk, tell: Callable[[int, Tensor, Tensor], None]) -> Walk:
    """A walk that tells of each outer step: its number from 0, x and x0."""
    step = 0
    try:
        request = next(walk)
        while True:
            x0 = yield request
            if not request.inner:
                tell(step, request.x, x0)
                step += 1
            request = walk.send(x0)
    except StopIteration as end:
        return end.value
    finally:
        walk.close()


def fitted(latent: Tensor, layout: LatentFormat) -> Tensor:
    """A latent with the network's channels: an empty one is repeated or cut, any other must already fit.

    A still latent becomes the first element of a video where the network makes videos, and a video's frames become
    pictures where it makes those.

    Raises:
        NumericsError: if a latent with content has another number of channels.
    """
    if layout.frames and latent.ndim == 4:
        latent = latent.unsqueeze(2)
    if not layout.frames and latent.ndim == 5:
        latent = latent.movedim(2, 1).flatten(0, 1)
    channels = latent.shape[1]
    if channels == layout.channels:
        return latent
    if bool(latent.count_nonzero()):
        raise NumericsError(
            f"This model's latents have {layout.channels} channels, but a latent {list(latent.shape)} came. "
            "Encode the picture with the VAE of this model."
        )
    times = -(-layout.channels // channels)
    return latent.repeat(1, times, *(1,) * (latent.ndim - 2))[:, : layout.channels]


def denoise(
    loop: DenoisingLoop,
    denoiser: Denoiser,
    guider: Guider,
    sampler: Sampler,
    sigmas: Tensor | Sequence[float],
    noise: Tensor | None,
    latent: Tensor,
    *,
    mask: Tensor | None = None,
    seed: int = 0,
    on_step: OnStep | None = None,
    check: Callable[[], None] = lambda: None,
) -> Denoised:
    """Walks from a latent under noise down the sigmas. Blocks the calling thread; the loop's thread does the work.

    Args:
        loop: Drives the walk, together with all others.
        denoiser: The network; leased while the walk lasts.
        guider: How predictions combine.
        sampler: The walk's kind.
        sigmas: Noise levels, falling; none leaves the latent unchanged; a last one above 0 leaves noise in it.
        noise: Unit Gaussian like latent, see ``initial_noise``; None adds none.
        latent: Stored latent [b c h w].
        mask: 1 where to paint, [m h w] or [m 1 h w], of any size, for videos also [m 1 t h w]; None everywhere.
        seed: Seeds the noise on the way.
        on_step: Told of each outer step in the calling thread, while the loop goes on; what it raises ends the walk
            before its next evaluation. Its tensors must not be written to.
        check: Called now and then in the calling thread, also while others have their turn; what it raises ends the
            walk in the same way.

    Raises:
        InterruptedRun: if on_step or check raised it, or the loop was closed.
        NumericsError: if values stop being finite, or the latent does not fit the network.
    """
    levels = [float(sigma) for sigma in sigmas]
    if not levels:
        return Denoised(latent, latent)
    latent = fitted(latent, denoiser.latent_format)
    arguments = {"mask": mask, "seed": seed, "on_step": on_step, "check": check}
    procedure = procedure_of(denoiser, guider, sampler)
    if procedure is not None:
        return procedure(loop, denoiser, guider, sampler, sigmas, noise, latent, **arguments)
    with denoiser.lease():
        samples, x0 = _walked(loop, denoiser, guider, sampler, levels, noise, latent, mask, seed, on_step, check)
    layout = denoiser.latent_format
    return Denoised(*(layout.to_stored(value.float()).cpu() for value in (samples, x0)))


def _walked(
    loop: DenoisingLoop,
    denoiser: Denoiser,
    guider: Guider,
    sampler: Sampler,
    levels: Sequence[float],
    noise: Tensor | None,
    latent: Tensor,
    mask: Tensor | None,
    seed: int,
    on_step: OnStep | None,
    check: Callable[[], None],
) -> tuple[Tensor, Tensor]:
    device, parametrization = denoiser.device, denoiser.parametrization
    clean = latent.float().to(device)
    if bool(clean.count_nonzero()):
        clean = denoiser.latent_format.to_model(clean)
    unit = torch.zeros_like(clean) if noise is None else fitted(noise, denoiser.latent_format).to(clean)
    x = parametrization.noised(clean, unit, levels[0], full=parametrization.starts_full(levels[0]))
    sources = Noise.seeded(seed, x, levels, parametrization, device if sampler.tree_on_device else None)
    if sampler.needs_negative:
        guider = Overheard(guider)
        sources = replace(sources, negative=guider.negative_of)
    steps: SimpleQueue[_Step | None] = SimpleQueue()
    walk = told(sampler.walk(x, levels, sources), lambda *step: steps.put(step))
    soft: Tensor | None = None
    if mask is not None:
        offset = sampler.noise_seed_offset
        hiding = initial_noise(latent, (seed + offset) % 2**64).to(clean) if offset and noise is not None else unit
        soft = mask_for(mask.float(), clean)
        walk = Kept(clean, hiding, soft, parametrization, _mask_function(denoiser, x, levels)).blended(walk)
    live = loop.submit(walk, Guidance(denoiser, guider, clean, soft, seed), lambda: steps.put(None))
    last: Tensor | None = None
    try:
        while (step := _next(steps, check)) is not None:
            last = step[2]
            if on_step is not None:
                on_step(step[0], len(levels) - 1, step[1], last)
    except BaseException:
        live.cancel()
        wait([live.outcome])  # the lease must outlast the forward pass that may be running
        raise
    samples = parametrization.finished(live.outcome.result(), levels[-1])
    return samples, samples if last is None else last


def _next(steps: SimpleQueue[_Step | None], check: Callable[[], None]) -> _Step | None:
    """What the loop tells next; ``check`` is called while it tells nothing."""
    while True:
        try:
            return steps.get(timeout=CHECK_SECONDS)
        except Empty:
            check()


def _mask_function(denoiser: Denoiser, x: Tensor, levels: Sequence[float]) -> Callable[[float, Tensor], Tensor] | None:
    """The option that replaces a mask for each sigma, called as those who set it expect."""
    function = denoiser.options.get("denoise_mask_function")
    if function is None:
        return None
    extra = {"model": denoiser, "sigmas": torch.tensor(levels, device=x.device)}
    return lambda sigma, mask: function(x.new_full((x.shape[0],), sigma), mask, extra_options=extra)
