"""Sampling taken apart: noise, guider, sampler, sigmas as values, and the nodes that join them."""

from dataclasses import dataclass

from limner.graph.declare import node
from limner.nodes.latents import with_samples
from limner.nodes.sampling import Loop, NoiseSource, NoNoise, Registry, SeededNoise, Telling, walk
from limner.nodes.sockets import CONDITIONING, GUIDER, LATENT, MODEL, NOISE, SAMPLER, SIGMAS
from limner.nodes.widgets import Guidance, SamplerName, ScheduleName, Seed, Share, StepNumber, Steps
from limner.sampling.denoise import Denoised
from limner.sampling.denoiser import Denoiser
from limner.sampling.guider import Guider
from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.steps import sigmas_for

CUSTOM = "sampling/custom_sampling"


@dataclass(frozen=True)
class GuidedModel:
    """A network under a guider; the value of GUIDER sockets."""

    model: Denoiser
    guider: Guider


@node(name="KSamplerSelect", title="KSamplerSelect", category=f"{CUSTOM}/samplers")
def ksampler_select(*, sampler_name: SamplerName, registry: Registry) -> SAMPLER:
    """A sampler by name."""
    return registry.sampler(sampler_name)


@node(name="BasicScheduler", title="BasicScheduler", category=f"{CUSTOM}/schedulers")
def basic_scheduler(
    *, model: MODEL, scheduler: ScheduleName, steps: Steps = 20, denoise: Share = 1.0, registry: Registry
) -> SIGMAS:
    """The noise levels of a walk. ``denoise`` below 1 keeps the last part of a longer walk."""
    return sigmas_for(registry.schedule(scheduler), None, model.parametrization, steps, denoise)


@node(
    name="SplitSigmas",
    title="SplitSigmas",
    category=f"{CUSTOM}/sigmas",
    outputs=("high_sigmas", "low_sigmas"),
)
def split_sigmas(*, sigmas: SIGMAS, step: StepNumber = 0) -> tuple[SIGMAS, SIGMAS]:
    """Noise levels before and after a step; the level in between belongs to both."""
    return sigmas[: step + 1], sigmas[step:]


@node(name="RandomNoise", title="RandomNoise", category=f"{CUSTOM}/noise")
def random_noise(*, noise_seed: Seed = 0) -> NOISE:
    """Noise that a seed determines."""
    return SeededNoise(noise_seed)


@node(name="DisableNoise", title="DisableNoise", category=f"{CUSTOM}/noise")
def disable_noise() -> NOISE:
    """No noise, for a walk that goes on where another one stopped."""
    return NoNoise()


@node(name="BasicGuider", title="BasicGuider", category=f"{CUSTOM}/guiders")
def basic_guider(*, model: MODEL, conditioning: CONDITIONING) -> GUIDER:
    """A network that follows one text, without guidance."""
    return GuidedModel(model, BasicGuider(conditioning))


@node(name="CFGGuider", title="CFGGuider", category=f"{CUSTOM}/guiders")
def cfg_guider(*, model: MODEL, positive: CONDITIONING, negative: CONDITIONING, cfg: Guidance = 8.0) -> GUIDER:
    """A network that goes towards one text and away from another."""
    return GuidedModel(model, CfgGuider(positive, negative, cfg))


def _both(latent: LATENT, result: Denoised) -> tuple[LATENT, LATENT]:
    return with_samples(latent, result.samples), with_samples(latent, result.x0)


@node(
    name="SamplerCustom",
    title="SamplerCustom",
    category=CUSTOM,
    outputs=("output", "denoised_output"),
)
def sampler_custom(
    *,
    model: MODEL,
    add_noise: bool = True,
    noise_seed: Seed = 0,
    cfg: Guidance = 8.0,
    positive: CONDITIONING,
    negative: CONDITIONING,
    sampler: SAMPLER,
    sigmas: SIGMAS,
    latent_image: LATENT,
    loop: Loop,
    progress: Telling,
) -> tuple[LATENT, LATENT]:
    """Paints with a given sampler and given noise levels. Also gives the last prediction of the finished latent."""
    noise: NoiseSource = SeededNoise(noise_seed) if add_noise else NoNoise(noise_seed)
    guider = CfgGuider(positive, negative, cfg)
    return _both(latent_image, walk(loop, progress, model, guider, sampler, sigmas, noise, latent_image))


@node(
    name="SamplerCustomAdvanced",
    title="SamplerCustomAdvanced",
    category=CUSTOM,
    outputs=("output", "denoised_output"),
)
def sampler_custom_advanced(
    *,
    noise: NOISE,
    guider: GUIDER,
    sampler: SAMPLER,
    sigmas: SIGMAS,
    latent_image: LATENT,
    loop: Loop,
    progress: Telling,
) -> tuple[LATENT, LATENT]:
    """Paints with everything given. Also gives the last prediction of the finished latent."""
    result = walk(loop, progress, guider.model, guider.guider, sampler, sigmas, noise, latent_image)
    return _both(latent_image, result)
