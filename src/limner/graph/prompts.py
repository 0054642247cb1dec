"""Where a graph keeps its prompts and seeds, and how single inputs are set by name.

Samplers are recognised by their sockets, not by their names: a node with a MODEL and with CONDITIONING inputs. From
there links are followed back through everything that handles conditioning, to the texts it comes from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.catalog import Catalog
from limner.graph.errors import GraphError, UnknownNameError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import NodeType

Place = tuple[str, str]
"""Node id and input name."""

_SEEDS = frozenset({"seed", "noise_seed"})
_TEXTS = ("text", "prompt", "value", "string")


@dataclass(frozen=True)
class Prompts:
    """Where the prompts and seeds of a graph are; constants only, in the order of the document.

    A text that feeds both sides is a positive prompt only.
    """

    positive: tuple[Place, ...] = ()
    negative: tuple[Place, ...] = ()
    seeds: tuple[Place, ...] = ()
    samplers: tuple[str, ...] = ()


def find_prompts(graph: Graph, catalog: Catalog) -> Prompts:
    """Finds prompts and seeds. Node types that the catalog lacks are judged by the names of their inputs."""
    finder = _Finder(graph, catalog)
    samplers = [name for name, node in graph.nodes.items() if finder.is_sampler(node)]
    sides: dict[bool, list[Link]] = {True: [], False: []}
    for name in samplers:
        for key, link in graph.nodes[name].links():
            # PerpNeg's "empty_conditioning" is neither side: it stays as it is
            if finder.carries_conditioning(graph.nodes[name], key) and not key.startswith("empty"):
                sides[not key.startswith("negative")].append(link)
    positive = finder.texts(sides[True])
    negative = [place for place in finder.texts(sides[False]) if place not in positive]
    return Prompts(tuple(positive), tuple(negative), tuple(finder.seeds()), tuple(samplers))


class _Finder:
    """Follows links of one graph."""

    def __init__(self, graph: Graph, catalog: Catalog) -> None:
        self._graph, self._catalog = graph, catalog

    def _kind(self, node: Node) -> NodeType | None:
        return self._catalog.nodes.get(node.type)

    def is_sampler(self, node: Node) -> bool:
        """Whether a node draws, or guides what draws, from conditioning."""
        kind = self._kind(node)
        if kind is None:
            return isinstance(node.inputs.get("positive"), Link) and "model" in node.inputs
        return {entry.type for entry in kind.inputs}.issuperset({"MODEL", "CONDITIONING"})

    def carries_conditioning(self, node: Node, key: str) -> bool:
        """Whether an input takes conditioning."""
        kind = self._kind(node)
        if kind is None:
            return key in ("positive", "negative") or key.startswith("conditioning")
        entry = kind.input(key)
        return entry is not None and entry.type == "CONDITIONING"

    def texts(self, links: list[Link]) -> list[Place]:
        """The constant texts that links lead back to."""
        found: dict[Place, None] = {}
        seen: set[tuple[Link, bool]] = set()
        waiting = [(link, False) for link in reversed(links)]
        while waiting:
            step = link, is_text = waiting.pop()
            node = self._graph.nodes.get(link.source)
            if node is None or step in seen:
                continue
            seen.add(step)
            own = list(self._text_inputs(node, single_line=is_text))
            found |= {(link.source, key): None for key in own if isinstance(node.inputs[key], str)}
            further = [(value, True) for key in own if isinstance(value := node.inputs[key], Link)]
            further += [(value, False) for value in self._before(node, link.output)]
            waiting += reversed(further)
        return list(found)

    def _text_inputs(self, node: Node, *, single_line: bool) -> Iterator[str]:
        """The inputs of a node that hold a prompt. A node that only hands on text may hold it in one line."""
        kind = self._kind(node)
        if kind is None:
            yield from (key for key in node.inputs if key.startswith(_TEXTS) and _is_text(node.inputs[key]))
            return
        texts = [entry for entry in kind.inputs if entry.type == "STRING" and entry.name in node.inputs]
        several = [entry.name for entry in texts if entry.options.get("multiline")]
        yield from several or ([entry.name for entry in texts if entry.name.startswith(_TEXTS)] if single_line else [])

    def _before(self, node: Node, output: int) -> Iterator[Link]:
        """The links that an output's conditioning comes from: the input of the same name where there is one."""
        kind = self._kind(node)
        name = kind.outputs[output].name if kind and 0 <= output < len(kind.outputs) else ""
        same = node.inputs.get(name)
        if isinstance(same, Link) and self.carries_conditioning(node, name):
            yield same
            return
        for key, link in node.links():
            if self.carries_conditioning(node, key):
                yield link

    def seeds(self) -> Iterator[Place]:
        """Every seed that is a constant, at the sampler or at the node that the sampler gets it from."""
        found: dict[Place, None] = {}
        for name, node in self._graph.nodes.items():
            for key in _SEEDS & node.inputs.keys():
                place = self._number(name, key)
                if place is not None:
                    found[place] = None
        yield from found

    def _number(self, name: str, key: str) -> Place | None:
        """The place of the constant that an input gets, through nodes that hand on one number."""
        seen: set[str] = set()
        while name not in seen and name in self._graph.nodes:
            seen.add(name)
            inputs = self._graph.nodes[name].inputs
            value = inputs.get(key)
            if not isinstance(value, Link):
                return (name, key) if key in inputs else None
            name = value.source
            source = self._graph.nodes.get(name)
            key = next((key for key in ("seed", "noise_seed", "value", "int") if source and key in source.inputs), "")
        return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str | Link)


