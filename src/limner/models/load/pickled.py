"""Reads ``.ckpt``, ``.pt``, ``.pth`` and ``.bin`` files without running what they contain."""

import pickle
import struct
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from limner.graph.errors import ModelFileError

WRAPPERS = ("state_dict", "model_state_dict", "params_ema", "model_ema", "ema", "params", "model", "module", "weights")
"""Under which names trainers keep the weights, the first of which counts: averaged ones before those of the last step,
but what the authors called the state dictionary before all."""

PREFIXES = ("module.", "_orig_mod.")
"""What data parallel training and compiling put before all names."""

_ADVICE = "Use a safetensors version of it, or convert it on a machine where you trust it."

DEEPEST, MOST = 8, 500
"""Wrappers in wrappers, and mappings in all: a file made to do harm can hold mappings that hold themselves."""

_DAMAGED = (
    RuntimeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    TypeError,
    AssertionError,
    ImportError,
    EOFError,
    OSError,
    MemoryError,
    struct.error,
)
"""What torch raises on damaged files; its message for the last ones is of no use to people."""


def read_pickled(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a pickled file, by dotted names; memory-mapped where the format allows it.

    Only tensors, plain containers and torch's own container of parameters, which the first embeddings were saved in,
    are unpickled (``weights_only``); a file that holds other objects is refused, because unpickling those runs code.

    Raises:
        ModelFileError: if it is no such file, or holds anything else.
    """
    content = _load(path)
    tensors = dict(_tensors("", _unwrapped(content, DEEPEST), set()))
    if not tensors:
        raise ModelFileError(f"{path.name} holds no tensors. {_ADVICE}")
    return _bare(tensors)


def read_content(path: Path) -> Any:
    """What a pickled file holds, as it is: for files whose numbers, texts and names that are no texts count.

    Raises:
        ModelFileError: if it is no such file, or holds more than tensors and plain containers.
    """
    return _load(path)


def _load(path: Path) -> Any:
    try:
        return _unpickled(path)
    except pickle.UnpicklingError as error:
        raise ModelFileError(
            f"{path.name} is no plain weights file: it is damaged, or holds objects whose loading would run code. "
            f"{_ADVICE}"
        ) from error
    except _DAMAGED as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelFileError(f"{path.name} cannot be read as a PyTorch file ({reason}). {_ADVICE}") from error


def _unpickled(path: Path) -> Any:
    with warnings.catch_warnings(), torch.serialization.safe_globals([torch.nn.ParameterDict]):
        warnings.simplefilter("ignore")  # about old storage classes, which is torch's business
        if path.suffix == ".safetensors":  # torch would believe the suffix
            with path.open("rb") as file:
                return torch.load(file, map_location="cpu", weights_only=True)
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except (RuntimeError, ValueError) as error:
            if "mmap" not in str(error):  # files of before 2020 cannot be mapped
                raise
            return torch.load(path, map_location="cpu", weights_only=True)


def _unwrapped(content: Any, levels: int) -> Any:
    """The weights without what trainers keep beside them: optimizers, averages of the same weights."""
    if not isinstance(content, Mapping) or not levels:
        return content
    wrapped = [key for key in WRAPPERS if isinstance(content.get(key), Mapping) and _holds(content[key])]
    if not wrapped:
        return content
    inner = _unwrapped(content[wrapped[0]], levels - 1)
    return {**{key: value for key, value in content.items() if key not in WRAPPERS}, **inner}


def _holds(value: Any) -> bool:
    """Whether there are tensors somewhere inside."""
    return next(_tensors("", value, set()), None) is not None


def _tensors(prefix: str, value: Any, seen: set[int]) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors of nested mappings, each of which is looked at once. ``state_dict`` wrappers vanish from the names."""
    value = vars(value).get("_parameters") if isinstance(value, torch.nn.ParameterDict) else value
    if isinstance(value, torch.Tensor):
        if value.layout is torch.strided and not value.is_meta:
            yield prefix, value.detach()
    elif isinstance(value, Mapping) and id(value) not in seen and len(seen) < MOST:
        seen.add(id(value))
        for key, inner in value.items():
            if isinstance(key, str) and not (prefix == "" and key.startswith("optimizer")):
                name = f"{prefix}.{key}" if prefix else key
                yield from _tensors("" if name == "state_dict" else name, inner, seen)


def _bare(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Names without what stands before all of them for no reason of the network's."""
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors
