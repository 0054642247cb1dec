"""Samplers as objects that walk: what node packs subclass, and what stands for a sampler function."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from comfy_host.masking import KSamplerX0Inpaint
from comfy_host.takeover import pack_sampler
from comfy_host.walk_functions import sampler_function
from limner.sampling.noise import initial_noise
from limner.sampling.sampler import Sampler as NativeSampler


class Sampler:
    """A sampler; packs subclass it."""

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: dict[str, Any],
        callback: Any,
        noise: Tensor,
        latent_image: Any = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Walks; a subclass says how."""
        raise NotImplementedError

    def max_denoise(self, model_wrap: Any, sigmas: Tensor) -> bool:
        """Whether a walk along sigmas begins at pure noise."""
        highest, first = float(model_wrap.inner_model.model_sampling.sigma_max), float(sigmas[0])
        return math.isclose(highest, first, rel_tol=1e-05) or first > highest

    def to_native(self) -> NativeSampler:
        """Ours."""
        return pack_sampler(self)


class KSAMPLER(Sampler):
    """A sampler function with its options."""

    def __init__(self, sampler_function: Any, extra_options: Any = None, inpaint_options: Any = None) -> None:
        self.sampler_function = sampler_function
        self.extra_options: dict[str, Any] = {} if extra_options is None else extra_options
        self.inpaint_options: dict[str, Any] = {} if inpaint_options is None else inpaint_options

    @classmethod
    def of(cls, native: NativeSampler) -> KSAMPLER:
        """For one of ours."""
        return cls(sampler_function(native), {}, {"random": True} if native.noise_seed_offset else {})

    def to_native(self) -> NativeSampler:
        """Ours."""
        plain = type(self) is KSAMPLER
        return pack_sampler(self, getattr(self.sampler_function, "native", None) if plain else None)

    def sample(
        self,
        model_wrap: Any,
        sigmas: Tensor,
        extra_args: dict[str, Any],
        callback: Any,
        noise: Tensor,
        latent_image: Any = None,
        denoise_mask: Tensor | None = None,
        disable_pbar: bool = False,
    ) -> Tensor:
        """Walks from a latent under noise."""
        extra_args["denoise_mask"] = denoise_mask
        model = KSamplerX0Inpaint(model_wrap, sigmas)
        model.latent_image, model.noise = latent_image, noise
        if self.inpaint_options.get("random", False) and denoise_mask is not None:
            model.noise = initial_noise(noise, (extra_args.get("seed") or 0) + 1).to(noise)
        levels = model_wrap.inner_model.model_sampling
        x = levels.noise_scaling(sigmas[0], noise, latent_image, self.max_denoise(model_wrap, sigmas))
        total = len(sigmas) - 1

        def told(step: dict[str, Any]) -> None:
            callback(step["i"], step["denoised"], step["x"], total)

        options = {"extra_args": extra_args, "callback": None if callback is None else told, "disable": disable_pbar}
        samples = self.sampler_function(model, x, sigmas, **options, **self.extra_options)
        return levels.inverse_noise_scaling(sigmas[-1], samples)
