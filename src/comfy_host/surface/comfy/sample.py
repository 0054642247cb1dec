"""Walks by names, with noise and latents made ready."""

from __future__ import annotations

import torch

import comfy.model_management
import comfy.sampler_helpers
import comfy.samplers
from comfy_host.missing import absent
from limner.sampling.noise import initial_noise


def prepare_noise(latent_image, seed, noise_inds=None):
    """Unit Gaussian noise like a latent, drawn on the CPU; ``noise_inds`` says which draw each sample gets."""
    indices = None if noise_inds is None else [int(index) for index in noise_inds]
    return initial_noise(latent_image, seed, indices)


def fix_empty_latent_channels(model, latent_image):
    """An empty latent with the model's channels; one with content stays as it is."""
    layout = model.get_model_object("latent_format")
    channels = layout.latent_channels
    if latent_image.shape[1] != channels and torch.count_nonzero(latent_image) == 0:
        times = -(-channels // latent_image.shape[1])
        latent_image = latent_image.repeat(1, times, *(1,) * (latent_image.ndim - 2))[:, :channels]
    if layout.latent_dimensions == 3 and latent_image.ndim == 4:
        latent_image = latent_image.unsqueeze(2)
    return latent_image


def prepare_mask(noise_mask, shape, device):
    """A mask like a latent of a shape."""
    return comfy.sampler_helpers.prepare_mask(noise_mask, shape, device)


def prepare_sampling(model, noise_shape, positive, negative, noise_mask):
    """What older packs call before a walk: everything as it came."""
    return model, positive, negative, noise_mask, []


def cleanup_additional_models(models):
    """What older packs call after a walk."""
    comfy.sampler_helpers.cleanup_additional_models(models)


def sample(
    model,
    noise,
    steps,
    cfg,
    sampler_name,
    scheduler,
    positive,
    negative,
    latent_image,
    denoise=1.0,
    disable_noise=False,
    start_step=None,
    last_step=None,
    force_full_denoise=False,
    noise_mask=None,
    sigmas=None,
    callback=None,
    disable_pbar=False,
    seed=None,
):
    """Walks from a stored latent to a stored latent."""
    walk = comfy.samplers.KSampler(
        model,
        steps=steps,
        device=model.load_device,
        sampler=sampler_name,
        scheduler=scheduler,
        denoise=denoise,
        model_options=model.model_options,
    )
    samples = walk.sample(
        noise,
        positive,
        negative,
        cfg=cfg,
        latent_image=latent_image,
        start_step=start_step,
        last_step=last_step,
        force_full_denoise=force_full_denoise,
        denoise_mask=noise_mask,
        sigmas=sigmas,
        callback=callback,
        disable_pbar=disable_pbar,
        seed=seed,
    )
    return samples.to(comfy.model_management.intermediate_device())


def sample_custom(
    model,
    noise,
    cfg,
    sampler,
    sigmas,
    positive,
    negative,
    latent_image,
    noise_mask=None,
    callback=None,
    disable_pbar=False,
    seed=None,
):
    """Walks with a given sampler and given sigmas."""
    samples = comfy.samplers.sample(
        model,
        noise,
        positive,
        negative,
        cfg,
        model.load_device,
        sampler,
        sigmas,
        model_options=model.model_options,
        latent_image=latent_image,
        denoise_mask=noise_mask,
        callback=callback,
        disable_pbar=disable_pbar,
        seed=seed,
    )
    return samples.to(comfy.model_management.intermediate_device())


__getattr__ = absent(__name__)
