"""Arithmetic on latents, and operations as values."""

from collections.abc import Callable
from typing import Annotated, Any

import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Choice, Number, Socket, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize
from limner.nodes.guidance import PRE, Told, also, is_alone
from limner.nodes.images_filter import gaussian_kernel
from limner.nodes.latents import with_samples
from limner.nodes.sockets import LATENT, MODEL
from limner.nodes.widgets import Share

ADVANCED = "latent/advanced"
OPERATIONS = "latent/advanced/operations"
AXES = {"x": -1, "y": -2, "t": -3}
TINY = 1e-6
SHARPENING = 10.0
BRIGHT = 5.0
"""Standard deviations above the mean that count as the brightest."""

Operation = Callable[..., Tensor]
LATENT_OPERATION = Annotated[Operation, Socket("LATENT_OPERATION")]
Multiplier = Annotated[float, Number(min=-10.0, max=10.0, step=0.01)]


def matched(samples: Tensor, like: Tensor) -> Tensor:
    """Samples with the size and the batch of others: resized with their middle kept, and repeated in turn.

    Raises:
        NumericsError: if they have other channels.
    """
    if samples.shape[1] != like.shape[1]:
        raise NumericsError(
            f"Two latents of one kind are needed, but one has {like.shape[1]} channels and the other "
            f"{samples.shape[1]}: they come from different families."
        )
    if samples.shape[2:] != like.shape[2:]:
        samples = resize(samples, like.shape[-1], like.shape[-2], "bilinear", "center")
    return samples[torch.arange(like.shape[0]) % samples.shape[0]]


