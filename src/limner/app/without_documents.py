"""``--disable-metadata``: files that nodes write do not hold the workflow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import Any

from limner.graph.declare import NodeDefinition

DOCUMENTS = ("PROMPT", "EXTRA_PNGINFO")
"""Kinds of hidden values that output nodes ask for in order to write them into files."""


@dataclass(frozen=True)
class Undocumented:
    """A node's function that is not told the documents.

    Attributes:
        function: The function.
        names: The parameters that get None.
    """

    function: Callable[..., Any]
    names: tuple[str, ...]

    def __call__(self, **inputs: Any) -> Any:
        """Calls the function."""
        return self.function(**{**inputs, **dict.fromkeys(self.names)})


def without_documents(definitions: Mapping[str, NodeDefinition]) -> dict[str, NodeDefinition]:
    """Definitions whose output nodes write no documents. Their types stay as they are."""
    return {name: _silent(definition) for name, definition in definitions.items()}


def _silent(definition: NodeDefinition) -> NodeDefinition:
    names = tuple(name for name, kind in definition.type.hidden.items() if kind in DOCUMENTS)
    if not names or not definition.type.is_output or iscoroutinefunction(definition.function):
        return definition
    return replace(definition, function=Undocumented(definition.function, names))
