"""The graph of a run as an isolated pack sees it (the hidden value DYNPROMPT): as it was when the step began."""

from __future__ import annotations

from typing import Any

from limner.backends.in_process_prompt import LivePrompt
from limner.graph.errors import GraphError


class PromptSnapshot:
    """Has the methods of ``LivePrompt``.

    Args:
        facts: ``document``, and ``nodes`` by id: the node in API form, the ids it is real, parent and display by.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    @classmethod
    def of(cls, prompt: LivePrompt) -> PromptSnapshot:
        """What a prompt is now."""
        nodes = {
            name: [
                prompt.get_node(name),
                prompt.get_real_node_id(name),
                prompt.get_parent_node_id(name),
                prompt.get_display_node_id(name),
            ]
            for name in sorted(prompt.all_node_ids())
        }
        return cls({"document": prompt.get_original_prompt(), "nodes": nodes})

    def get_node(self, node_id: str) -> dict[str, Any]:
        """A node in API form. Raises GraphError if there is none."""
        return self._of(node_id)[0]

    def has_node(self, node_id: str) -> bool:
        """Whether there is such a node."""
        return node_id in self.facts["nodes"]

    def all_node_ids(self) -> set[str]:
        """The ids of all nodes."""
        return set(self.facts["nodes"])

    def get_original_prompt(self) -> Any:
        """The submitted document."""
        return self.facts["document"]

    def get_real_node_id(self, node_id: str) -> str:
        """The submitted node that a node descends from."""
        return self._of(node_id)[1]

    def get_parent_node_id(self, node_id: str) -> str | None:
        """The node that expanded into a node."""
        return self._of(node_id)[2]

    def get_display_node_id(self, node_id: str) -> str:
        """The node that people see for a node."""
        return self._of(node_id)[3]

    def _of(self, node_id: str) -> list[Any]:
        if node_id not in self.facts["nodes"]:
            raise GraphError(f"There is no node {node_id!r} in this graph.")
        return self.facts["nodes"][node_id]