@node(name="LatentAdd", title="LatentAdd", category=ADVANCED)
def latent_add(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """The sum of two latents; the second one gets the size of the first."""
    first = samples1["samples"]
    return with_samples(samples1, first + matched(samples2["samples"], first))


@node(name="LatentSubtract", title="LatentSubtract", category=ADVANCED)
def latent_subtract(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """The first latent minus the second one, which gets the size of the first."""
    first = samples1["samples"]
    return with_samples(samples1, first - matched(samples2["samples"], first))


@node(name="LatentMultiply", title="LatentMultiply", category=ADVANCED)
def latent_multiply(*, samples: LATENT, multiplier: Multiplier = 1.0) -> LATENT:
    """A latent times a number."""
    return with_samples(samples, samples["samples"] * multiplier)


@node(name="LatentInterpolate", title="LatentInterpolate", category=ADVANCED)
def latent_interpolate(*, samples1: LATENT, samples2: LATENT, ratio: Share = 1.0) -> LATENT:
    """Between two latents, directions and lengths of the vectors apart from each other; ratio 1 gives the first."""
    first = samples1["samples"]
    second = matched(samples2["samples"], first)
    lengths = [samples.norm(dim=1, keepdim=True) for samples in (first, second)]
    mixed = torch.nan_to_num(first / lengths[0]) * ratio + torch.nan_to_num(second / lengths[1]) * (1.0 - ratio)
    direction = torch.nan_to_num(mixed / mixed.norm(dim=1, keepdim=True))
    return with_samples(samples1, direction * (lengths[0] * ratio + lengths[1] * (1.0 - ratio)))


def _axis(samples: Tensor, name: str) -> int:
    """The axis of a letter.

    Raises:
        NumericsError: if there is no time in the latent.
    """
    if name == "t" and samples.ndim < 5:
        raise NumericsError(f"A latent {list(samples.shape)} of pictures has no time; choose x or y.")
    return AXES[name]


@node(name="LatentConcat", title="LatentConcat", category=ADVANCED)
def latent_concat(
    *, samples1: LATENT, samples2: LATENT, dim: Annotated[str, Choice("x", "-x", "y", "-y", "t", "-t")]
) -> LATENT:
    """Two latents side by side, one above the other, or one after the other; with a minus the second comes first."""
    first, second = samples1["samples"], samples2["samples"]
    axis = _axis(first, dim.lstrip("-"))
    second = second[torch.arange(first.shape[0]) % second.shape[0]]
    others = [list(samples.shape) for samples in (first, second)]
    for shape in others:
        shape[axis] = 0
    if others[0] != others[1]:
        raise NumericsError(
            f"Latents {list(first.shape)} and {list(second.shape)} cannot be joined along {dim}: all other sides "
            "must be equal. Resize or crop one of them."
        )
    parts = [second, first] if dim.startswith("-") else [first, second]
    return with_samples(samples1, torch.cat(parts, dim=axis))


@node(name="LatentCut", title="LatentCut", category=ADVANCED)
def latent_cut(
    *,
    samples: LATENT,
    dim: Annotated[str, Choice("x", "y", "t")],
    index: Annotated[int, Number(min=-16384, max=16384, step=1)] = 0,
    amount: Annotated[int, Number(min=1, max=16384, step=1)] = 1,
) -> LATENT:
    """A stretch of a latent along one axis, in latent elements; a negative index counts from the end."""
    source = samples["samples"]
    axis = _axis(source, dim)
    size = source.shape[axis]
    start = min(index, size - 1) if index >= 0 else max(index + size, 0)
    return with_samples(samples, source.narrow(axis, start, min(amount, size - start)))


@node(name="LatentOperationTonemapReinhard", title="LatentOperationTonemapReinhard", category=OPERATIONS)
def latent_operation_tonemap_reinhard(
    *, multiplier: Annotated[float, Number(min=0.0, max=100.0, step=0.01)] = 1.0
) -> LATENT_OPERATION:
    """An operation that compresses long latent vectors, as tone mapping compresses bright light.

    Source: Reinhard et al. 2002, "Photographic tone reproduction for digital images".
    """

    def tonemapped(latent: Tensor, **_: Any) -> Tensor:
        length = latent.norm(dim=1, keepdim=True) + TINY
        across = tuple(range(1, latent.ndim))
        top = (length.std(across, keepdim=True) * BRIGHT + length.mean(across, keepdim=True)) * multiplier
        relative = length / top.clamp(min=TINY)
        return latent / length * (relative / (relative + 1.0)) * top

    return tonemapped


@node(name="LatentOperationSharpen", title="LatentOperationSharpen", category=OPERATIONS)
def latent_operation_sharpen(
    *,
    sharpen_radius: Annotated[int, Number(min=1, max=31, step=1)] = 9,
    sigma: Annotated[float, Number(min=0.1, max=10.0, step=0.1)] = 1.0,
    alpha: Annotated[float, Number(min=0.0, max=5.0, step=0.01)] = 0.1,
) -> LATENT_OPERATION:
    """An operation that sharpens the directions of latent vectors and leaves their lengths."""
    kernel = -SHARPENING * alpha * gaussian_kernel(2 * sharpen_radius + 1, sigma)
    kernel[sharpen_radius, sharpen_radius] += 1.0 - kernel.sum()

    def sharpened(latent: Tensor, **_: Any) -> Tensor:
        if min(latent.shape[-2:]) <= sharpen_radius:
            raise NumericsError(
                f"A radius of {sharpen_radius} does not fit a latent {list(latent.shape)}: it must be below its sides."
            )
        length = latent.norm(dim=1, keepdim=True) + TINY
        padded = functional.pad(latent / length, (sharpen_radius,) * 4, mode="reflect")
        channels = latent.shape[1]
        weights = kernel.to(latent).expand(channels, 1, -1, -1)
        return functional.conv2d(padded, weights, groups=channels) * length

    return sharpened


@node(name="LatentApplyOperation", title="LatentApplyOperation", category=OPERATIONS)
def latent_apply_operation(*, samples: LATENT, operation: LATENT_OPERATION) -> LATENT:
    """A latent after an operation."""
    return with_samples(samples, operation(latent=samples["samples"]))


@node(name="LatentApplyOperationCFG", title="LatentApplyOperationCFG", category=OPERATIONS)
def latent_apply_operation_cfg(*, model: MODEL, operation: LATENT_OPERATION) -> MODEL:
    """A model whose guidance goes through an operation at every step."""

    def operated(told: Told) -> list[Tensor]:
        positive, negative = told["conds_out"][:2]
        if is_alone(told):
            return [operation(latent=positive), negative]
        return [operation(latent=positive - negative) + negative, negative]

    return also(model, PRE, operated)
