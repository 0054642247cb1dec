"""Sampling: the host's samplers called, replaced and patched."""

import comfy.model_management
import comfy.model_patcher
import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import nodes
import torch
from comfy.k_diffusion import sampling as k_diffusion_sampling
from comfy_extras.nodes_custom_sampler import Noise_RandomNoise

CATEGORY = "suite/sampling"
SEED = ("INT", {"default": 0, "min": 0, "max": 0xFFFFFFFFFFFFFFFF})
COMMON = {
    "model": ("MODEL",),
    "seed": SEED,
    "steps": ("INT", {"default": 20, "min": 1, "max": 10000}),
    "cfg": ("FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1}),
    "sampler_name": (comfy.samplers.KSampler.SAMPLERS,),
    "scheduler": (comfy.samplers.KSampler.SCHEDULERS,),
    "positive": ("CONDITIONING",),
    "negative": ("CONDITIONING",),
    "latent_image": ("LATENT",),
    "denoise": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}),
}


def patch_node(title, change, **inputs):
    """A node that clones a model and changes the clone."""

    def run(self, model, **given):
        patched = model.clone()
        change(patched, **given)
        return (patched,)

    return type(
        title,
        (),
        {
            "CATEGORY": CATEGORY,
            "FUNCTION": "run",
            "RETURN_TYPES": ("MODEL",),
            "INPUT_TYPES": classmethod(lambda cls: {"required": {"model": ("MODEL",), **inputs}}),
            "run": run,
        },
    )


class SuiteSampler:
    """Calls the core function."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("LATENT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": COMMON}

    def run(self, model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise):
        return nodes.common_ksampler(
            model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise=denoise
        )


class SuiteSampleByHand(SuiteSampler):
    """Noise, preview callback and ``comfy.sample.sample`` by hand."""

    def run(self, model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise):
        samples = comfy.sample.fix_empty_latent_channels(model, latent_image["samples"])
        noise = comfy.sample.prepare_noise(samples, seed, latent_image.get("batch_index"))
        callback = latent_preview.prepare_callback(model, steps)
        disable = not comfy.utils.PROGRESS_BAR_ENABLED
        samples = comfy.sample.sample(
            model, noise, steps, cfg, sampler_name, scheduler, positive, negative, samples, denoise=denoise,
            noise_mask=latent_image.get("noise_mask"), callback=callback, disable_pbar=disable, seed=seed,
        )  # fmt: skip
        return ({**latent_image, "samples": samples},)


class SuiteSampleCustom(SuiteSampler):
    """Own sigmas and a sampler object."""

    def run(self, model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise):
        sigmas = comfy.samplers.calculate_sigmas(model.get_model_object("model_sampling"), scheduler, steps)
        sampler = comfy.samplers.sampler_object(sampler_name)
        noise = Noise_RandomNoise(seed).generate_noise(latent_image)
        samples = comfy.sample.sample_custom(
            model, noise, cfg, sampler, sigmas, positive, negative, latent_image["samples"], seed=seed
        )
        return ({"samples": samples},)


class SuiteSamplerObject(SuiteSampler):
    """The KSampler class."""

    def run(self, model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise):
        device = comfy.model_management.get_torch_device()
        sampler = comfy.samplers.KSampler(model, steps, device, sampler_name, scheduler, denoise, model.model_options)
        noise = comfy.sample.prepare_noise(latent_image["samples"], seed)
        samples = sampler.sample(noise, positive, negative, cfg=cfg, latent_image=latent_image["samples"], seed=seed)
        return ({"samples": samples.cpu()},)


class SuiteGuider(comfy.samplers.CFGGuider):
    """Guidance that falls with the noise."""

    def set_falling(self, start, end):
        self.start, self.end = start, end

    def predict_noise(self, x, timestep, model_options={}, seed=None):
        sampling = self.model_patcher.get_model_object("model_sampling")
        share = float(timestep[0]) / float(sampling.sigma_max)
        self.cfg = self.end + (self.start - self.end) * min(1.0, share)
        return super().predict_noise(x, timestep, model_options, seed)


class SuiteFallingGuider:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("GUIDER",)

    @classmethod
    def INPUT_TYPES(cls):
        numbers = {"start": ("FLOAT", {"default": 8.0}), "end": ("FLOAT", {"default": 2.0})}
        return {
            "required": {"model": ("MODEL",), "positive": ("CONDITIONING",), "negative": ("CONDITIONING",), **numbers}
        }

    def run(self, model, positive, negative, start, end):
        guider = SuiteGuider(model)
        guider.set_conds(positive, negative)
        guider.set_cfg(start)
        guider.set_falling(start, end)
        return (guider,)


@torch.no_grad()
def sample_plain(model, x, sigmas, extra_args=None, callback=None, disable=None, strength=1.0):
    """Euler, written as packs write samplers."""
    extra_args = extra_args or {}
    ones = x.new_ones([x.shape[0]])
    for i in range(len(sigmas) - 1):
        denoised = model(x, sigmas[i] * ones, **extra_args)
        d = k_diffusion_sampling.to_d(x, sigmas[i], denoised)
        if callback is not None:
            callback({"x": x, "i": i, "sigma": sigmas[i], "sigma_hat": sigmas[i], "denoised": denoised})
        x = x + d * (sigmas[i + 1] - sigmas[i]) * strength
    return x


class SuitePlainSampler:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("SAMPLER",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"strength": ("FLOAT", {"default": 1.0, "min": 0.5, "max": 1.5, "step": 0.01})}}

    def run(self, strength):
        return (comfy.samplers.KSAMPLER(sample_plain, extra_options={"strength": strength}),)


class SuiteLinearSigmas:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("SIGMAS",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "steps": ("INT", {"default": 10, "min": 1})}}

    def run(self, model, steps):
        sampling = model.get_model_object("model_sampling")
        sigmas = torch.linspace(float(sampling.sigma_max), float(sampling.sigma_min), steps)
        return (torch.cat([sigmas, sigmas.new_zeros(1)]),)


class SuiteSigmaCount:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"sigmas": ("SIGMAS",)}}

    def run(self, sigmas):
        return (len(sigmas) - 1,)


class SuitePercentSigma:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("FLOAT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "percent": ("FLOAT", {"default": 0.5, "min": 0, "max": 1})}}

    def run(self, model, percent):
        return (float(model.get_model_object("model_sampling").percent_to_sigma(percent)),)


class SuiteNoise:
    """A noise object of the pack's own."""

    def __init__(self, seed, scale):
        self.seed, self.scale = seed, scale

    def generate_noise(self, latent):
        return comfy.sample.prepare_noise(latent["samples"], self.seed) * self.scale


