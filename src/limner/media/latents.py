"""Latents on disk: safetensors with one tensor, and the workflow as metadata."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from limner.graph.errors import StorageError

TENSOR = "latent_tensor"
VERSION = "latent_format_version_0"
"""An empty tensor of this name says that the values are not scaled; the first files lacked it."""

EARLY_SCALE = 0.18215
"""Files without a version hold values multiplied by this."""


def encode_latent(samples: Tensor, texts: Mapping[str, str] | None = None) -> bytes:
    """A latent as the bytes of a ``.latent`` file. Shapes: samples [b c h w]."""
    tensors = {TENSOR: samples.detach().cpu().contiguous(), VERSION: torch.tensor([])}
    return save(tensors, dict(texts) if texts else None)


def read_latent(path: Path) -> Tensor:
    """The latent in a file, float32 [b c h w].

    Raises:
        StorageError: if there is no such file or it holds no latent.
    """
    try:
        tensors = load(path.read_bytes())
    except FileNotFoundError as error:
        raise StorageError(f"There is no latent {path.name}. Copy it into {path.parent}.") from error
    except (OSError, SafetensorError) as error:
        raise StorageError(
            f"{path.name} cannot be read as a latent: {error}. Save it again with SaveLatent."
        ) from error
    if TENSOR not in tensors:
        raise StorageError(f"{path.name} holds no tensor {TENSOR!r}: it was not written by SaveLatent.")
    samples = tensors[TENSOR].float()
    return samples if VERSION in tensors else samples / EARLY_SCALE
