"""From noise to latents."""

from typing import Annotated, Any, Protocol

from torch import Tensor

from limner.graph.declare import Choice, Service, node
from limner.graph.progress import Progress
from limner.media.previews import latent_preview
from limner.nodes.latents import with_samples
from limner.nodes.sockets import CONDITIONING, LATENT, MODEL
from limner.nodes.widgets import Guidance, SamplerName, ScheduleName, Seed, Share, StepNumber, Steps
from limner.sampling.denoise import Denoised, OnStep, denoise, fitted
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.noise import initial_noise
from limner.sampling.registry import SamplingRegistry
from limner.sampling.sampler import Sampler
from limner.sampling.steps import sigmas_between, sigmas_for

Registry = Annotated[SamplingRegistry, Service()]
Loop = Annotated[DenoisingLoop, Service()]
Telling = Annotated[Progress, Service()]

EXCHANGE = "exchange_guider"
"""Option of a model: a function that gets a walk's guider and gives the one to use."""


class NoiseSource(Protocol):
    """Where a walk's noise comes from; the value of NOISE sockets."""

    seed: int

    def generate_noise(self, latent: dict[str, Any]) -> Tensor | None:
        """Unit Gaussian noise like the latent's samples; None or zeros for no noise."""
        ...


class SeededNoise:
    """Noise that a seed determines, one draw per sample of a batch."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def generate_noise(self, latent: dict[str, Any]) -> Tensor:
        """The noise of the latent's samples; those of a batch keep theirs when they are taken out of it."""
        return initial_noise(latent["samples"], self.seed, latent.get("batch_index"))


class NoNoise:
    """No noise at all; a walk that goes on where another one stopped."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def generate_noise(self, latent: dict[str, Any]) -> None:
        """Nothing."""


def step_teller(progress: Progress, model: Denoiser) -> OnStep:
    """Reports every step of a walk, with a picture of its prediction where one is wanted."""
    # Colours are measured now and not at the first step, whose time everybody shares.
    layout = model.latent_format.seen() if progress.preview_size > 0 else model.latent_format

    def tell(step: int, steps: int, _x: Tensor, x0: Tensor) -> None:
        wanted = progress.preview_size > 0 and bool(layout.rgb)
        glimpse = latent_preview(x0, layout.rgb, layout.rgb_bias, progress.preview_size) if wanted else None
        progress.report(step + 1, steps, glimpse)

    return tell


def walk(
    loop: DenoisingLoop,
    progress: Progress,
    model: Denoiser,
    guider: Guider,
    sampler: Sampler,
    sigmas: Tensor,
    noise: NoiseSource,
    latent: dict[str, Any],
) -> Denoised:
    """Samples a latent with everything that travels with it: mask, numbers of its noise."""
    samples = fitted(latent["samples"], model.latent_format)
    exchange = model.options.get(EXCHANGE)
    guider = exchange(guider) if exchange else guider
    return denoise(
        loop,
        model,
        guider,
        sampler,
        sigmas,
        noise.generate_noise(with_samples(latent, samples)),
        samples,
        mask=latent.get("noise_mask"),
        seed=noise.seed,
        on_step=step_teller(progress, model),
        check=progress.check,
    )


@node(name="KSampler", title="KSampler", category="sampling")
def ksampler(
    *,
    model: MODEL,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: SamplerName,
    scheduler: ScheduleName,
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent_image: LATENT,
    denoise: Share = 1.0,
    registry: Registry,
    loop: Loop,
    progress: Telling,
) -> LATENT:
    """Paints latents from noise: towards the positive text, away from the negative one.

    ``cfg`` says how strictly the text is followed. Below ``denoise`` 1 only that share of the noise is added and
    removed, so that something of the given latent stays. Equal seeds and inputs give equal results.
    """
    sampler = registry.sampler(sampler_name)
    sigmas = sigmas_for(registry.schedule(scheduler), sampler, model.parametrization, steps, denoise)
    guider = CfgGuider(positive, negative, cfg)
    result = walk(loop, progress, model, guider, sampler, sigmas, SeededNoise(seed), latent_image)
    return with_samples(latent_image, result.samples)


@node(name="KSamplerAdvanced", title="KSampler (Advanced)", category="sampling")
def ksampler_advanced(
    *,
    model: MODEL,
    add_noise: Annotated[str, Choice("enable", "disable")],
    noise_seed: Seed = 0,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    sampler_name: SamplerName,
    scheduler: ScheduleName,
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent_image: LATENT,
    start_at_step: StepNumber = 0,
    end_at_step: StepNumber = 10000,
    return_with_leftover_noise: Annotated[str, Choice("disable", "enable")],
    registry: Registry,
    loop: Loop,
    progress: Telling,
) -> LATENT:
    """A part of a walk, from one step to another, so that several nodes can share it.

    The first one adds noise and returns what is left of it; the following ones add none.
    """
    sampler = registry.sampler(sampler_name)
    whole = sigmas_for(registry.schedule(scheduler), sampler, model.parametrization, steps)
    leftover = return_with_leftover_noise == "enable"
    sigmas = sigmas_between(whole, start_at_step, end_at_step, leftover_noise=leftover)
    noise = SeededNoise(noise_seed) if add_noise == "enable" else NoNoise(noise_seed)
    result = walk(loop, progress, model, CfgGuider(positive, negative, cfg), sampler, sigmas, noise, latent_image)
    return with_samples(latent_image, result.samples)
