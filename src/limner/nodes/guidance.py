"""Changes of guidance: nodes that give a model functions of its predictions.

A function gets what ``sampling.cfg_options`` tells: ``input`` (x), ``sigma`` [b], ``cond_scale``, ``memory``, ``conds``
and, by its kind, ``conds_out``, ``cond``/``uncond`` or ``denoised`` with ``cond_denoised``/``uncond_denoised``. Each
works on one sample at a time (sums run over all axes but the first): a batch gives what its samples give alone.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Number, node
from limner.nodes.sockets import MODEL
from limner.nodes.widgets import Share

Told = Mapping[str, Any]
Change = Callable[[Told], Any]

TINY = 1e-8
PRE, POST, REPLACEMENT = "sampler_pre_cfg_function", "sampler_post_cfg_function", "sampler_cfg_function"


def also(model: MODEL, option: str, function: Change) -> MODEL:
    """The model with one more function under an option that holds a list."""
    return model.with_options(**{option: [*model.options.get(option, ()), function]})


def replaced(model: MODEL, function: Change) -> MODEL:
    """The model whose guidance is computed by a function; that needs both predictions at every scale."""
    return model.with_options(**{REPLACEMENT: function})


def axes(x: Tensor) -> tuple[int, ...]:
    """All axes but the batch."""
    return tuple(range(1, x.ndim))


def is_alone(told: Told) -> bool:
    """Whether there is no negative prediction to compare with."""
    return None in told["conds"][:2]


@node(name="RescaleCFG", title="RescaleCFG", category="advanced/model")
def rescale_cfg(*, model: MODEL, multiplier: Share = 0.7) -> MODEL:
    """Gives guided predictions the contrast of unguided ones, by a share; against burnt colours at high ``cfg``.

    Source: Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed".
    """

    def rescaled(told: Told) -> Tensor:
        x = told["input"]
        sigma = told["sigma"].reshape(-1, *(1,) * (x.ndim - 1))
        total = sigma**2 + 1.0

        def velocity(residual: Tensor) -> Tensor:
            return (x / total - (x - residual)) * total.sqrt() / sigma

        positive, negative = velocity(told["cond"]), velocity(told["uncond"])
        guided = negative + told["cond_scale"] * (positive - negative)
        across = axes(x)
        factor = positive.std(across, keepdim=True) / guided.std(across, keepdim=True).clamp(min=TINY)
        mixed = guided * (multiplier * factor + (1.0 - multiplier))
        return x - (x / total - mixed * sigma / total.sqrt())

    return replaced(model, rescaled)


@node(name="RenormCFG", title="RenormCFG", category="advanced/model")
def renorm_cfg(
    *,
    model: MODEL,
    cfg_trunc: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 100,
    renorm_cfg: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> MODEL:
    """Keeps guided predictions from growing past ``renorm_cfg`` times the unguided ones; 0 lets them grow.

    Above the noise level ``cfg_trunc`` there is no guidance at all.
    """

    def renormed(told: Told) -> Tensor:
        x, positive, negative = told["input"], told["cond_denoised"], told["uncond_denoised"]
        if float(told["sigma"][0]) >= cfg_trunc:
            return x - positive
        guided = negative + told["cond_scale"] * (positive - negative)
        if renorm_cfg > 0:
            across = axes(x)
            limit = torch.linalg.vector_norm(positive, dim=across, keepdim=True) * renorm_cfg
            length = torch.linalg.vector_norm(guided, dim=across, keepdim=True)
            guided = guided * (limit / length.clamp(min=TINY)).clamp(max=1.0)
        return x - guided

    return replaced(model, renormed)


@node(name="CFGZeroStar", title="CFGZeroStar", category="advanced/guidance", outputs=("patched_model",))
def cfg_zero_star(*, model: MODEL) -> MODEL:
    """Scales the negative prediction to fit the positive one before they are compared; for flow models.

    Source: Fan et al. 2025, "CFG-Zero*".
    """

    def fitted(told: Told) -> Tensor:
        x, positive, negative = told["input"], told["cond_denoised"], told["uncond_denoised"]
        towards, away, across = x - positive, x - negative, axes(x)
        share = (towards * away).sum(across, keepdim=True) / ((away**2).sum(across, keepdim=True) + TINY)
        return told["denoised"] + negative * (share - 1.0) * (1.0 - told["cond_scale"])

    return also(model, POST, fitted)


@node(name="CFGNorm", title="CFGNorm", category="advanced/guidance", outputs=("patched_model",))
def cfg_norm(*, model: MODEL, strength: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 1.0) -> MODEL:
    """Shortens each guided latent vector to the length of the unguided one, times ``strength``."""

    def normed(told: Told) -> Tensor:
        positive, guided = told["cond_denoised"], told["denoised"]
        limit = positive.norm(dim=1, keepdim=True)
        return guided * (limit / (guided.norm(dim=1, keepdim=True) + TINY)).clamp(0.0, 1.0) * strength

    return also(model, POST, normed)


@node(
    name="Mahiro",
    title="Mahiro is so cute that she deserves a better guidance function!! (。・ω・。)",
    category="_for_testing",
    outputs=("patched_model",),
)
def mahiro(*, model: MODEL) -> MODEL:
    """Lets the positive prediction alone speak where guidance would turn away from it."""

    def turned(told: Told) -> Tensor:
        guided, leap = told["denoised"], told["cond_denoised"] * told["cond_scale"]
        backwards, merged = told["uncond_denoised"] * told["cond_scale"], (leap + guided) / 2
        compared = functional.cosine_similarity(_rooted(backwards), _rooted(merged), dim=1)
        weight = 2 * (compared.mean(dim=axes(compared)) + 1).reshape(-1, *(1,) * (guided.ndim - 1))
        return (weight * guided + (4 - weight) * leap) / 4

    return also(model, POST, turned)


def _rooted(values: Tensor) -> Tensor:
    """The square root of each magnitude, with its sign."""
    return values.abs().sqrt() * values.sign()


@node(name="TCFG", title="Tangential Damping CFG", category="advanced/guidance", outputs=("patched_model",))
def tcfg(*, model: MODEL) -> MODEL:
    """Takes out of the negative prediction what does not lie along the direction that both predictions share.

    Source: Kwon et al. 2025, "TCFG: tangential damping classifier-free guidance".
    """

    def damped(told: Told) -> list[Tensor]:
        positive, negative = told["conds_out"][:2]
        if is_alone(told):
            return [positive, negative]
        x = told["input"]
        towards, away = ((x - x0).flatten(1).float() for x0 in (positive, negative))
        shared = torch.linalg.svd(torch.stack([towards, away], dim=1), full_matrices=False).Vh[:, 0]
        along = (away * shared).sum(dim=1, keepdim=True) * shared
        return [positive, x - along.reshape(x.shape).to(x)]

    return also(model, PRE, damped)


@node(name="APG", title="Adaptive Projected Guidance", category="sampling/custom_sampling")
def apg(
    *,
    model: MODEL,
    eta: Annotated[float, Number(min=-10.0, max=10.0, step=0.01)] = 1.0,
    norm_threshold: Annotated[float, Number(min=0.0, max=50.0, step=0.1)] = 5.0,
    momentum: Annotated[float, Number(min=-5.0, max=1.0, step=0.01)] = 0.0,
) -> MODEL:
    """Splits guidance into a part along the prediction, scaled by ``eta``, and one across it; against oversaturation.

    ``norm_threshold`` limits how long guidance gets (0: no limit); a negative ``momentum`` damps what earlier steps
    have already done. ``eta`` 1 without limit and momentum is plain guidance.

    Source: Sadat et al. 2024, "Eliminating oversaturation and artifacts of high guidance scales".
    """

    def projected(told: Told) -> list[Tensor]:
        positive, negative = told["conds_out"][:2]
        scale = told["cond_scale"]
        if is_alone(told) or scale in (0, 1):
            return [positive, negative]
        across = axes(positive)
        guidance = _carried(told["memory"], float(told["sigma"][0]), positive - negative, momentum)
        if norm_threshold > 0:
            length = torch.linalg.vector_norm(guidance, dim=across, keepdim=True)
            guidance = guidance * (norm_threshold / length.clamp(min=TINY)).clamp(max=1.0)
        direction = positive / torch.linalg.vector_norm(positive, dim=across, keepdim=True).clamp(min=TINY)
        along = (guidance * direction).sum(across, keepdim=True) * direction
        change = guidance - along + eta * along
        # What plain guidance then makes of it is positive + (scale - 1) * change.
        return [negative + (positive - negative + (scale - 1) * change) / scale, negative]

    return also(model, PRE, projected)


def _carried(memory: dict[str, Any], sigma: float, guidance: Tensor, momentum: float) -> Tensor:
    """Guidance plus a share of what it was before in this walk."""
    if not momentum:
        return guidance
    earlier_sigma, earlier = memory.get("apg", (sigma, None))
    if earlier is not None and earlier.shape == guidance.shape and sigma <= earlier_sigma:
        guidance = guidance + momentum * earlier
    memory["apg"] = sigma, guidance
    return guidance


@node(name="Epsilon Scaling", title="Epsilon Scaling", category="model_patches/unet")
def epsilon_scaling(
    *,
    model: MODEL,
    scaling_factor: Annotated[float, Number(min=0.5, max=1.5, step=0.001, options={"display": "number"})] = 1.005,
) -> MODEL:
    """Divides the predicted noise by a number a little above 1, against errors that add up over the steps.

    Source: Ning et al. 2024, "Elucidating the exposure bias in diffusion models".
    """

    def scaled(told: Told) -> Tensor:
        x = told["input"]
        return x - (x - told["denoised"]) / scaling_factor

    return also(model, POST, scaled)


@node(name="FreSca", title="FreSca", category="_for_testing")
def fresca(
    *,
    model: MODEL,
    scale_low: Annotated[float, Number(min=0, max=10, step=0.01)] = 1.0,
    scale_high: Annotated[float, Number(min=0, max=10, step=0.01)] = 1.25,
    freq_cutoff: Annotated[int, Number(min=1, max=10000, step=1)] = 20,
) -> MODEL:
    """Scales the coarse and the fine part of guidance apart from each other; the cutoff counts frequencies.

    Source: Huang et al. 2025, "FreSca: scaling in frequency space enhances diffusion models".
    """

    def filtered(told: Told) -> list[Tensor]:
        positive, negative = told["conds_out"][:2]
        if is_alone(told):
            return [positive, negative]
        guidance = _scaled_bands(positive - negative, scale_low, scale_high, freq_cutoff)
        return [negative + guidance, negative]

    return also(model, PRE, filtered)


def _scaled_bands(values: Tensor, low: float, high: float, cutoff: int) -> Tensor:
    """Values whose frequencies below a cutoff are scaled by ``low`` and the others by ``high``. Shapes: [... h w]."""
    spectrum = torch.fft.fftshift(torch.fft.fft2(values.float()), dim=(-2, -1))
    factors = torch.full(spectrum.shape[-2:], high, device=values.device)
    height, width = spectrum.shape[-2:]
    rows = slice(max(0, height // 2 - cutoff), height // 2 + cutoff)
    columns = slice(max(0, width // 2 - cutoff), width // 2 + cutoff)
    factors[rows, columns] = low
    return torch.fft.ifft2(torch.fft.ifftshift(spectrum * factors, dim=(-2, -1))).real.to(values)


def _along_batch(told: Told, scales: Tensor) -> Tensor:
    """Guidance of a strength of its own for each sample. Shapes: scales [b]."""
    positive, negative = told["cond"], told["uncond"]
    return negative + scales.to(positive).reshape(-1, *(1,) * (positive.ndim - 1)) * (positive - negative)


LeastGuidance = Annotated[float, Number(min=0.0, max=100.0, step=0.5, options={"round": 0.01})]


@node(name="VideoLinearCFGGuidance", title="VideoLinearCFGGuidance", category="sampling/video_models")
def video_linear_cfg_guidance(*, model: MODEL, min_cfg: LeastGuidance = 1.0) -> MODEL:
    """Guidance that grows evenly from the first frame of a batch, ``min_cfg``, to the last."""

    def growing(told: Told) -> Tensor:
        return _along_batch(told, torch.linspace(min_cfg, told["cond_scale"], told["cond"].shape[0]))

    return replaced(model, growing)


@node(name="VideoTriangleCFGGuidance", title="VideoTriangleCFGGuidance", category="sampling/video_models")
def video_triangle_cfg_guidance(*, model: MODEL, min_cfg: LeastGuidance = 1.0) -> MODEL:
    """Guidance that grows to the middle frame of a batch and falls back to ``min_cfg`` at both ends."""

    def peaking(told: Told) -> Tensor:
        share = 1 - (2 * torch.linspace(0, 1, told["cond"].shape[0]) - 1).abs()
        return _along_batch(told, min_cfg + share * (told["cond_scale"] - min_cfg))

    return replaced(model, peaking)
