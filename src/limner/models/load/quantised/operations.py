"""What happens to packed weights in torch's operations: a few work on the packed rows, all others see the numbers."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from limner.graph.errors import NumericsError
from limner.models.load.quantised.tensor import QuantisedTensor

aten = torch.ops.aten

Operation = Callable[..., Any]
"""Like torch's; ``NotImplemented`` where the packed rows do not suffice."""


def dispatch(func: Any, args: Any, kwargs: Any) -> Any:
    """Carries out one of torch's operations in which a packed weight takes part.

    Raises:
        NumericsError: if the weight would be written.
    """
    packed = PACKED.get(func)
    if packed is not None:
        result = packed(*args, **kwargs)
        if result is not NotImplemented:
            return result
    if func._schema.is_mutable and _written(func, args, kwargs):
        raise NumericsError(
            f"{func} would write a packed weight in place: take its numbers (dequantised) and put a changed copy there."
        )
    args, kwargs = tree_map_only(QuantisedTensor, QuantisedTensor.numbers, (args, kwargs))
    return func(*args, **kwargs)


def _written(func: Any, args: Any, kwargs: Any) -> bool:
    """Whether what an operation changes is a packed weight."""
    for place, argument in enumerate(func._schema.arguments):
        value = args[place] if place < len(args) else kwargs.get(argument.name)
        if isinstance(value, QuantisedTensor) and argument.alias_info is not None and argument.alias_info.is_write:
            return True
    return False


def _both(weight: QuantisedTensor, change: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor | None]:
    return change(weight.codes), None if weight.scales is None else change(weight.scales)


def _each(weight: QuantisedTensor, change: Callable[[Tensor], Tensor]) -> QuantisedTensor:
    """The same done to all packed rows; their number may change."""
    codes, scales = _both(weight, change)
    return weight.with_parts(codes, scales, (len(codes), *weight.shape[1:]))


def _same(weight: QuantisedTensor) -> QuantisedTensor:
    return weight.with_parts(weight.codes, weight.scales)


def _clone(weight: QuantisedTensor, **options: Any) -> QuantisedTensor:
    return weight.with_parts(*_both(weight, torch.clone))


def _moved(weight: QuantisedTensor, **options: Any) -> Any:
    """To another device it goes packed; asked for another type it is numbers."""
    device, dtype = options.get("device"), options.get("dtype")
    if dtype not in (None, weight.dtype):
        return weight.numbers(dtype).to(device=device)
    if device is None or torch.device(device) == weight.device:
        return NotImplemented
    waiting = bool(options.get("non_blocking"))
    return _each(weight, lambda part: part.to(device=device, non_blocking=waiting))


def _pinned(weight: QuantisedTensor, device: Any = None) -> QuantisedTensor:
    return _each(weight, lambda part: part.pin_memory())


def _is_pinned(weight: QuantisedTensor, device: Any = None) -> bool:
    return weight.codes.is_pinned()


def _recorded(weight: QuantisedTensor, stream: Any) -> None:
    weight.codes.record_stream(stream)
    if weight.scales is not None:
        weight.scales.record_stream(stream)


def _empty_like(weight: QuantisedTensor, **options: Any) -> Any:
    if options.pop("dtype", None) not in (None, weight.dtype):
        return NotImplemented
    return _each(weight, lambda part: torch.empty_like(part, **options))


def _copied(target: Any, source: Any, waiting: bool = False) -> Any:
    """Rows into rows of the same encoding, as staging buffers need it."""
    both = isinstance(target, QuantisedTensor) and isinstance(source, QuantisedTensor)
    if not both or target.encoding != source.encoding or target.codes.shape != source.codes.shape:
        return NotImplemented
    target.codes.copy_(source.codes, non_blocking=waiting)
    if target.scales is not None and source.scales is not None:
        target.scales.copy_(source.scales, non_blocking=waiting)
    return target


