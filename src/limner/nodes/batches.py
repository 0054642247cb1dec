"""Lists of batches at other batch sizes, and which noise the samples of a batch get."""

from collections.abc import Iterator
from typing import Annotated, Any

import torch
from torch import Tensor

from limner.graph.declare import Choice, node
from limner.graph.errors import NumericsError
from limner.media.resize import resize_masks
from limner.nodes.latents import DOWNSCALE, with_samples
from limner.nodes.sockets import IMAGE, LATENT
from limner.nodes.widgets import BatchSize


@node(name="LatentBatchSeedBehavior", title="LatentBatchSeedBehavior", category="latent/advanced")
def latent_batch_seed_behavior(
    *, samples: LATENT, seed_behavior: Annotated[str, Choice("random", "fixed")] = "fixed"
) -> LATENT:
    """Whether the samples of a batch get noise of their own (random) or all the same (fixed)."""
    changed = {key: value for key, value in samples.items() if key != "batch_index"}
    if seed_behavior == "fixed":
        first = (samples.get("batch_index") or [0])[0]
        changed["batch_index"] = [first] * samples["samples"].shape[0]
    return changed


def _size(batch_size: Any) -> int:
    """The batch size of a node that takes lists: one number for all of them."""
    return int(batch_size[0] if isinstance(batch_size, list) else batch_size)


def regrouped(batches: list[Tensor], size: int) -> Iterator[Tensor]:
    """Samples in batches of at most a size; neighbours of one shape join, others begin a new batch."""
    waiting: list[Tensor] = []
    for batch in batches:
        for sample in batch.split(1):
            if waiting and (len(waiting) == size or waiting[0].shape != sample.shape):
                yield torch.cat(waiting)
                waiting = []
            waiting.append(sample)
    if waiting:
        yield torch.cat(waiting)


@node(name="RebatchImages", title="Rebatch Images", category="image/batch", list_outputs=(True,), takes_lists=True)
def rebatch_images(*, images: IMAGE, batch_size: BatchSize = 1) -> IMAGE:
    """Images in batches of another size, one after the other. Images of different sizes stay apart."""
    return list(regrouped(_several(images), _size(batch_size)))  # type: ignore[return-value]


@node(name="RebatchLatents", title="Rebatch Latents", category="latent/batch", list_outputs=(True,), takes_lists=True)
def rebatch_latents(*, latents: LATENT, batch_size: BatchSize = 1) -> LATENT:
    """Latents in batches of another size, one after the other. Masks and the numbers of their noise go along."""
    size = _size(batch_size)
    waiting: list[dict[str, Any]] = []
    batches: list[dict[str, Any]] = []
    for single in _singles(_several(latents)):
        if waiting and (len(waiting) == size or waiting[0]["samples"].shape != single["samples"].shape):
            batches.append(_joined(waiting))
            waiting = []
        waiting.append(single)
    if waiting:
        batches.append(_joined(waiting))
    return batches  # type: ignore[return-value]


def _several(values: Any) -> list[Any]:
    """A list of values.

    Raises:
        NumericsError: if there is none.
    """
    found = values if isinstance(values, list) else [values]
    if not found:
        raise NumericsError("There is nothing to divide into batches: the list is empty.")
    return found


def _singles(latents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Latents of one sample each, numbered on through all batches."""
    following = 0
    for latent in latents:
        samples = latent["samples"]
        numbers = latent.get("batch_index") or range(following, following + samples.shape[0])
        mask = latent.get("noise_mask")
        for row, number in enumerate(numbers):
            single = {**latent, "samples": samples[row : row + 1], "batch_index": [number]}
            if mask is not None:
                place = row % mask.shape[0]
                single["noise_mask"] = mask.reshape(-1, 1, *mask.shape[-2:])[place : place + 1]
            yield single
        following = max(numbers) + 1


def _joined(singles: list[dict[str, Any]]) -> dict[str, Any]:
    """Latents of one shape as one batch; those without a mask may be painted everywhere."""
    samples = torch.cat([single["samples"] for single in singles])
    numbers = [number for single in singles for number in single["batch_index"]]
    result = with_samples(singles[0], samples, batch_index=numbers)
    masks = [single.get("noise_mask") for single in singles]
    if any(mask is not None for mask in masks):
        height, width = (side * DOWNSCALE for side in samples.shape[-2:])
        everywhere = torch.ones(1, height, width)
        fitted = [everywhere if mask is None else resize_masks(mask[:, 0], width, height) for mask in masks]
        result["noise_mask"] = torch.cat(fitted)[:, None]
    return result
