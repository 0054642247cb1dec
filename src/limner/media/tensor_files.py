"""Values of nodes as safetensors files: tensors, and what lists and dictionaries around them say.

Latents, images, masks and conditionings travel so between machines, to the bit. Nothing in such a file is ever run.
"""

from typing import Any

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from limner.graph.errors import NumericsError, StorageError

FACT = "limner"
"""The key of what is around the tensors, in the file's header."""

DEEPEST = 32

TENSOR, LIST, MAP, PLAIN = "tensor", "list", "map", "plain"


def encode_value(value: Any) -> bytes:
    """A value as a file.

    Raises:
        NumericsError: if it holds what is no tensor, list, dictionary, text or number (a network, for instance).
    """
    tensors: dict[str, Tensor] = {}
    shape = _taken_apart(value, tensors, 0)
    return save(tensors, {FACT: msgspec.json.encode(shape).decode()})


def _taken_apart(value: Any, tensors: dict[str, Tensor], depth: int) -> list[Any]:
    if depth > DEEPEST:
        raise NumericsError(f"The value is nested more than {DEEPEST} times, which no file of tensors holds.")
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # Values that share memory, or are views, are two values in a file.
        tensors[name] = value.detach().cpu().contiguous().clone()
        return [TENSOR, name]
    if isinstance(value, list | tuple):
        return [LIST, [_taken_apart(part, tensors, depth + 1) for part in value]]
    if isinstance(value, dict):
        return [MAP, {str(key): _taken_apart(part, tensors, depth + 1) for key, part in value.items()}]
    if value is None or isinstance(value, str | int | float | bool):
        return [PLAIN, value]
    raise NumericsError(
        f"A {type(value).__name__} cannot be written into a file of tensors: only images, masks, latents, "
        "conditionings and plain values can."
    )


def decode_value(content: bytes, name: str) -> Any:
    """The value in a file; ``name`` is for messages.

    Raises:
        StorageError: if it is no such file.
    """
    try:
        tensors = load(content)
        facts = _facts(content)
        return _put_together(msgspec.json.decode(facts[FACT]), tensors)
    except (SafetensorError, msgspec.DecodeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise StorageError(f"{name} is no file of a node's value ({error}). Save it with SaveTensors.") from error


def _facts(content: bytes) -> dict[str, str]:
    """What the header says beside the tensors. Source: the safetensors format, a length and then JSON."""
    length = int.from_bytes(content[:8], "little")
    return msgspec.json.decode(content[8 : 8 + length]).get("__metadata__", {})


def _put_together(shape: list[Any], tensors: dict[str, Tensor]) -> Any:
    kind, part = shape
    match kind:
        case "tensor":
            return tensors[part]
        case "list":
            return [_put_together(inner, tensors) for inner in part]
        case "map":
            return {key: _put_together(inner, tensors) for key, inner in part.items()}
        case "plain":
            return part
        case _:
            raise ValueError(f"unknown part {kind!r}")
