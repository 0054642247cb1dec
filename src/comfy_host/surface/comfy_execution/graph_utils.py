"""``comfy_execution.graph_utils``: builds the graphs that nodes expand into."""

from __future__ import annotations

from typing import Any

from comfy_host.missing import absent
from comfy_host.pack_step import expansion


def is_link(obj: Any) -> bool:
    """Whether a value is ``[node id, output number]``."""
    return isinstance(obj, list) and len(obj) == 2 and isinstance(obj[0], str) and type(obj[1]) in (int, float)


class ExecutionBlocker:
    """Returned by a node to stop what comes after it; the message, if any, is shown."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message


class GraphBuilder:
    """Collects nodes. Their ids begin with a prefix that no other call of any node has.

    Args:
        prefix: Of all ids; that of the running call if absent.
    """

    _default_prefix_root = ""
    _default_prefix_call_index = 0
    _default_prefix_graph_index = 0

    def __init__(self, prefix: str | None = None) -> None:
        self.prefix = GraphBuilder.alloc_prefix() if prefix is None else prefix
        self.nodes: dict[str, Node] = {}
        self.id_gen = 1

    @classmethod
    def set_default_prefix(cls, prefix_root: str, call_index: int, graph_index: int = 0) -> None:
        """Sets the prefix of builders outside of a running node."""
        cls._default_prefix_root = prefix_root
        cls._default_prefix_call_index = call_index
        cls._default_prefix_graph_index = graph_index

    @classmethod
    def alloc_prefix(
        cls, root: str | None = None, call_index: int | None = None, graph_index: int | None = None
    ) -> str:
        """A prefix ``root.call.graph.`` that was not given out in this call before."""
        step = expansion()
        if step is not None:
            default_root, default_call, numbers = step
            number = next(numbers) if graph_index is None else graph_index
        else:
            default_root, default_call = cls._default_prefix_root, cls._default_prefix_call_index
            number = cls._default_prefix_graph_index if graph_index is None else graph_index
            cls._default_prefix_graph_index += 1
        return (
            f"{default_root if root is None else root}.{default_call if call_index is None else call_index}.{number}."
        )

    def node(self, class_type: str, id: str | None = None, **kwargs: Any) -> Node:
        """Adds a node, or gives the one that has that id."""
        own = str(self.id_gen) if id is None else id
        if id is None:
            self.id_gen += 1
        name = self.prefix + own
        return self.nodes.setdefault(name, Node(name, class_type, kwargs))

    def lookup_node(self, id: str) -> Node | None:
        """The node of that id, without the prefix."""
        return self.nodes.get(self.prefix + id)

    def finalize(self) -> dict[str, Any]:
        """The graph, for the ``expand`` of a result."""
        return {name: node.serialize() for name, node in self.nodes.items()}

    def replace_node_output(self, node_id: str, index: int, new_value: Any) -> None:
        """Replaces every link to an output; None removes the inputs that were linked."""
        old = [self.prefix + node_id, index]
        for node, name in self._linked(old):
            if new_value is None:
                del node.inputs[name]
            else:
                node.inputs[name] = new_value

    def remove_node(self, id: str) -> None:
        """Removes a node."""
        del self.nodes[self.prefix + id]

    def _linked(self, link: list[Any]) -> list[tuple[Node, str]]:
        return [
            (node, name)
            for node in self.nodes.values()
            for name, value in node.inputs.items()
            if is_link(value) and value == link
        ]


class Node:
    """A node of a GraphBuilder."""

    def __init__(self, id: str, class_type: str, inputs: dict[str, Any]) -> None:
        self.id, self.class_type, self.inputs = id, class_type, inputs
        self.override_display_id: str | None = None

    def out(self, index: int) -> list[Any]:
        """A link to an output."""
        return [self.id, index]

    def set_input(self, key: str, value: Any) -> None:
        """Sets an input; None removes it."""
        if value is None:
            self.inputs.pop(key, None)
        else:
            self.inputs[key] = value

    def get_input(self, key: str) -> Any:
        """An input, or None."""
        return self.inputs.get(key)

    def set_override_display_id(self, override_display_id: str) -> None:
        """Says which node people see for this one."""
        self.override_display_id = override_display_id

    def serialize(self) -> dict[str, Any]:
        """The node in API form."""
        entry: dict[str, Any] = {"class_type": self.class_type, "inputs": self.inputs}
        return entry if self.override_display_id is None else entry | {"override_display_id": self.override_display_id}


def add_graph_prefix(graph: dict[str, Any], outputs: Any, prefix: str) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A graph and the links into it, with a prefix before every id."""

    def moved(value: Any) -> Any:
        return [prefix + value[0], value[1]] if is_link(value) else value

    renamed = {
        prefix + name: {
            "class_type": entry["class_type"],
            "inputs": {key: moved(value) for key, value in entry["inputs"].items()},
        }
        for name, entry in graph.items()
    }
    return renamed, tuple(moved(value) for value in outputs)


__getattr__ = absent(__name__)
