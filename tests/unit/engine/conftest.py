"""A small laboratory: nodes that tests define, a real in-process backend, and the events of a run."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import pytest

from limner.backends.in_process import InProcessBackend
from limner.engine.cancellation import Cancellation
from limner.engine.engine import Engine
from limner.engine.events import (
    AnyEvent,
    Failed,
    Failure,
    NodeFinished,
    NodeOutput,
    NodeStarted,
    Recalled,
    Succeeded,
)
from limner.engine.run import RunRequest
from limner.graph.api_document import to_document
from limner.graph.declare import NodeDefinition, NodeResult, Socket, node
from limner.graph.graph import Graph, Link, Node

ANYTHING = Annotated[Any, Socket("*")]


class Trace(list[AnyEvent]):
    """The events of a run, in order."""

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]

    @property
    def started(self) -> list[str]:
        return [event.place.node for event in self.of(NodeStarted)]

    @property
    def finished(self) -> list[str]:
        return [event.place.node for event in self.of(NodeFinished)]

    @property
    def recalled(self) -> tuple[str, ...]:
        (event,) = self.of(Recalled)
        return event.nodes

    @property
    def shown(self) -> dict[str, Any]:
        """What output nodes of the kind ``show`` were given, by node id."""
        return {event.place.node: event.ui["shown"] for event in self.of(NodeOutput) if event.ui}

    @property
    def failure(self) -> Failure:
        assert isinstance(self[-1], Failed), self[-1]
        return self[-1].failure

    @property
    def succeeded(self) -> bool:
        return isinstance(self[-1], Succeeded)


class Laboratory:
    """Defines nodes and runs graphs of them. ``calls`` counts how often each defined function ran."""

    def __init__(self) -> None:
        self.definitions: dict[str, NodeDefinition] = {}
        self.calls: Counter[str] = Counter()
        self.capacity = 1 << 30
        self.services: dict[type, Any] = {}
        self._engine: Engine | None = None

        @self.define(output=True)
        def show(*, value: ANYTHING) -> None:
            return NodeResult(ui={"shown": [value]})

        @self.define()
        def add(*, a: ANYTHING, b: ANYTHING = 0) -> int:
            return a + b

        @self.define(list_outputs=(True,))
        def spread(*, count: int) -> int:
            return list(range(count))

    def define(self, **marks: Any) -> Callable[[Callable[..., Any]], NodeDefinition]:
        def mark(function: Callable[..., Any]) -> NodeDefinition:
            definition = node(title=function.__name__, category="test", **marks)(function)
            self.definitions[definition.type.name] = definition
            return definition

        return mark

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = Engine(InProcessBackend(self.definitions, self.services, self.capacity))
        return self._engine

    def request(self, nodes: Mapping[str, Node], targets: Iterable[str] | None = None, **fields: Any) -> RunRequest:
        if targets is None:
            targets = [name for name, entry in nodes.items() if self.definitions[entry.type].type.is_output]
        graph = Graph(nodes)
        fields.setdefault("document", {name: to_document(Graph({name: entry}))[name] for name, entry in nodes.items()})
        return RunRequest(job=fields.pop("job", "job"), graph=graph, targets=tuple(targets), **fields)

    def run(
        self,
        nodes: Mapping[str, Node],
        targets: Iterable[str] | None = None,
        cancellation: Cancellation | None = None,
        **fields: Any,
    ) -> Trace:
        trace = Trace()
        self.engine.run(self.request(nodes, targets, **fields), trace.append, cancellation)
        return trace


def use(kind: str, **inputs: Any) -> Node:
    """A node; ``"@id"`` is a link to output 0 of ``id``, ``"@id:n"`` to output n."""
    return Node(type=kind, inputs={name: link(value) for name, value in inputs.items()})


def link(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        source, _, output = value[1:].partition(":")
        return Link(source, int(output or 0))
    return value


@pytest.fixture
def lab() -> Iterable[Laboratory]:
    laboratory = Laboratory()
    yield laboratory
    if laboratory._engine is not None:
        backend = laboratory._engine.backend
        assert isinstance(backend, InProcessBackend)
        assert backend.results.status()["kept"] == 0, "a run left results pinned"
        assert not laboratory._engine._flights._flights, "a run left something in flight"
        backend.close()


@pytest.fixture
def make() -> Callable[..., Node]:
    return use