def set_input(graph: Graph, place: str, value: Any, catalog: Catalog | None = None) -> Graph:
    """A graph with one input set.

    Args:
        graph: As it was.
        place: ``NODE.INPUT``; the node by id, or by title or type where only one has it.
        value: A constant or a Link.
        catalog: With it, inputs may be set that the document leaves out.

    Raises:
        UnknownNameError: if there is no such node or input.
        GraphError: if the name fits several nodes.
    """
    for index in reversed([index for index, character in enumerate(place) if character == "."]):
        name = named_node(graph, place[:index])  # ids and input names may hold dots themselves
        if name is not None:
            return set_value(graph, name, place[index + 1 :], value, catalog)
    node, dot, _ = place.rpartition(".")
    known = [*graph.nodes, *(found.title or found.type for found in graph.nodes.values())]
    advice = f"Nodes: {_listed(graph)}." if dot else "Write NODE.INPUT, for instance 3.steps."
    raise UnknownNameError("node", node if dot else place, known, advice)


def set_value(graph: Graph, node: str, name: str, value: Any, catalog: Catalog | None = None) -> Graph:
    """A graph with input ``name`` of the node with id ``node`` set.

    Raises:
        UnknownNameError: if there is no such node or input.
    """
    found = graph.nodes.get(node)
    if found is None:
        raise UnknownNameError("node", node, graph.nodes, f"Nodes: {_listed(graph)}.")
    kind = catalog.nodes.get(found.type) if catalog else None
    known = dict.fromkeys([*found.inputs, *(entry.name for entry in (kind.inputs if kind else ()))])
    if name not in known:
        raise UnknownNameError(f"input of node {node} ({found.type})", name, known, f"Inputs: {', '.join(known)}.")
    inputs: Mapping[str, Any] = {**found.inputs, name: value}
    changed = Node(type=found.type, inputs=inputs, title=found.title, display=found.display)
    return Graph({**graph.nodes, node: changed})


def named_node(graph: Graph, name: str) -> str | None:
    """The id of the node that is meant: by id, else by title, else by type."""
    if name in graph.nodes:
        return name
    for of in (lambda node: node.title, lambda node: node.type):
        fitting = [key for key, node in graph.nodes.items() if (of(node) or "").casefold() == name.casefold()]
        if len(fitting) > 1:
            raise GraphError(f"{name!r} fits the nodes {', '.join(fitting)}: name one by its id.")
        if fitting:
            return fitting[0]
    return None


def _listed(graph: Graph) -> str:
    """The nodes of a graph for a message, at most twenty."""
    names = [f"{name} ({node.title or node.type})" for name, node in graph.nodes.items()]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
