"""Declared nodes as definitions: their signature is true, and running one says what is missing.

A document is refused whole when it contains a class that nobody knows, though often nothing in it needs that node.
"""

from collections.abc import Container
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NoReturn

import msgspec

from limner.graph.declare import NodeDefinition
from limner.graph.errors import StepError
from limner.graph.node_type import NodeType


class Group(msgspec.Struct, frozen=True):
    """Nodes that wait for the same thing.

    Attributes:
        needs: What they wait for, as the end of "it needs ...".
        nodes: Their types, with an empty doc.
    """

    needs: str
    nodes: tuple[NodeType, ...]


@dataclass(frozen=True)
class Unavailable:
    """The function of a declared node."""

    name: str
    needs: str

    def __call__(self, **inputs: Any) -> NoReturn:
        """Says what is missing.

        Raises:
            StepError: always.
        """
        raise StepError(
            f"Limner knows the node {self.name} but cannot run it yet: it needs {self.needs}. Remove or bypass the "
            "node, or send this workflow to a server that has it. docs/nodes.md lists what can run."
        )


def declared_groups() -> dict[str, Group]:
    """The groups by the name of their file."""
    decoder = msgspec.json.Decoder(Group)
    found = sorted(files("limner.nodes.declared").iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".json"): decoder.decode(entry.read_bytes())
        for entry in found
        if entry.name.endswith(".json")
    }


def declared_definitions(known: Container[str] = ()) -> dict[str, NodeDefinition]:
    """Definitions of the declared nodes by name, but for those that are known otherwise.

    Cost: about 5 ms.
    """
    return {
        described.name: _definition(described, group.needs)
        for group in declared_groups().values()
        for described in group.nodes
        if described.name not in known
    }


def _definition(described: NodeType, needs: str) -> NodeDefinition:
    doc = f"Declared only: cannot run yet, because it needs {needs}."
    return NodeDefinition(msgspec.structs.replace(described, doc=doc, needs=needs), Unavailable(described.name, needs))
