"""The part of a latent that a walk must not change, in sampling that node packs drive."""

from __future__ import annotations

from typing import Any

from torch import Tensor


class KSamplerX0Inpaint:
    """The model that sampler functions get: puts the kept part of a latent back before and after each evaluation."""

    def __init__(self, model: Any, sigmas: Tensor) -> None:
        self.inner_model = model
        self.sigmas = sigmas
        self.latent_image: Any = None
        self.noise: Any = None

    def __call__(
        self,
        x: Tensor,
        sigma: Tensor,
        denoise_mask: Tensor | None = None,
        model_options: Any = None,
        seed: int | None = None,
    ) -> Tensor:
        """The clean latent. Shapes: x [b c h w], sigma [b]."""
        model_options = model_options or {}
        if denoise_mask is None:
            return self.inner_model(x, sigma, model_options=model_options, seed=seed)
        soften = model_options.get("denoise_mask_function")
        free: Tensor = denoise_mask
        if soften is not None:
            free = soften(sigma, free, extra_options={"model": self.inner_model, "sigmas": self.sigmas})
        kept = 1.0 - free
        hidden = self.inner_model.inner_model.scale_latent_inpaint(
            x=x, sigma=sigma, noise=self.noise, latent_image=self.latent_image
        )
        x0 = self.inner_model(x * free + hidden * kept, sigma, model_options=model_options, seed=seed)
        return x0 * free + self.latent_image * kept
