"""Checks a graph against what a worker can do, and reports all that is wrong at once, as data.

Codes and wording are ComfyUI's. Nothing here recurses, because graphs may be chains of ten thousand nodes, and nothing
here raises, whatever the graph holds, because graphs come from anywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from limner.graph.catalog import Catalog, Lists
from limner.graph.graph import Graph, Link
from limner.graph.node_check import Exists, NodeChecker
from limner.graph.problem import Problem
from limner.graph.validation import Validate, raised_inside, verdict_problems

_REPORTED_CYCLES = 10
_SHOWN_OF_CYCLE = 20
_DEPENDENTS = 100_000


@dataclass(frozen=True)
class Checked:
    """What ``check`` found.

    Attributes:
        graph: The graph with coerced constants in all nodes that are needed.
        targets: The output nodes that can run, in the document's order.
        problem: Why nothing can run, or None.
        problems: By node. There may be some even if the rest can run.
        dependents: For each node in ``problems``: the output nodes that cannot run because of it.
    """

    graph: Graph
    targets: tuple[str, ...] = ()
    problem: Problem | None = None
    problems: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    dependents: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check(
    graph: Graph,
    catalog: Catalog,
    lists: Lists,
    targets: Sequence[Any] | None = None,
    *,
    exists: Exists | None = None,
    validate: Validate | None = None,
) -> Checked:
    """Checks a graph.

    Args:
        graph: As it came.
        catalog: What the worker can do.
        lists: Named lists of choices.
        targets: Output nodes to run; None for all. What is no output node is ignored.
        exists: Says whether a picture (or another file of the user) exists that is not in its list.
        validate: Asks the validation functions of node types, where their code is. Without it they are left out.

    Cost: linear in nodes and links, some 10 us a node.
    """
    problem = _unknown(graph, catalog)
    if problem is not None:
        return Checked(graph, problem=problem)
    outputs = _outputs(graph, catalog, targets)
    if not outputs:
        return Checked(graph, problem=Problem(code="prompt_no_outputs", message="Prompt has no outputs"))
    walk = _Walk(graph)
    checker = NodeChecker(graph, catalog, lists, exists, asks=validate is not None)
    coerced = dict(graph.nodes)
    problems: dict[str, list[Problem]] = {}
    for name in walk.needed(outputs):
        coerced[name], found = checker.check(name, graph.nodes[name])
        found += walk.cycles.get(name, ())
        if found:
            problems[name] = found
    if validate is not None and checker.questions:
        for question, verdict in zip(checker.questions, validate(checker.questions), strict=True):
            problems.setdefault(question.node, []).extend(verdict_problems(question.node, verdict))
        problems = {name: problems[name] for name in walk.order if problems.get(name)}
    broken = _broken(graph, walk, problems)
    if problems:
        _retell(graph, catalog, checker, walk.order, frozenset(outputs), problems)
    return Checked(
        Graph(coerced),
        targets=tuple(name for name in outputs if name not in broken),
        problem=_failure(outputs, problems) if broken.issuperset(outputs) else None,
        problems=problems,
        dependents=_dependents(graph, walk.order, outputs, problems) if problems else {},
    )


def _broken(graph: Graph, walk: "_Walk", problems: Mapping[str, Sequence[Problem]]) -> set[str]:
    """Nodes that cannot run: with problems, on a cycle, or behind such nodes."""
    broken = set(walk.knotted)
    for name in walk.order:
        if name in problems or any(link.source in broken for link in _links(graph, name)):
            broken.add(name)
    return broken


def _retell(
    graph: Graph,
    catalog: Catalog,
    checker: NodeChecker,
    order: Sequence[str],
    outputs: frozenset[str],
    problems: dict[str, list[Problem]],
) -> None:
    """Tells exceptions of nodes that are no outputs as what happened inside the first node that they feed."""
    wanted = {
        name
        for name, several in problems.items()
        if name not in outputs and any(problem.code == "exception_during_validation" for problem in several)
    }
    for consumer in order if wanted else ():
        kind = catalog.nodes[graph.nodes[consumer].type]
        for key, link in graph.nodes[consumer].links():
            entry = kind.input(key)
            if link.source not in wanted or entry is None:
                continue
            wanted.discard(link.source)
            about = checker.about(entry)
            problems[link.source] = [
                raised_inside(problem, about, (link.source, link.output))
                if problem.code == "exception_during_validation"
                else problem
                for problem in problems[link.source]
            ]


def _outputs(graph: Graph, catalog: Catalog, targets: Any) -> list[str]:
    """The output nodes that are asked for. What was asked came from outside and may be anything."""
    outputs = [name for name, node in graph.nodes.items() if catalog.nodes[node.type].is_output]
    if targets is None:
        return outputs
    wanted = {name for name in targets if isinstance(name, str)} if isinstance(targets, list | tuple) else set()
    return [name for name in outputs if name in wanted]


def _links(graph: Graph, name: str) -> list[Link]:
    """Links of a node to nodes that exist."""
    return [
        value for value in graph.nodes[name].inputs.values() if isinstance(value, Link) and value.source in graph.nodes
    ]


def _unknown(graph: Graph, catalog: Catalog) -> Problem | None:
    """The first node whose class nobody has; all of them in ``extra["missing"]``."""
    unknown = [(name, node) for name, node in graph.nodes.items() if node.type not in catalog.nodes]
    if not unknown:
        return None
    name, node = unknown[0]
    title = node.title or node.type
    extra: dict[str, Any] = {"node_id": name, "class_type": node.type or None, "node_title": title or None}
    details = f"Node ID '#{name}'"
    if not node.type:
        message = f"Node '{title or name}' has no class_type. "
        message += "The workflow may be corrupted or a custom node is missing."
        return Problem(code="missing_node_type", message=message, details=details, extra=extra)
    nearest = get_close_matches(node.type, catalog.nodes, 3, 0.6) if len(node.type) < 300 else []
    if nearest:
        extra["nearest"] = nearest
    if len(unknown) > 1:
        extra["missing"] = [{"node_id": other, "class_type": found.type or None} for other, found in unknown]
    message = f"Node '{title}' not found. The custom node may not be installed."
    return Problem(code="missing_node_type", message=message, details=details, extra=extra)


def _failure(outputs: Sequence[str], problems: Mapping[str, Sequence[Problem]]) -> Problem:
    """Why nothing can run: the problems of the output nodes themselves."""
    own = [problem for name in outputs for problem in problems.get(name, ())]
    return Problem(
        code="prompt_outputs_failed_validation",
        message="Prompt outputs failed validation",
        details="\n".join(f"{problem.message}: {problem.details}" for problem in own),
    )


class _Walk:
    """A walk from the outputs along links to everything that they need, sources first.

    Attributes:
        order: Nodes in the order in which they were left.
        open: Nodes on the way from an output to where the walk is now.
        cycles: Problems by the node where a cycle closes.
        knotted: Nodes with a link to one that waits for them: each is on a cycle.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._seen: set[str] = set()
        self.order: list[str] = []
        self.open: dict[str, None] = {}
        self.cycles: dict[str, list[Problem]] = {}
        self.knotted: set[str] = set()

    def needed(self, outputs: Sequence[str]) -> Iterator[str]:
        """Yields each needed node once, after its sources.

        Meanwhile ``open`` holds the nodes that wait for it: a source in there cannot come first, it is on a cycle.
        """
        for output in outputs:
            if output not in self._seen:
                yield from self._from(output)

    def _from(self, output: str) -> Iterator[str]:
        stack = [(output, iter(self._enter(output)))]
        while stack:
            name, sources = stack[-1]
            following = next((link.source for link in sources if self._is_new(link.source)), None)
            if following is not None:
                stack.append((following, iter(self._enter(following))))
                continue
            stack.pop()
            # Still open: a link of a node to itself is a cycle.
            if any(link.source in self.open for link in _links(self._graph, name)):
                self.knotted.add(name)
            yield name
            del self.open[name]
            self.order.append(name)

    def _enter(self, name: str) -> list[Link]:
        self._seen.add(name)
        self.open[name] = None
        return _links(self._graph, name)

    def _is_new(self, name: str) -> bool:
        if name in self.open:
            self._report(name)
        return name not in self._seen

    def _report(self, first: str) -> None:
        """Records the cycle that ends the way and leads to ``first``; only some, as a graph may have millions."""
        if len(self.cycles) >= _REPORTED_CYCLES or first in self.cycles:
            return
        way = list(self.open)
        # Links point to sources: read against the walk, values flow from each node to the next.
        nodes = [first, *reversed(way[way.index(first) + 1 :])]
        shown = [f"{name} ({self._graph.nodes[name].type})" for name in [*nodes, first]]
        if len(shown) > _SHOWN_OF_CYCLE:
            shown[_SHOWN_OF_CYCLE // 2 : -_SHOWN_OF_CYCLE // 2] = ["..."]
        self.cycles[first] = [
            Problem(
                code="dependency_cycle",
                message="Nodes depend on each other in a circle",
                details=" -> ".join(shown),
                node=first,
                extra={"node_id": first, "cycle_nodes": nodes},
            )
        ]


def _dependents(
    graph: Graph, order: Sequence[str], outputs: Sequence[str], problems: Mapping[str, Sequence[Problem]]
) -> dict[str, list[str]]:
    """For each node with problems, the outputs that need it.

    Each node gets a set of outputs as the bits of an integer, handed on from consumers to sources.
    """
    reached: dict[str, int] = {name: 1 << index for index, name in enumerate(outputs)}
    for name in reversed(order):
        mask = reached.get(name, 0)
        for link in _links(graph, name):
            reached[link.source] = reached.get(link.source, 0) | mask
    most = max(1, _DEPENDENTS // len(problems))
    return {name: _chosen(outputs, reached.get(name, 0), most) for name in problems}


def _chosen(outputs: Sequence[str], mask: int, most: int) -> list[str]:
    """The outputs whose bits are set, at most so many."""
    found: list[str] = []
    while mask and len(found) < most:
        lowest = mask & -mask
        found.append(outputs[lowest.bit_length() - 1])
        mask ^= lowest
    return found
