"""Reads ``.ckpt``, ``.pt``, ``.pth`` and ``.bin`` files without running what they contain."""

import pickle
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from limner.graph.errors import ModelFileError

_ADVICE = "Use a safetensors version of it, or convert it on a machine where you trust it."


def read_pickled(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a pickled file, by dotted names; memory-mapped where the format allows it.

    Only tensors and plain containers are unpickled (``weights_only``); a file that holds other objects is refused,
    because unpickling those runs code.

    Raises:
        ModelFileError: if it is no such file, or holds anything else.
    """
    content = _load(path)
    tensors = dict(_tensors("", content))
    if not tensors:
        raise ModelFileError(f"{path.name} holds no tensors. {_ADVICE}")
    return tensors


def _load(path: Path) -> Any:
    try:
        return _unpickled(path)
    except pickle.UnpicklingError as error:
        raise ModelFileError(
            f"{path.name} is no plain weights file: it is damaged, or holds objects whose loading would run code. "
            f"{_ADVICE}"
        ) from error
    except (RuntimeError, ValueError, EOFError, KeyError, AttributeError, TypeError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelFileError(f"{path.name} cannot be read as a PyTorch file ({reason}). {_ADVICE}") from error


def _unpickled(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about old storage classes, which is torch's business
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except (RuntimeError, ValueError) as error:
            if "mmap" not in str(error):  # files of before 2020 cannot be mapped
                raise
            return torch.load(path, map_location="cpu", weights_only=True)


def _tensors(prefix: str, value: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors of nested mappings. ``state_dict`` wrappers vanish from the names."""
    if isinstance(value, torch.Tensor):
        yield prefix, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str) and not (prefix == "" and key.startswith("optimizer")):
                name = f"{prefix}.{key}" if prefix else key
                yield from _tensors("" if name == "state_dict" else name, inner)
