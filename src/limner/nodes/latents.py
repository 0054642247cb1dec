"""Latents as values: empty ones, batches, files. Sampling and autoencoding have files of their own."""

from typing import Annotated, Any

import torch

from limner.graph.declare import Choice, Number, Service, node
from limner.graph.errors import StorageError
from limner.media.latents import read_latent
from limner.media.resize import resize
from limner.nodes.sockets import LATENT, MASK
from limner.nodes.widgets import LARGEST_SIDE, BatchSize
from limner.storage.folders import Folders

DOWNSCALE = 8
"""Pixels per latent element in the nodes that have no network to ask."""


def with_samples(latent: dict[str, Any], samples: torch.Tensor, **changes: Any) -> dict[str, Any]:
    """A copy of a latent with other samples."""
    return {**latent, "samples": samples, **changes}


@node(name="EmptyLatentImage", title="Empty Latent Image", category="latent")
def empty_latent_image(
    *,
    width: Annotated[int, Number(min=16, max=LARGEST_SIDE, step=8)] = 512,
    height: Annotated[int, Number(min=16, max=LARGEST_SIDE, step=8)] = 512,
    batch_size: BatchSize = 1,
) -> LATENT:
    """Empty latents to paint new pictures in, for Stable Diffusion 1, 2 and XL."""
    return {"samples": torch.zeros(batch_size, 4, height // DOWNSCALE, width // DOWNSCALE)}


@node(name="EmptySD3LatentImage", title="EmptySD3LatentImage", category="latent/sd3")
def empty_sd3_latent_image(
    *,
    width: Annotated[int, Number(min=16, max=LARGEST_SIDE, step=16)] = 1024,
    height: Annotated[int, Number(min=16, max=LARGEST_SIDE, step=16)] = 1024,
    batch_size: BatchSize = 1,
) -> LATENT:
    """Empty latents of 16 channels, for Stable Diffusion 3 and Flux."""
    return {"samples": torch.zeros(batch_size, 16, height // DOWNSCALE, width // DOWNSCALE)}


@node(name="SetLatentNoiseMask", title="Set Latent Noise Mask", category="latent/inpaint")
def set_latent_noise_mask(*, samples: LATENT, mask: MASK) -> LATENT:
    """Latents of which only the masked part will be repainted."""
    return with_samples(samples, samples["samples"], noise_mask=mask.reshape(-1, 1, *mask.shape[-2:]))


@node(name="RepeatLatentBatch", title="Repeat Latent Batch", category="latent/batch")
def repeat_latent_batch(*, samples: LATENT, amount: Annotated[int, Number(min=1, max=64)] = 1) -> LATENT:
    """The whole batch several times over; each copy gets noise of its own."""
    source = samples["samples"]
    changes: dict[str, Any] = {}
    mask = samples.get("noise_mask")
    if mask is not None and mask.shape[0] > 1:
        changes["noise_mask"] = _mask_per_sample(mask, source.shape[0]).repeat(amount, 1, 1, 1)
    numbers = samples.get("batch_index")
    if numbers is not None:
        offset = max(numbers) - min(numbers) + 1
        changes["batch_index"] = [number + copy * offset for copy in range(amount) for number in numbers]
    return with_samples(samples, source.repeat(amount, *[1] * (source.ndim - 1)), **changes)


@node(name="LatentFromBatch", title="Latent From Batch", category="latent/batch")
def latent_from_batch(
    *,
    samples: LATENT,
    batch_index: Annotated[int, Number(min=0, max=63)] = 0,
    length: Annotated[int, Number(min=1, max=64)] = 1,
) -> LATENT:
    """A stretch of a batch. Each latent keeps the noise that it has in the whole batch."""
    source = samples["samples"]
    start = min(source.shape[0] - 1, batch_index)
    end = min(source.shape[0], start + length)
    changes: dict[str, Any] = {"batch_index": _numbers(samples)[start:end]}
    mask = samples.get("noise_mask")
    if mask is not None and mask.shape[0] > 1:
        changes["noise_mask"] = _mask_per_sample(mask, source.shape[0])[start:end].clone()
    return with_samples(samples, source[start:end].clone(), **changes)


@node(name="LatentBatch", title="LatentBatch", category="latent/batch")
def latent_batch(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """The latents of both batches; the second ones get the size of the first."""
    first, second = samples1["samples"], samples2["samples"]
    if first.shape[1:] != second.shape[1:]:
        second = resize(second, first.shape[3], first.shape[2], "bilinear", "center")
    return with_samples(samples1, torch.cat([first, second]), batch_index=_numbers(samples1) + _numbers(samples2))


def _numbers(latent: dict[str, Any]) -> list[int]:
    """Which draw of noise each sample of a batch gets."""
    return list(latent.get("batch_index") or range(latent["samples"].shape[0]))


def _mask_per_sample(mask: torch.Tensor, count: int) -> torch.Tensor:
    """Masks repeated in turn, or cut, to one per sample. Shapes: [m 1 h w]; returns [count 1 h w]."""
    return mask[torch.arange(count) % mask.shape[0]]


def _content(*, latent: str | None, folders: Folders, **_: object) -> str:
    """Changes when the file does."""
    try:
        state = folders.file(latent or "").stat()
    except (OSError, StorageError):
        return "missing"
    return f"{state.st_size} {state.st_mtime_ns}"


@node(name="LoadLatent", title="LoadLatent", category="_for_testing", fingerprint=_content)
def load_latent(
    *, latent: Annotated[str, Choice(source="input latents")], folders: Annotated[Folders, Service()]
) -> LATENT:
    """A latent that SaveLatent wrote, from the input folder."""
    return {"samples": read_latent(folders.file(latent))}