def _view(weight: QuantisedTensor, shape: Any) -> Any:
    """Another shape of the rows; other rows are numbers."""
    wanted = list(shape)
    if -1 in wanted:
        known = -torch.Size(wanted).numel()
        wanted[wanted.index(-1)] = weight.numel() // max(known, 1)
    if not wanted or wanted[0] != len(weight):
        return NotImplemented
    return weight.with_parts(weight.codes, weight.scales, tuple(wanted))


def _slice(weight: QuantisedTensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return _each(weight, lambda part: part[start:end:step]) if _rows(weight, dim) else NotImplemented


def _split(weight: QuantisedTensor, sizes: Any, dim: int = 0) -> Any:
    if not _rows(weight, dim):
        return NotImplemented
    parts = [_both(weight, lambda part, n=n: part.split(sizes)[n]) for n in range(len(weight.codes.split(sizes)))]
    return tuple(weight.with_parts(codes, scales, (len(codes), *weight.shape[1:])) for codes, scales in parts)


def _index(weight: QuantisedTensor, indices: Any) -> Any:
    """Chosen rows; with more than one index they are numbers."""
    plain = isinstance(weight, QuantisedTensor) and len(indices) == 1 and indices[0].dim() == 1
    return _each(weight, lambda part: part[indices[0]]) if plain else NotImplemented


def _index_select(weight: QuantisedTensor, dim: int, index: Tensor) -> Any:
    return _each(weight, lambda part: part[index]) if _rows(weight, dim) else NotImplemented


def _select(weight: QuantisedTensor, dim: int, index: int) -> Any:
    """One row, as numbers; the others are not decoded."""
    return _slice(weight, 0, index, index + 1 or None).numbers()[0] if _rows(weight, dim) else NotImplemented


def _embedding(weight: Any, indices: Tensor, *options: Any, **more: Any) -> Any:
    """Vectors of tokens: only their rows are decoded."""
    if not isinstance(weight, QuantisedTensor):
        return NotImplemented
    rows, places = torch.unique(indices, return_inverse=True)
    return _each(weight, lambda part: part[rows]).numbers()[places]


def _joined(weights: Any, dim: int = 0) -> Any:
    """Rows below rows. Of unlike encodings they are numbers."""
    first = weights[0]
    alike = all(
        isinstance(weight, QuantisedTensor)
        and weight.encoding == weights[0].encoding
        and weight.dtype == weights[0].dtype
        and weight.codes.shape[1:] == weights[0].codes.shape[1:]
        and weight.shape[1:] == weights[0].shape[1:]
        and _shape(weight.scales) == _shape(weights[0].scales)
        for weight in weights
    )
    if not alike or not _rows(first, dim):
        return NotImplemented
    codes = torch.cat([weight.codes for weight in weights])
    scales = None if first.scales is None else torch.cat([weight.scales for weight in weights])
    return first.with_parts(codes, scales, (len(codes), *first.shape[1:]))


def _shape(scales: Tensor | None) -> tuple[int, ...] | None:
    return None if scales is None else tuple(scales.shape[1:])


def _rows(weight: QuantisedTensor, dim: int) -> bool:
    return dim in (0, -weight.dim())


PACKED: Mapping[Any, Operation] = {
    aten.detach.default: _same,
    aten.alias.default: _same,
    aten.clone.default: _clone,
    aten._to_copy.default: _moved,
    aten._pin_memory.default: _pinned,
    aten.is_pinned.default: _is_pinned,
    aten.record_stream.default: _recorded,
    aten.empty_like.default: _empty_like,
    aten.copy_.default: _copied,
    aten.view.default: _view,
    aten._unsafe_view.default: _view,
    aten.slice.Tensor: _slice,
    aten.split.Tensor: _split,
    aten.split_with_sizes.default: _split,
    aten.index.Tensor: _index,
    aten.index_select.default: _index_select,
    aten.select.int: _select,
    aten.embedding.default: _embedding,
    aten.cat.default: _joined,
}
"""What works on packed rows."""
