"""Random graphs computed by the engine equal a direct evaluation, whatever is held and however little room there is."""

from collections.abc import Callable
from typing import Annotated, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.backends.in_process import InProcessBackend
from limner.engine.engine import Engine
from limner.engine.events import NodeFinished, NodeOutput, Recalled, Succeeded
from limner.engine.run import RunRequest
from limner.graph.declare import Flags, NodeDefinition, NodeResult, Socket, node
from limner.graph.graph import Graph, Link, Node

ANYTHING = Annotated[Any, Socket("*")]
LAZY = Annotated[Any, Socket("*"), Flags(lazy=True, optional=True)]
FUNCTIONS: dict[str, Callable[[int, int], int]] = {
    "combine": lambda a, b: (3 * a + b) % 10007,
    "later": lambda a, b: (a + 5 * b + 1) % 10007,
    "grow": lambda a, b: (3 * ((3 * a + b) % 10007) + a) % 10007,
    "choose": lambda a, b: a if a % 2 else b,
}


@node(title="combine", category="test")
def combine(*, a: int, b: int) -> int:
    return FUNCTIONS["combine"](a, b)


@node(title="later", category="test")
async def later(*, a: int, b: int) -> int:
    return FUNCTIONS["later"](a, b)


@node(title="grow", category="test")
def grow(*, a: int, b: int) -> int:
    inner = {
        "x": Node(type="combine", inputs={"a": a, "b": b}),
        "y": Node(type="combine", inputs={"a": Link("x", 0), "b": a}),
    }
    return NodeResult(values=(Link("y", 0),), expand=Graph(inner))


@node(title="choose", category="test", needs=lambda a, b=None: [] if a % 2 else ["b"])
def choose(*, a: int, b: LAZY = None) -> ANYTHING:
    return a if a % 2 else b


@node(title="show", category="test", output=True)
def show(*, value: ANYTHING) -> None:
    return NodeResult(ui={"shown": [value]})


AMPLE = 10**9
DEFINITIONS: dict[str, NodeDefinition] = {entry.type.name: entry for entry in (combine, later, grow, choose, show)}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to 25 nodes, each linked to earlier ones or to constants, in a shuffled document order."""
    nodes: list[tuple[str, Node]] = []
    for index in range(draw(st.integers(1, 25))):
        value = st.integers(0, 6)
        if index:
            value |= st.integers(0, index - 1).map(lambda source: Link(str(source), 0))
        kind = draw(st.sampled_from(list(FUNCTIONS)))
        nodes.append((str(index), Node(type=kind, inputs={"a": draw(value), "b": draw(value)})))
    for index in draw(st.lists(st.integers(0, len(nodes) - 1), min_size=1, max_size=4, unique=True)):
        nodes.append((f"s{index}", Node(type="show", inputs={"value": Link(str(index), 0)})))
    return Graph(dict(draw(st.permutations(nodes))))


def direct(graph: Graph) -> dict[str, list[int]]:
    """What the output nodes show, computed by plain recursion."""

    def value(entry: Any) -> int:
        if not isinstance(entry, Link):
            return entry
        found = graph.nodes[entry.source]
        return FUNCTIONS[found.type](value(found.inputs["a"]), value(found.inputs["b"]))

    return {name: [value(entry.inputs["value"])] for name, entry in graph.nodes.items() if entry.type == "show"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(graphs(), min_size=1, max_size=3), capacity=st.sampled_from([0, 3000, AMPLE]))
def test_random_graphs_equal_a_direct_evaluation(sequence, capacity):
    backend = InProcessBackend(DEFINITIONS, {}, capacity)
    engine = Engine(backend)
    try:
        for graph in [*sequence, *sequence]:
            targets = tuple(name for name, entry in graph.nodes.items() if entry.type == "show")
            events: list[Any] = []
            engine.run(RunRequest(job="j", graph=graph, targets=targets), events.append)
            assert isinstance(events[-1], Succeeded), events[-1]
            shown = {e.place.node: e.ui["shown"] for e in events if isinstance(e, NodeOutput) and e.ui}
            assert shown == direct(graph)
            finished = [event.place.node for event in events if isinstance(event, NodeFinished)]
            assert set(targets) <= set(finished)
            if capacity == AMPLE:
                # With less room, what a lazy input needs late may have been evicted, and is made once more.
                recalled = next(event.nodes for event in events if isinstance(event, Recalled))
                assert len(finished) == len(set(finished))
                assert not set(recalled) & set(finished) - set(targets)
            status = backend.results.status()
            assert status["kept"] == 0 and status["bytes"] <= capacity
    finally:
        backend.close()
