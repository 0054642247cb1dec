"""What this installation can do, as data: the Catalog of a worker. Imports the tensor half."""

from collections.abc import Mapping
from typing import Any

from limner.app.registry import load_definitions
from limner.graph.catalog import Catalog, Named
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import modules
from limner.models import families
from limner.models.family import Family
from limner.models.registry import load_families
from limner.sampling.registry import SamplingRegistry


def local_catalog(
    definitions: Mapping[str, NodeDefinition] | None = None,
    device: Mapping[str, Any] | None = None,
    registry: SamplingRegistry | None = None,
) -> Catalog:
    """The Catalog of this installation.

    Args:
        definitions: Node definitions; found by discovery if absent.
        device: What a worker runs on; empty if nothing runs.
        registry: Samplers and schedules; found by discovery if absent.
    """
    if definitions is None:
        definitions = load_definitions()
    registry = registry or SamplingRegistry.discovered()
    return Catalog(
        nodes={name: definition.type for name, definition in definitions.items()},
        samplers=registry.named_samplers(),
        schedules=registry.named_schedules(),
        families=family_names(),
        device=dict(device or {}),
    )


def family_names() -> tuple[Named, ...]:
    """Model families, by name, each with the file that it lives in."""
    homes = {
        value.name: module.__file__ or ""
        for module in modules(families)
        for value in vars(module).values()
        if isinstance(value, Family)
    }
    return tuple(
        Named(name=name, doc=family.doc, source=homes[name]) for name, family in sorted(load_families().items())
    )