class SuiteScaledNoise:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("NOISE",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"seed": SEED, "scale": ("FLOAT", {"default": 1.0})}}

    def run(self, seed, scale):
        return (SuiteNoise(seed, scale),)


def set_rescale(model, multiplier):
    def rescaled(args):
        cond, uncond, scale = args["cond"], args["uncond"], args["cond_scale"]
        mixed = uncond + scale * (cond - uncond)
        ratio = cond.std(dim=(1, 2, 3), keepdim=True) / mixed.std(dim=(1, 2, 3), keepdim=True)
        return mixed * (multiplier * ratio + 1 - multiplier)

    model.set_model_sampler_cfg_function(rescaled)


def set_clamp(model, limit):
    model.set_model_sampler_post_cfg_function(lambda args: args["denoised"].clamp(-limit, limit))


def set_wrapper(model, gain):
    def wrapper(apply_model, args):
        return apply_model(args["input"], args["timestep"], **args["c"]) * gain

    model.set_model_unet_function_wrapper(wrapper)


def set_option(model, name, number):
    model.model_options["transformer_options"][name] = number


def set_mask(model, threshold):
    model.set_model_denoise_mask_function(lambda sigma, mask, extra_options: (mask > threshold).to(mask))


SuiteRescale = patch_node("SuiteRescale", set_rescale, multiplier=("FLOAT", {"default": 0.7}))
SuiteClamp = patch_node("SuiteClamp", set_clamp, limit=("FLOAT", {"default": 10.0}))
SuiteWrapper = patch_node("SuiteWrapper", set_wrapper, gain=("FLOAT", {"default": 1.0}))
SuiteOption = patch_node(
    "SuiteOption", set_option, name=("STRING", {"default": "suite"}), number=("INT", {"default": 1})
)
SuiteMaskFunction = patch_node("SuiteMaskFunction", set_mask, threshold=("FLOAT", {"default": 0.5}))


class SuiteScaleWeights:
    """Adds a patch to every weight of the denoiser's first convolution."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("MODEL",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "amount": ("FLOAT", {"default": 0.0, "step": 0.01})}}

    def run(self, model, amount):
        patched = model.clone()
        keys = [key for key in patched.model_state_dict() if key.endswith("input_blocks.0.0.weight")]
        weights = patched.get_key_patches()
        patched.add_patches({key: weights[key] for key in keys}, amount, 1.0)
        return (patched,)


class SuiteEmptyLike:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("LATENT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"model": ("MODEL",), "width": ("INT", {"default": 128}), "height": ("INT", {"default": 128})}
        }

    def run(self, model, width, height):
        channels = model.get_model_object("latent_format").latent_channels
        device = comfy.model_management.intermediate_device()
        return ({"samples": torch.zeros([1, channels, height // 8, width // 8], device=device)},)


class SuiteDecode:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("IMAGE", "INT")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"vae": ("VAE",), "samples": ("LATENT",), "tiled": ("BOOLEAN", {"default": False})}}

    def run(self, vae, samples, tiled):
        image = (
            vae.decode_tiled(samples["samples"], tile_x=64, tile_y=64, overlap=16)
            if tiled
            else vae.decode(samples["samples"])
        )
        return (image.reshape(-1, *image.shape[-3:]), vae.downscale_ratio)


class SuiteEncode2:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("LATENT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"vae": ("VAE",), "pixels": ("IMAGE",)}}

    def run(self, vae, pixels):
        return ({"samples": vae.encode(pixels[:, :, :, :3])},)


class SuiteUnsample(SuiteSampler):
    """Walks backwards with flipped sigmas."""

    def run(self, model, seed, steps, cfg, sampler_name, scheduler, positive, negative, latent_image, denoise):
        sampling = model.get_model_object("model_sampling")
        sigmas = comfy.samplers.calculate_sigmas(sampling, scheduler, steps).flip(0)
        sigmas[0] = 0.0001
        noise = torch.zeros_like(latent_image["samples"])
        sampler = comfy.samplers.sampler_object("euler")
        samples = comfy.sample.sample_custom(
            model, noise, cfg, sampler, sigmas, positive, negative, latent_image["samples"], seed=seed
        )
        return ({"samples": samples},)


NODE_CLASS_MAPPINGS = {
    name: value
    for name, value in list(globals().items())
    if isinstance(value, type) and name.startswith("Suite") and hasattr(value, "INPUT_TYPES")
}
