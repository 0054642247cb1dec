"""The graph as a running node may look at it: the hidden value DYNPROMPT.

The method names are those that node packs call.
"""

from typing import Any

from limner.engine.overlay import Overlay
from limner.graph.api_document import to_document
from limner.graph.errors import GraphError
from limner.graph.graph import Graph


class LivePrompt:
    """The submitted graph with everything that nodes expanded into so far."""

    def __init__(self, graph: Overlay) -> None:
        self._graph = graph

    def get_node(self, node_id: str) -> dict[str, Any]:
        """A node in API form.

        Raises:
            GraphError: if there is none.
        """
        return to_document(Graph({node_id: self._graph.node(node_id)}))[node_id]

    def has_node(self, node_id: str) -> bool:
        """Whether there is such a node."""
        return node_id in self._graph

    def all_node_ids(self) -> set[str]:
        """The ids of all nodes."""
        return set(self._graph)

    def get_original_prompt(self) -> Any:
        """The submitted document."""
        return self._graph.document

    def get_real_node_id(self, node_id: str) -> str:
        """The submitted node that a node descends from."""
        return self._place(node_id).real

    def get_parent_node_id(self, node_id: str) -> str | None:
        """The node that expanded into a node."""
        return self._place(node_id).parent

    def get_display_node_id(self, node_id: str) -> str:
        """The node that people see for a node."""
        return self._place(node_id).display

    def _place(self, node_id: str) -> Any:
        if node_id not in self._graph:
            raise GraphError(f"There is no node {node_id!r} in this graph.")
        return self._graph.place(node_id)
