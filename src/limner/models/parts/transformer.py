"""Diffusion transformers: where a file keeps one, and its blueprint from a key map and a configuration.

What differs between architectures (marks, key map, configuration) is the family's; what is the same for all is here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from limner.models.load.blueprint import Blueprint, Piece, Source
from limner.models.load.layout import Layout
from limner.models.load.renaming import taken_rows
from limner.models.load.tracing import Convert, Replay, traced_sources

PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "model.model.", "model.", "net.", "")
"""Where files keep a transformer: checkpoints, adapters' habits, folders of diffusers, files of its own."""


SCALE = ".scale"
"""The weight of a norm in some original layouts."""


def find_prefix(layout: Layout, *marks: str) -> str | None:
    """The prefix under which a layout holds all the marks, names of tensors; None if there is none."""
    return next((prefix for prefix in PREFIXES if all(prefix + mark in layout for mark in marks)), None)


def as_stored(layout: Layout, prefix: str) -> dict[str, Source]:
    """Sources of a network whose file uses the network's own names below a prefix."""
    return {name: Source((prefix + name,), shape=shape) for name, shape in layout.under(prefix).shapes.items()}


def transformer_blueprint(
    network: str,
    configuration: Mapping[str, Any],
    sources: Mapping[str, Source],
    prefix: str,
    facts: Mapping[str, object] | None = None,
) -> Blueprint:
    """How to build and fill a transformer.

    Args:
        network: Name of a class of diffusers.
        configuration: Its arguments.
        sources: Its tensors' names and where they come from: ``as_stored``, or ``converted``.
        prefix: Where the file keeps it.
        facts: What families want to know of it when it is called; the configuration's plain values are there anyway.
    """
    plain = {key: value for key, value in configuration.items() if isinstance(value, int | float | str | bool)}
    return Blueprint(
        keys=sources,
        build=lambda: _build(network, configuration),
        aliases=_aliases(sources, prefix),
        pieces=_pieces(sources, prefix),
        addressed=("lora_unet_", "lora_transformer_", "transformer.", "diffusion_model."),
        facts={**plain, **(facts or {})},
    )


def converted(convert: Convert, layout: Layout, prefix: str) -> dict[str, Source]:
    """Sources of a network whose file has another layout, by one of diffusers' functions that convert it."""
    return traced_sources(convert, layout, prefix)


def _build(network: str, configuration: Mapping[str, Any]) -> nn.Module:
    import diffusers  # takes a second to import, so only when one is built

    return getattr(diffusers, network)(**configuration)


def _aliases(sources: Mapping[str, Source], prefix: str) -> dict[str, str]:
    """Names of modules in the adapters of several trainers, to the network's weights."""
    aliases: dict[str, str] = {}
    for target, source in sources.items():
        if target.endswith(".bias"):
            continue
        names = {target.removesuffix(".weight")}
        for origin, before in _origins(source, prefix):
            names |= {name for whole in _whole(origin) for name in _norms(_module(whole, before), source)}
        for name in names:
            aliases |= dict.fromkeys(_spellings(name), target)
    return aliases


def _origins(source: Source, prefix: str) -> Iterator[tuple[Source, str]]:
    """What a tensor is in the file and in the layout of publication, and what stands before names there."""
    yield source, prefix
    if source.published is not None:
        yield source.published, ""


def _norms(module: str, source: Source) -> tuple[str, ...]:
    """A module's name, and for a norm's those with and without what some original layouts call its weight."""
    plain = module.removesuffix(SCALE)
    known = plain != module or (source.shape is not None and len(source.shape) == 1)
    return (plain, plain + SCALE) if known else (module,)


def _whole(source: Source) -> tuple[str, ...]:
    """The tensor that a source is, if it is one as it stands."""
    return source.names if source.transform is None and len(source.names) == 1 else ()


def _module(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).removesuffix(".weight")


def _spellings(module: str) -> Iterator[str]:
    """Kohya's ``lora_unet_`` and its kin with underscores, diffusers' and peft's ``transformer.``, others' prefix."""
    underscored = module.replace(".", "_")
    yield from (f"transformer.{module}", f"diffusion_model.{module}")
    yield from (f"lora_transformer_{underscored}", f"lora_unet_{underscored}")


def _pieces(sources: Mapping[str, Source], prefix: str) -> dict[str, tuple[Piece, ...]]:
    """Names of modules that the file keeps as one, to the network's weights that are rows of them."""
    origins = [
        (target, origin, before)
        for target, source in sources.items()
        if target.endswith(".weight")
        for origin, before in _origins(source, prefix)
    ]
    counts = Counter[str]()
    for _, origin, _ in origins:
        if origin.transform is not None and origin.shape and origin.names:
            counts[origin.names[0]] += origin.shape[0]
    found: dict[str, list[Piece]] = {}
    for target, origin, before in origins:
        rows, count = _rows(origin, counts)
        if rows is not None:
            found.setdefault(_module(origin.names[0], before), []).append(Piece(target, rows, count))
    return {name: tuple(pieces) for module, pieces in found.items() for name in _spellings(module)}


def _rows(source: Source, counts: Mapping[str, int]) -> tuple[Tensor | None, int]:
    """Which rows of a file's weight a source takes, and how many there are; ``counts`` are those of parts together."""
    if len(source.names) != 1 or source.transform is None:
        return None, 0
    if isinstance(source.transform, Replay):
        return source.transform.rows, source.transform.count
    count = counts[source.names[0]]
    return taken_rows(source, count), count
