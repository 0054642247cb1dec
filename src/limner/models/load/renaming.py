"""Key maps as tables: an original layout's modules to a network's, whole, cut by rows, or with halves exchanged.

A table's keys are names of modules (or of tensors that are no module's) with ``{}`` for the number of a block, its
values say what becomes of them. So a table can be read by people, and followed in both directions; what a file has
beyond it keeps its name and is reported when the network is filled.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout

Found = TypeVar("Found")

Sizes = Callable[[int, int, int], tuple[int, ...]]
"""Rows of a tensor, the network's width, number of parts; to the rows of each part."""

LEAVES: Mapping[str, str] = {"scale": "weight"}
"""Last parts of names that differ: the scale of a norm."""


def equal_parts(rows: int, width: int, parts: int) -> tuple[int, ...]:
    """Query, key and value one below the other."""
    return (rows // parts,) * parts


def width_first(rows: int, width: int, parts: int) -> tuple[int, ...]:
    """All parts of the network's width but for the last, which is the rest."""
    return (*(width,) * (parts - 1), rows - width * (parts - 1))


def fewer_keys(rows: int, width: int, parts: int) -> tuple[int, ...]:
    """Queries of the network's width; keys and values, which several heads share, have half of the rest each."""
    return (width, *((rows - width) // 2,) * 2)


@dataclass(frozen=True)
class Split:
    """A module that is several in the network, one below the other."""

    targets: tuple[str, ...]
    sizes: Sizes = equal_parts


@dataclass(frozen=True)
class Exchanged:
    """A module whose two halves change places: shift and scale become scale and shift."""

    target: str


@dataclass(frozen=True)
class Dropped:
    """A module without a place in the network, because nothing uses it."""


Rule = str | Split | Exchanged | Dropped
Table = Mapping[str, Rule]


@dataclass(frozen=True)
class Rows:
    """A transform: some rows of a tensor."""

    start: int
    stop: int

    def __call__(self, tensor: Tensor) -> Tensor:
        """The rows."""
        return tensor[self.start : self.stop]


def exchanged(tensor: Tensor) -> Tensor:
    """A transform: second half, first half."""
    first, second = tensor.chunk(2, dim=0)
    return torch.cat([second, first])


def renamed_sources(table: Table, layout: Layout, prefix: str, width: int = 0) -> dict[str, Source]:
    """Where the tensors of a network come from, according to a table.

    Args:
        table: The table.
        layout: The file.
        prefix: Where the network stands in it.
        width: The network's width, where a table splits by it.
    """
    sources: dict[str, Source] = {}
    for name, shape in layout.under(prefix).shapes.items():
        for target, transform, rows in _becomes(table, name, shape, width):
            sources[target] = Source((prefix + name,), transform, None if rows is None else (rows, *shape[1:]))
    return sources


def taken_rows(source: Source, count: int) -> Tensor | None:
    """Which rows of a file's tensor of ``count`` rows a source takes, [n] int64; None if it is made in another way."""
    transform = source.transform
    known = isinstance(transform, Rows) or transform is exchanged
    return transform(torch.arange(count)) if transform is not None and known else None


def with_published(sources: Mapping[str, Source], table: Table) -> dict[str, Source]:
    """Sources of a file in the network's own layout, each with what it would be in the original layout.

    Args:
        sources: By the network's names; each is one tensor of the file, as it is, and knows its shape.
        table: The key map of the original layout.
    """
    places = {
        target: (module, rule, place) for module, rule in table.items() for place, target in enumerate(_targets(rule))
    }
    found: dict[str, Source] = {}
    for name, source in sources.items():
        known, number, leaf = _looked_up(places, name)
        published = None if known is None else _published(*known, number, leaf, sources)
        found[name] = replace(source, published=published)
    return found


def _targets(rule: Rule) -> tuple[str, ...]:
    match rule:
        case str():
            return (rule,)
        case Split():
            return rule.targets
        case Exchanged():
            return (rule.target,)
        case Dropped():
            return ()


def _published(
    module: str, rule: Rule, place: int, number: str, leaf: str, sources: Mapping[str, Source]
) -> Source | None:
    """What a part of a module would be in the original layout; None if its other parts are missing."""
    names = (module.format(number) + leaf,)
    shapes = [sources[name].shape for target in _targets(rule) if (name := target.format(number) + leaf) in sources]
    if isinstance(rule, str):
        return Source(names)
    if isinstance(rule, Exchanged):
        return Source(names, exchanged, shapes[place])
    rows = [shape[0] for shape in shapes if shape]
    if len(rows) < len(_targets(rule)):
        return None
    start = sum(rows[:place])
    return Source(names, Rows(start, start + rows[place]), shapes[place])


def named(sources: Mapping[str, Source], layout: Layout) -> Layout:
    """The layout of a network that is made of a file's."""
    shapes = {name: source.shape or layout.shape(source.names[0]) for name, source in sources.items()}
    return Layout(shapes, layout.metadata)


_Becoming = tuple[str, Callable[[Tensor], Tensor] | None, int | None]
"""Target, transform, rows where not all are taken as they are."""


def _becomes(table: Table, name: str, shape: tuple[int, ...], width: int) -> Iterator[_Becoming]:
    """What a tensor becomes in the network."""
    rule, number, leaf = found_rule(table, name)
    match rule:
        case None:
            yield name, None, None
        case str():
            yield rule.format(number) + leaf, None, None
        case Exchanged():
            yield rule.target.format(number) + leaf, exchanged, shape[0]
        case Split():
            start = 0
            for target, rows in zip(rule.targets, rule.sizes(shape[0], width, len(rule.targets)), strict=True):
                yield target.format(number) + leaf, Rows(start, start + rows), rows
                start += rows
        case Dropped():
            pass


def found_rule(table: Table, name: str) -> tuple[Rule | None, str, str]:
    """The rule for a tensor, its block's number, and what follows the module's name in the network."""
    return _looked_up(table, name)


def _looked_up(table: Mapping[str, Found], name: str) -> tuple[Found | None, str, str]:
    """What stands in a table for a tensor, its block's number, and what follows the module's name."""
    module, _, leaf = name.rpartition(".")
    leaf = "." + LEAVES.get(leaf, leaf)
    for candidate, rest in ((name, ""), (module, leaf)):
        number = re.search(r"(?<=\.)\d+(?=\.|$)", candidate)
        pattern = candidate if number is None else candidate[: number.start()] + "{}" + candidate[number.end() :]
        for key in (candidate, pattern):
            if key in table:
                return table[key], "" if number is None else number[0], rest
    return None, "", ""
