"""What a node sees of the graph around it, and copies of parts of that graph.

Loops and plots are expansions: a node looks at the nodes between two places and returns copies of them in which
something is changed. The graph that was submitted never changes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Any, Protocol

import msgspec

from limner.graph.api_document import from_document
from limner.graph.declare import Hidden
from limner.graph.graph import Link, Node

BOUNDARY = "LoopTurn"
"""The node type at which every turn of a loop begins. What lies above one belongs to another turn."""


class LiveGraph(Protocol):
    """The graph of a run, with everything that nodes expanded into so far."""

    def get_node(self, node_id: str) -> dict[str, Any]:
        """A node in API form."""
        ...

    def get_display_node_id(self, node_id: str) -> str:
        """The node that people see for a node."""
        ...


Live = Annotated[LiveGraph, Hidden("DYNPROMPT")]
OwnId = Annotated[str, Hidden("UNIQUE_ID")]


def node_at(live: LiveGraph, name: str) -> Node:
    """A node of the running graph."""
    return from_document({name: live.get_node(name)}).nodes[name]


def nodes_between(
    live: LiveGraph, above: Collection[str], below: Iterable[str], *, beyond: bool = False
) -> dict[str, Node]:
    """The nodes that need one of the nodes ``above`` and are needed by one of the nodes ``below``.

    Args:
        live: The graph.
        above: Only those that were met are in the result.
        below: Where to begin, upwards.
        beyond: Also look above the nodes ``above``, where others of them may be; otherwise the way ends there.

    Returns:
        Nodes by id, each after those that it needs; ``above`` and ``below`` included.

    Cost: linear in what lies above ``below``, up to the turn of a loop that all of it belongs to.
    """
    nodes: dict[str, Node] = {}
    needs: dict[str, bool] = {}
    ends = () if beyond else above
    stack = list(reversed(list(below)))
    while stack:
        name = stack[-1]
        if name in needs:
            stack.pop()
            continue
        if name not in nodes:
            nodes[name] = node_at(live, name)
            missing = [source for source in _sources(name, nodes[name], ends) if source not in nodes]
            if missing:
                stack += reversed(missing)
                continue
        # All sources are known now, except on a cycle, which the engine reports.
        stack.pop()
        needs[name] = name in above or any(needs.get(source) for source in _sources(name, nodes[name], ends))
    return {name: nodes[name] for name, does in needs.items() if does}


def _sources(name: str, node: Node, ends: Collection[str]) -> list[str]:
    if name in ends or node.type == BOUNDARY:
        return []
    return list(dict.fromkeys(link.source for _, link in node.links()))


def copies(live: LiveGraph, nodes: Mapping[str, Node], prefix: str, moved: Callable[[Link], Any]) -> dict[str, Node]:
    """Copies of nodes that are linked to each other as the originals are.

    Args:
        live: The graph that they come from.
        nodes: What to copy, by id.
        prefix: Begins the ids of the copies.
        moved: What stands in the copies for a link out of ``nodes``: a Link or a value.
    """

    def told(value: Any) -> Any:
        if not isinstance(value, Link):
            return value
        return Link(prefix + value.source, value.output) if value.source in nodes else moved(value)

    return {
        prefix + name: msgspec.structs.replace(
            node,
            inputs={key: told(value) for key, value in node.inputs.items()},
            display=live.get_display_node_id(name),
        )
        for name, node in nodes.items()
    }
