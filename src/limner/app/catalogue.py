"""What this installation can do, as data: the Catalog of a worker. Imports the tensor half."""

import inspect
from collections.abc import Mapping
from typing import Any

from limner.app.commands.listing import short_source
from limner.app.registry import load_definitions
from limner.graph.catalog import Catalog, Named
from limner.graph.declare import NodeDefinition
from limner.models.registry import load_families
from limner.sampling.registry import SamplingRegistry


def local_catalog(
    definitions: Mapping[str, NodeDefinition] | None = None, device: Mapping[str, Any] | None = None
) -> Catalog:
    """The Catalog of this installation.

    Args:
        definitions: Node definitions; found by discovery if absent.
        device: What a worker runs on; empty if nothing runs.
    """
    if definitions is None:
        definitions = load_definitions()
    samplers, schedules = sampling_names()
    return Catalog(
        nodes={name: definition.type for name, definition in definitions.items()},
        samplers=samplers,
        schedules=schedules,
        families=family_names(),
        device=dict(device or {}),
    )


def sampling_names() -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Samplers and schedules, in the order that clients show."""
    registry = SamplingRegistry.load()
    return (
        tuple(_named(name, sampler) for name, sampler in registry.samplers.items()),
        tuple(_named(name, schedule) for name, schedule in registry.schedules.items()),
    )


def family_names() -> tuple[Named, ...]:
    """Model families, by name."""
    return tuple(
        Named(name=name, doc=inspect.getdoc(type(family)) or "", source="")
        for name, family in sorted(load_families().items())
    )


def _named(name: str, marked: Any) -> Named:
    function = marked.function
    file = inspect.getsourcefile(inspect.unwrap(function)) or ""
    return Named(name=name, doc=inspect.getdoc(function) or "", source=short_source(file))
