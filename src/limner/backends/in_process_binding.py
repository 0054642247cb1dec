"""From held values to the calls of a node's function, and from what it returned to values.

Every value travels as a list of items. A node is called once per item of its longest list, shorter ones repeating
their last item, or once with whole lists if its type takes lists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from typing import Any

import msgspec

from limner.backends.in_process_results import Items
from limner.engine.blocked import Blocked
from limner.engine.overlay import Overlay, qualify
from limner.engine.step import MISSING, Ref, Step
from limner.graph.declare import NodeDefinition, NodeResult
from limner.graph.graph import Graph, Link, Node

Bound = dict[str, Items]
"""Inputs by name, each as the list of items that it is."""

KINDS = frozenset(
    {
        "PROMPT",
        "EXTRA_PNGINFO",
        "UNIQUE_ID",
        "DYNPROMPT",
        "AUTH_TOKEN_COMFY_ORG",
        "API_KEY_COMFY_ORG",
        "COMFY_USAGE_SOURCE",
    }
)
"""The hidden values that exist. A hidden input of another kind is an input that clients do not show."""


@dataclass(frozen=True)
class Callee:
    """A definition with what binding needs to know of it."""

    definition: NodeDefinition
    is_coroutine: bool
    declared: frozenset[str]
    lazy: frozenset[str]
    lists: tuple[bool, ...]

    @classmethod
    def of(cls, definition: NodeDefinition) -> "Callee":
        """Looks at a definition."""
        node_type = definition.type
        extra = {name for name, kind in node_type.hidden.items() if kind not in KINDS}
        return cls(
            definition=definition,
            is_coroutine=iscoroutinefunction(definition.function),
            declared=frozenset({entry.name for entry in node_type.inputs} | extra),
            lazy=frozenset(entry.name for entry in node_type.inputs if entry.lazy),
            lists=tuple(entry.is_list for entry in node_type.outputs),
        )


def bind(callee: Callee, step: Step, look: Callable[[Ref], Items | None], hidden: Mapping[str, Any]) -> Bound:
    """The lists of items that a step's function is to be called with.

    Constants that the node does not declare are dropped, unless it takes any; links never are.
    """
    bound: Bound = {}
    for name, value in step.inputs.items():
        if type(value) is Ref:
            items = look(value)
            bound[name] = [None] if items is None else items
        elif value is MISSING:
            bound[name] = [None]
        elif name in callee.declared or callee.definition.type.takes_any:
            # A tuple in a submitted graph is a list that was written as a value.
            bound[name] = [list(value) if type(value) is tuple and step.place.parent is None else value]
    for name, value in hidden.items():
        bound[name] = [value]
    return bound


def missing(callee: Callee, step: Step) -> frozenset[str]:
    """Lazy inputs that are linked and not evaluated."""
    return frozenset(name for name in callee.lazy if step.inputs.get(name) is MISSING)


def calls(callee: Callee, bound: Bound) -> list[dict[str, Any]]:
    """The keyword arguments of each call.

    Raises:
        IndexError: if a list is empty beside others that are not.
    """
    if callee.definition.type.takes_lists:
        # Copies: a node that changes its list must not change what is held.
        return [{name: list(items) for name, items in bound.items()}]
    longest = max(map(len, bound.values()), default=0)
    if longest == 0:
        return [{}]
    if longest == 1:
        return [{name: items[0] for name, items in bound.items()}]
    return [{name: items[min(index, len(items) - 1)] for name, items in bound.items()} for index in range(longest)]


def blocker(callee: Callee, call: Mapping[str, Any]) -> Blocked | None:
    """What keeps a call from being made, if anything does."""
    for value in call.values():
        if type(value) is Blocked:
            return value
        if callee.definition.type.takes_lists:
            found = next((item for item in value if type(item) is Blocked), None)
            if found is not None:
                return found
    return None


def normal(callee: Callee, returned: Any) -> NodeResult:
    """What a call returned, as a NodeResult with one value per output.

    Raises:
        TypeError: if it returned nothing though the node has outputs.
    """
    if type(returned) is NodeResult:
        return returned
    count = len(callee.lists)
    if type(returned) is Blocked:
        return NodeResult(values=(returned,) * count)
    if returned is None:
        if count:
            name = callee.definition.type.name
            raise TypeError(f"{name} returned None; expected {count} value(s), a tuple of them or a NodeResult")
        return NodeResult()
    if isinstance(returned, tuple) and (count != 1 or len(returned) == 1):
        return NodeResult(values=tuple(returned))
    return NodeResult(values=(returned,))


def blocked(callee: Callee) -> NodeResult:
    """The result of a call that was not made."""
    return NodeResult(values=(Blocked(),) * len(callee.lists))


@dataclass
class Returned:
    """What the calls of a step returned, in order.

    Attributes:
        results: One per call.
        messages: Of blockers that kept calls from being made, each once.
    """

    results: list[NodeResult] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def expands(self) -> bool:
        """Whether any call expanded."""
        return any(result.expand is not None for result in self.results)

    def add(self, result: NodeResult, stop: Blocked | None) -> None:
        """Adds the next call: what it returned, and what kept it from being made, if anything did."""
        if stop is not None and stop.message is not None and stop.message not in self.messages:
            self.messages.append(stop.message)
        self.results.append(result)

    def expand(self, node: str, overlay: Overlay) -> Graph:
        """What the calls of a node expanded into, together; the ids are unique in the run from now on."""
        nodes: dict[str, Node] = {}
        for call, result in enumerate(self.results):
            if result.expand is not None:
                graph, values = qualify(node, call, result.expand, tuple(result.values), overlay, nodes)
                self.results[call] = replace(result, expand=graph, values=values)
                nodes.update(graph.nodes)
        return Graph(nodes)

    def links(self) -> tuple[Link, ...]:
        """The outputs of expansions that the step's result consists of."""
        found = (
            value
            for result in self.results
            if result.expand is not None
            for value in result.values
            if type(value) is Link
        )
        return tuple(dict.fromkeys(found))

    def outputs(self, callee: Callee, follow: Callable[[Link], Items | None]) -> list[Items | None]:
        """The items of each output over all calls; None for one that no call gave."""
        outputs: list[Items | None] = []
        for index, is_list in enumerate(callee.lists):
            items: Items = []
            given = False
            for result in self.results:
                if index < len(result.values):
                    given = True
                    items += _items(result, result.values[index], is_list, follow)
            outputs.append(items if given else None)
        return outputs

    def ui(self) -> dict[str, list[Any]] | None:
        """What clients are told: the first call's keys, each with the items of all calls.

        Raises:
            KeyError: if a later call lacks a key.
            TypeError: if it holds what JSON cannot express.
        """
        told = [result.ui for result in self.results if result.ui is not None]
        if not told:
            return None
        joined = {key: [item for ui in told for item in ui[key]] for key in told[0]}
        try:
            msgspec.json.encode(joined, enc_hook=str)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise TypeError(f"What the node shows (its ui) must be JSON values: {error}") from error
        return joined


def _items(result: NodeResult, value: Any, is_list: bool, follow: Callable[[Link], Items | None]) -> Iterable[Any]:
    if result.expand is not None and type(value) is Link:
        items = follow(value)
        return [None] if items is None else items
    if is_list and type(value) is not Blocked:
        return value
    return (value,)
