"""The Registry: names bound to code. Imports the tensor half, so only a worker (or a local command) may use it."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from types import ModuleType

from limner import nodes
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover
from limner.graph.errors import SettingsError
from limner.nodes.declared.loading import declared_definitions

ENTRY_POINTS = "limner.nodes"
"""Entry point group under which other packages offer a package or module of nodes."""


def load_definitions() -> dict[str, NodeDefinition]:
    """Every node definition: ours, those of installed packages, and those that are declared only.

    Raises:
        SettingsError: if a package offers a name that exists.
    """
    found = discover(nodes, NodeDefinition, _name)
    for entry in entry_points(group=ENTRY_POINTS):
        module = entry.load()
        if not isinstance(module, ModuleType):
            raise SettingsError(f"Entry point {entry.name} of {ENTRY_POINTS} should name a module; it is {module!r}.")
        for name, definition in _definitions(module).items():
            if found.setdefault(name, definition) is not definition:
                raise SettingsError(f"{entry.value} offers a second node named {name!r}.")
    return found | declared_definitions(found)


def _definitions(module: ModuleType) -> Mapping[str, NodeDefinition]:
    if hasattr(module, "__path__"):
        return discover(module, NodeDefinition, _name)
    return {_name(value): value for value in vars(module).values() if isinstance(value, NodeDefinition)}


def _name(definition: NodeDefinition) -> str:
    return definition.type.name
