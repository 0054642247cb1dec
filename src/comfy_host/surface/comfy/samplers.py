"""Samplers, schedulers, guiders and guidance, as node packs call and extend them.

Functions of this module call each other through the module, so that a pack which replaces one is heard. Sampling runs
in the step's own thread; evaluations of the network go to the device's denoising loop.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from comfy import sampler_helpers
from comfy.k_diffusion import sampling as k_diffusion_sampling
from comfy_host.cond_steps import (
    calculate_start_end_timesteps,
    can_concat_cond,
    cond_cat,
    create_cond_with_same_area_if_none,
    encode_model_conds,
    get_area_and_mult,
    pre_run_control,
    resolve_areas_and_cond_masks,
    resolve_areas_and_cond_masks_multidim,
)
from comfy_host.conditions import readied
from comfy_host.evaluation import evaluate
from comfy_host.extension import (
    WrapperExecutor,
    WrappersMP,
    copy_nested_dicts,
    get_all_wrappers,
    merge_nested_dicts,
)
from comfy_host.masking import KSamplerX0Inpaint
from comfy_host.missing import absent
from comfy_host.native_corrections import corrected
from comfy_host.native_options import MEMORY
from comfy_host.sampler_objects import KSAMPLER, Sampler
from comfy_host.scheduling import (
    SchedulerHandler,
    beta_scheduler,
    ddim_scheduler,
    kl_optimal_scheduler,
    linear_quadratic_schedule,
    normal_scheduler,
    scheduler_handlers,
    simple_scheduler,
)
from comfy_host.takeover import guided, plain_guider
from limner.graph.errors import UnknownNameError
from limner.sampling.steps import sigmas_between


def calc_cond_batch(model, conds, x_in, timestep, model_options):
    """The clean latents that the network predicts under each conditioning; zeros where one is None."""
    executor = WrapperExecutor.new_executor(
        _calc_cond_batch, get_all_wrappers(WrappersMP.CALC_COND_BATCH, model_options, is_model_options=True)
    )
    return executor.execute(model, conds, x_in, timestep, model_options)


def _calc_cond_batch(model, conds, x_in, timestep, model_options):
    patcher = getattr(model, "current_patcher", None)
    if patcher is not None:
        patcher.prepare_state(timestep)
    return evaluate(model, conds, x_in, timestep, model_options)


def calc_cond_uncond_batch(model, cond, uncond, x_in, timestep, model_options):
    """The same for two."""
    return tuple(calc_cond_batch(model, [cond, uncond], x_in, timestep, model_options))


def cfg_function(model, cond_pred, uncond_pred, cond_scale, x, timestep, model_options={}, cond=None, uncond=None):
    """Guidance, or what was put in its place, and what changes it afterwards."""
    told = {
        "cond_scale": cond_scale,
        "cond_denoised": cond_pred,
        "uncond_denoised": uncond_pred,
        "timestep": timestep,
        "sigma": timestep,
        "input": x,
        "model": model,
        "model_options": model_options,
        "memory": model_options.get(MEMORY, {}),
        "conds": [cond, uncond],
    }
    replacement = model_options.get("sampler_cfg_function")
    if replacement is None:
        result = uncond_pred + (cond_pred - uncond_pred) * cond_scale
    else:
        result = x - replacement({**told, "cond": x - cond_pred, "uncond": x - uncond_pred})
    for function in model_options.get("sampler_post_cfg_function", ()):
        result = function({**told, "denoised": result, "cond": cond, "uncond": uncond})
    return result


def sampling_function(model, x, timestep, uncond, cond, cond_scale, model_options={}, seed=None):
    """A guided prediction of the clean latent."""
    alone = math.isclose(cond_scale, 1.0) and not model_options.get("disable_cfg1_optimization", False)
    conds = [cond, None if alone else uncond]
    replacement = model_options.get("sampler_calc_cond_batch_function")
    told = {"conds": conds, "input": x, "sigma": timestep, "model": model, "model_options": model_options}
    if replacement is None:
        predictions = calc_cond_batch(model, conds, x, timestep, model_options)
    else:
        predictions = replacement(told)
    for function in model_options.get("sampler_pre_cfg_function", ()):
        more = {"conds_out": predictions, "cond_scale": cond_scale, "timestep": timestep}
        more["memory"] = model_options.get(MEMORY, {})
        predictions = function({**told, **more})
    guided_x0 = cfg_function(
        model,
        predictions[0],
        predictions[1],
        cond_scale,
        x,
        timestep,
        model_options=model_options,
        cond=conds[0],
        uncond=conds[1],
    )
    return corrected(model, conds, predictions, guided_x0, x, timestep, model_options)


def process_conds(model, noise, conds, device, latent_image=None, denoise_mask=None, seed=None, latent_shapes=None):
    """Conditionings by name, ready for evaluations: dicts that say on which side they stand."""
    shown = {"device": device, "noise": noise, "latent_image": latent_image, "denoise_mask": denoise_mask}
    return {side: readied(entries, side, model, shown) for side, entries in conds.items()}


def ksampler(sampler_name, extra_options={}, inpaint_options={}):
    """A sampler by name, with options."""
    if not hasattr(k_diffusion_sampling, f"sample_{sampler_name}"):
        raise UnknownNameError("sampler", sampler_name, SAMPLER_NAMES)
    return KSAMPLER(getattr(k_diffusion_sampling, f"sample_{sampler_name}"), extra_options, inpaint_options)


def sampler_object(name):
    """A sampler by name."""
    native = k_diffusion_sampling.REGISTRY.samplers.get(name)
    return ksampler(name, inpaint_options={"random": True} if native and native.noise_seed_offset else {})


class CFGGuider:
    """Guides a model by conditionings; packs subclass it.

    Attributes:
        inner_model: The model while a walk lasts.
        conds: Conditionings by name while a walk lasts.
    """

    inner_model: Any

    def __init__(self, model_patcher):
        self.model_patcher = model_patcher
        self.model_options = model_patcher.model_options
        self.original_conds = {}
        self.conds = {}
        self.cfg = 1.0

    def set_conds(self, positive, negative):
        """Takes what to go towards, and what to go away from."""
        self.inner_set_conds({"positive": positive, "negative": negative})

    def set_cfg(self, cfg):
        """Takes how far to go."""
        self.cfg = cfg

    def inner_set_conds(self, conds):
        """Takes conditionings by name."""
        for name, conditioning in conds.items():
            self.original_conds[name] = sampler_helpers.convert_cond(conditioning)

    def __call__(self, *args, **kwargs):
        """As sampler functions call their model."""
        return self.outer_predict_noise(*args, **kwargs)

    def outer_predict_noise(self, x, timestep, model_options={}, seed=None):
        """``predict_noise`` inside its wrappers."""
        wrappers = get_all_wrappers(WrappersMP.PREDICT_NOISE, self.model_options, is_model_options=True)
        executor = WrapperExecutor.new_class_executor(self.predict_noise, self, wrappers)
        return executor.execute(x, timestep, model_options, seed)

    def predict_noise(self, x, timestep, model_options={}, seed=None):
        """The guided prediction of the clean latent."""
        negative, positive = self.conds.get("negative"), self.conds.get("positive")
        return sampling_function(
            self.inner_model, x, timestep, negative, positive, self.cfg, model_options=model_options, seed=seed
        )

    def inner_sample(self, noise, latent_image, device, sampler, sigmas, denoise_mask, callback, disable_pbar, seed):
        """Walks, with the model ready."""
        if latent_image is not None and torch.count_nonzero(latent_image) > 0:
            latent_image = self.inner_model.process_latent_in(latent_image)
        self.conds = process_conds(self.inner_model, noise, self.conds, device, latent_image, denoise_mask, seed)
        options = copy_nested_dicts(self.model_options)
        options.setdefault("transformer_options", {})["sample_sigmas"] = sigmas
        options[MEMORY] = {}
        wrappers = get_all_wrappers(WrappersMP.SAMPLER_SAMPLE, options, is_model_options=True)
        executor = WrapperExecutor.new_class_executor(sampler.sample, sampler, wrappers)
        extra_args = {"model_options": options, "seed": seed}
        samples = executor.execute(self, sigmas, extra_args, callback, noise, latent_image, denoise_mask, disable_pbar)
        return self.inner_model.process_latent_out(samples.to(torch.float32))

    def outer_sample(
        self, noise, latent_image, sampler, sigmas, denoise_mask=None, callback=None, disable_pbar=False, seed=None
    ):
        """Walks, and makes the model ready for it."""
        self.inner_model, self.conds, self.loaded_models = sampler_helpers.prepare_sampling(
            self.model_patcher, noise.shape, self.conds, self.model_options
        )
        device = self.model_patcher.load_device
        if denoise_mask is not None:
            denoise_mask = sampler_helpers.prepare_mask(denoise_mask, noise.shape, device)
        placed = [noise.to(device, torch.float32), latent_image.to(device, torch.float32), device, sampler]
        try:
            self.model_patcher.pre_run()
            with self.inner_model.denoiser().lease():
                return self.inner_sample(*placed, sigmas.to(device), denoise_mask, callback, disable_pbar, seed)
        finally:
            self.model_patcher.cleanup()
            sampler_helpers.cleanup_models(self.conds, self.loaded_models)
            del self.inner_model, self.loaded_models

    def sample(
        self, noise, latent_image, sampler, sigmas, denoise_mask=None, callback=None, disable_pbar=False, seed=None
    ):
        """Walks from a latent under noise down the sigmas."""
        if len(sigmas) == 0:
            return latent_image
        self.conds = {name: None if cond is None else list(cond) for name, cond in self.original_conds.items()}
        given = self.model_options
        added = {"wrappers": self.model_patcher.wrappers, "callbacks": self.model_patcher.callbacks}
        self.model_options = merge_nested_dicts(given, {"transformer_options": added})
        wrappers = get_all_wrappers(WrappersMP.OUTER_SAMPLE, self.model_options, is_model_options=True)
        try:
            executor = WrapperExecutor.new_class_executor(self.outer_sample, self, wrappers)
            return executor.execute(
                noise, latent_image, sampler, sigmas, denoise_mask, callback, disable_pbar, seed
            ).cpu()
        finally:
            self.model_options = given
            self.conds = {}

    def to_native(self):
        """Ours."""
        return guided(self, plain_guider(self))


def sample(
    model,
    noise,
    positive,
    negative,
    cfg,
    device,
    sampler,
    sigmas,
    model_options={},
    latent_image=None,
    denoise_mask=None,
    callback=None,
    disable_pbar=False,
    seed=None,
):
    """Walks under guidance."""
    guider = CFGGuider(model)
    guider.model_options = model_options or guider.model_options
    guider.set_conds(positive, negative)
    guider.set_cfg(cfg)
    return guider.sample(noise, latent_image, sampler, sigmas, denoise_mask, callback, disable_pbar, seed)


SCHEDULER_HANDLERS = scheduler_handlers(k_diffusion_sampling.REGISTRY)
SCHEDULER_NAMES = list(SCHEDULER_HANDLERS)
SAMPLER_NAMES = list(k_diffusion_sampling.REGISTRY.samplers)
KSAMPLER_NAMES = [name for name in SAMPLER_NAMES if name not in ("ddim", "uni_pc", "uni_pc_bh2")]
DISCARDING = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})


def calculate_sigmas(model_sampling, scheduler_name, steps):
    """The noise levels of a scheduler."""
    handler = SCHEDULER_HANDLERS.get(scheduler_name)
    if handler is None:
        raise UnknownNameError("schedule", scheduler_name, SCHEDULER_HANDLERS)
    if handler.use_ms:
        return handler.handler(model_sampling, steps)
    ends = {"sigma_min": float(model_sampling.sigma_min), "sigma_max": float(model_sampling.sigma_max)}
    return handler.handler(n=steps, **ends)


class KSampler:
    """A walk by names: sampler, scheduler, steps, share."""

    SCHEDULERS = SCHEDULER_NAMES
    SAMPLERS = SAMPLER_NAMES
    DISCARD_PENULTIMATE_SIGMA_SAMPLERS = DISCARDING

    def __init__(self, model, steps, device, sampler=None, scheduler=None, denoise=None, model_options={}):
        self.model, self.device, self.model_options = model, device, model_options
        self.scheduler = scheduler if scheduler in self.SCHEDULERS else self.SCHEDULERS[0]
        self.sampler = sampler if sampler in self.SAMPLERS else self.SAMPLERS[0]
        self.set_steps(steps, denoise)
        self.denoise = denoise

    def calculate_sigmas(self, steps):
        """The noise levels of so many steps."""
        discard = self.sampler in self.DISCARD_PENULTIMATE_SIGMA_SAMPLERS
        levels = self.model.get_model_object("model_sampling")
        sigmas = calculate_sigmas(levels, self.scheduler, steps + 1 if discard else steps)
        return torch.cat([sigmas[:-2], sigmas[-1:]]) if discard else sigmas

    def set_steps(self, steps, denoise=None):
        """Takes the number of steps, of which a share below 1 keeps the last ones of a longer walk."""
        self.steps = steps
        if denoise is None or denoise > 0.9999:
            self.sigmas = self.calculate_sigmas(steps).to(self.device)
        elif denoise <= 0.0:
            self.sigmas = torch.FloatTensor([])
        else:
            self.sigmas = self.calculate_sigmas(int(steps / denoise)).to(self.device)[-(steps + 1) :]

    def sample(
        self,
        noise,
        positive,
        negative,
        cfg,
        latent_image=None,
        start_step=None,
        last_step=None,
        force_full_denoise=False,
        denoise_mask=None,
        sigmas=None,
        callback=None,
        disable_pbar=False,
        seed=None,
    ):
        """Walks, or a part of it between two steps."""
        whole = self.sigmas if sigmas is None else sigmas
        levels = sigmas_between(whole, start_step, last_step, leftover_noise=not force_full_denoise)
        if len(levels) == 0:
            return torch.zeros_like(noise) if latent_image is None else latent_image
        return sample(
            self.model,
            noise,
            positive,
            negative,
            cfg,
            self.device,
            sampler_object(self.sampler),
            levels,
            self.model_options,
            latent_image=latent_image,
            denoise_mask=denoise_mask,
            callback=callback,
            disable_pbar=disable_pbar,
            seed=seed,
        )


__getattr__ = absent(__name__)
