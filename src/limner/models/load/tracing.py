"""Key maps that were written for tensors, followed on tensors without memory.

diffusers knows how the original layouts of many networks map onto its own, as functions that rename, split and join
whole state dictionaries. Here such a function runs once on tensors of the meta device that remember how they were made;
what it returns says for every tensor of the network which tensors of the file it is made of, and how. So loading stays
lazy: one weight at a time, straight from the mapped file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout

Convert = Callable[[dict[str, Tensor]], Mapping[str, Tensor]]
"""A state dictionary in the original layout to one in the network's; may empty what it is given."""


@dataclass(frozen=True)
class _Made:
    """How a tensor was made: a function's result, or the part ``index`` of it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    index: int | None = None


class _Traced(Tensor):
    """A tensor without memory that knows where it comes from: a name in the file, or how it was made."""

    origin: str | _Made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        result = super().__torch_function__(func, types, args, options)
        if isinstance(result, _Traced):
            result.origin = _Made(func, tuple(args), options)
        elif isinstance(result, tuple | list):
            for index, part in enumerate(result):
                if isinstance(part, _Traced):
                    part.origin = _Made(func, tuple(args), options, index)
        return result


@dataclass(frozen=True)
class Replay:
    """Makes a tensor again, from real ones.

    Attributes:
        origin: How it was made.
        names: The tensors of the file that it needs, in the order in which ``__call__`` takes them.
    """

    origin: _Made = field(repr=False)
    names: tuple[str, ...]

    def __call__(self, *tensors: Tensor) -> Tensor:
        """The tensor, made of the file's tensors."""
        return _again(self.origin, dict(zip(self.names, tensors, strict=True)))

    @property
    def count(self) -> int:
        """Rows of the first of the file's tensors."""
        return next(_leaf_rows(self.origin))

    @cached_property
    def rows(self) -> Tensor | None:
        """Which rows of the file's tensor it consists of, [n] int64; None if it is made in another way.

        Found by making it of row numbers instead of weights.
        """
        if len(self.names) != 1:
            return None
        numbers = torch.arange(self.count).reshape(-1, 1)
        try:
            made = self(numbers)
        except (RuntimeError, IndexError, ValueError):  # it needs to know the columns
            return None
        return made.flatten() if made.ndim == 2 and made.shape[1] == 1 else None


def traced_sources(convert: Convert, layout: Layout, prefix: str = "") -> dict[str, Source]:
    """Where the tensors of a network come from, according to a function that converts state dictionaries.

    Args:
        convert: The function; it sees the layout's tensors below the prefix, without it.
        layout: The file.
        prefix: Where the network stands in it.

    Raises:
        KeyError: what the function raises on a layout that it was not written for.
    """
    with torch.device("meta"):
        state = {name: _leaf(prefix + name, shape) for name, shape in layout.under(prefix).shapes.items()}
        converted = convert(dict(state))
    return {name: _source(tensor) for name, tensor in converted.items()}


def _leaf(name: str, shape: tuple[int, ...]) -> Tensor:
    leaf = torch.empty(shape, device="meta").as_subclass(_Traced)
    leaf.origin = name
    return leaf


def _source(tensor: Tensor) -> Source:
    if not isinstance(tensor, _Traced):
        return Source((), lambda: tensor, tuple(tensor.shape))
    origin = tensor.origin
    if isinstance(origin, str):
        return Source((origin,))
    names = tuple(dict.fromkeys(_leaves(origin)))
    return Source(names, Replay(origin, names), tuple(tensor.shape))


def _leaf_rows(value: Any) -> Iterator[int]:
    """Numbers of rows of the file's tensors that a value was made of."""
    if isinstance(value, _Traced):
        if isinstance(value.origin, str):
            yield value.shape[0]
        else:
            yield from _leaf_rows(value.origin)
    elif isinstance(value, _Made):
        yield from _leaf_rows(value.arguments)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _leaf_rows(part)


def _leaves(value: Any) -> Iterator[str]:
    """Names of the file's tensors that a value was made of."""
    if isinstance(value, _Traced):
        if isinstance(value.origin, str):
            yield value.origin
        else:
            yield from _leaves(value.origin)
    elif isinstance(value, _Made):
        yield from _leaves(value.arguments)
        yield from _leaves(tuple(value.options.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _leaves(part)


def _again(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """A value with every traced tensor in it made from real ones."""
    if isinstance(value, _Traced):
        return tensors[value.origin] if isinstance(value.origin, str) else _again(value.origin, tensors)
    if isinstance(value, _Made):
        arguments = _again(value.arguments, tensors)
        result = value.function(*arguments, **{key: _again(part, tensors) for key, part in value.options.items()})
        return result if value.index is None else result[value.index]
    if isinstance(value, tuple | list):
        return type(value)(_again(part, tensors) for part in value)
    return value
