"""What can be wrong with one node of a graph: its inputs against what its type declares.

Whether the nodes before it are sound, and which outputs depend on it, is ``check``'s business.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from limner.graph.api_document import NO_INPUTS
from limner.graph.catalog import Catalog, Lists
from limner.graph.coercion import CoercionError, coerce, echoed, shown
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import Input, NodeType, fits
from limner.graph.problem import Problem
from limner.graph.validation import EVERYTHING, INPUT_TYPES, Validation, raised

Exists = Callable[[str], bool]
"""Says whether a file of the user exists: ``sub/a.png``, ``a.png [output]``."""

INPUT_FILES: Mapping[str, str] = {"input pictures": "image", "input latents": "latent"}
"""Lists of a user's own files, and what such a file is called. Files that are not listed are allowed, if they exist."""

SHOWN_CHOICES = 20
"""Longer lists of choices are not repeated in a report."""

_NEAREST_OF = 10_000
_ADVISED = 20


class NodeChecker:
    """Checks nodes one by one and remembers what it looked up. For one check: lists may change between two.

    Args:
        graph: What is checked.
        catalog: What the worker can do.
        lists: Named lists of choices.
        exists: Says whether a file of the user exists.
        asks: Validation functions can be asked: they have the last word on the inputs that they take.
    """

    def __init__(self, graph: Graph, catalog: Catalog, lists: Lists, exists: Exists | None, *, asks: bool) -> None:
        self._graph, self._catalog, self._lists = graph, catalog, lists
        self._exists, self._asks = exists, asks
        self._types: dict[str, _Declared] = {}
        self._choices: dict[str | int, tuple[Sequence[Any], frozenset[str]]] = {}
        self._advised = 0
        self.questions: list[Validation] = []
        """What validation functions are to be asked about the nodes checked so far."""

    def check(self, name: str, node: Node) -> tuple[Node, list[Problem]]:
        """The node with coerced constants, and what is wrong with it. Its type must be in the catalog.

        Cost: linear in its inputs.
        """
        kind = self._catalog.nodes[node.type]
        if node.inputs is NO_INPUTS:
            return node, [raised(name, "KeyError", "'inputs'", advice='The node has no inputs: write "inputs": {}.')]
        problems: list[Problem] = []
        values = dict(node.inputs)
        declared = self._declared(kind)
        for entry in declared.inputs.values():
            if entry.name in values:
                value, problem = self._input(name, entry, values[entry.name], declared)
                values[entry.name] = value
            else:
                problem = _missing(name, entry) if entry.required else None
            if problem is not None:
                problems.append(problem)
        problems += self._undeclared(name, node, declared.inputs)
        if not problems and self._asks and kind.asks_validation:
            self.questions.append(self._question(name, kind, values, declared))
        return Node(type=node.type, inputs=values, title=node.title, display=node.display), problems

    def about(self, entry: Input) -> dict[str, Any]:
        """The input's name and its declaration, as clients know both; no declaration where the choices are many."""
        if entry.type != "COMBO" or "options" in entry.options or _is_open(entry):
            return {"input_name": entry.name, "input_config": [entry.type, dict(entry.options)]}
        choices, _ = self._allowed(entry)
        config = [list(choices), dict(entry.options)] if len(choices) <= SHOWN_CHOICES else None
        return {"input_name": entry.name, "input_config": config}

    def _declared(self, kind: NodeType) -> "_Declared":
        """The inputs of a type, and which of them its own validation function takes over."""
        found = self._types.get(kind.name)
        if found is None:
            inputs = {entry.name: entry for entry in kind.inputs}
            named = kind.validated if self._asks else ()
            own = frozenset(inputs if EVERYTHING in named else named)
            found = self._types[kind.name] = _Declared(inputs, own, INPUT_TYPES in named)
        return found

    def _question(self, name: str, kind: NodeType, values: Mapping[str, Any], declared: "_Declared") -> Validation:
        types = {
            key: self._catalog.nodes[self._graph.nodes[value.source].type].outputs[value.output].type
            for key, value in values.items()
            if isinstance(value, Link) and key in declared.inputs
        }
        given = {
            key: None if isinstance(value, Link) else list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key in declared.inputs
        }
        return Validation(node=name, type=kind.name, inputs=given, types=types)

    def _undeclared(self, name: str, node: Node, declared: Mapping[str, Input]) -> Iterator[Problem]:
        """Links under names that the type does not declare order the run, so they must lead somewhere."""
        for key, link in node.links():
            if key not in declared:
                _, problem = self._source(name, link)
                if problem is not None:
                    yield problem

    def _input(self, name: str, entry: Input, value: Any, declared: "_Declared") -> tuple[Any, Problem | None]:
        """The coerced value of an input, or the value and what is wrong with it."""
        own = entry.name in declared.own
        if isinstance(value, Link):
            return value, self._link(name, entry, value, typed=not declared.own_types)
        if isinstance(value, list):
            return value, self._bad_link(name, entry, value)
        try:
            value = coerce(entry.type, value)
        except CoercionError as error:
            return value, self._unconverted(name, entry, value, error)
        problem = None if own else self._limits(name, entry, value)
        if problem is None and not own and entry.type == "COMBO":
            return self._choice(name, entry, value)
        return value, problem

    def _link(self, name: str, entry: Input, link: Link, *, typed: bool) -> Problem | None:
        received, problem = self._source(name, link)
        if problem is not None or received is None or not typed or fits(received, entry.type):
            return problem
        return Problem(
            code="return_type_mismatch",
            message="Return type mismatch between linked nodes",
            details=f"{entry.name}, received_type({received}) mismatch input_type({entry.type})",
            node=name,
            extra=self.about(entry) | {"received_type": received, "linked_node": [link.source, link.output]},
        )

    def _source(self, name: str, link: Link) -> tuple[str | None, Problem | None]:
        """The type of a link's source."""
        source = self._graph.nodes.get(link.source)
        if source is None:
            advice = f"There is no node {link.source!r} in this graph: link another one."
            return None, raised(name, "KeyError", repr(link.source), advice=advice)
        outputs = self._catalog.nodes[source.type].outputs
        if not 0 <= link.output < len(outputs):
            advice = f"Node {link.source!r} ({source.type}) has {len(outputs)} outputs; number {link.output} was asked."
            return None, raised(name, "IndexError", "tuple index out of range", advice=advice)
        return outputs[link.output].type, None

    def _bad_link(self, name: str, entry: Input, value: list[Any]) -> Problem:
        """A list that is no link: of another length, or with something else than an id and a number in it."""
        advice = 'A link is ["node id", output number]; a list that is a value is written {"__value__": [...]}.'
        if len(value) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            extra = self.about(entry) | {"received_value": echoed(value), "advice": advice}
            return Problem(code="bad_linked_input", message=message, details=entry.name, node=name, extra=extra)
        if isinstance(value[0], str) and value[0] in self._graph.nodes:
            details = f"tuple indices must be integers or slices, not {type(value[1]).__name__}"
            return raised(name, "TypeError", details, advice=advice)
        text = shown(value[0])
        return raised(name, "KeyError", f"'{text}'" if isinstance(value[0], str) else text, advice=advice)

    def _unconverted(self, name: str, entry: Input, value: Any, error: CoercionError) -> Problem:
        reason = shown(error)
        return Problem(
            code="invalid_input_type",
            message=f"Failed to convert an input value to a {entry.type} value",
            details=f"{entry.name}, {shown(value)}, {reason}",
            node=name,
            extra=self.about(entry) | {"received_value": echoed(value), "exception_message": reason},
        )

    def _limits(self, name: str, entry: Input, value: Any) -> Problem | None:
        """Whether a number lies outside its limits. Step and rounding are the widget's business."""
        if not isinstance(value, int | float):
            return None
        smallest, largest = entry.options.get("min"), entry.options.get("max")
        if isinstance(smallest, int | float) and value < smallest:
            code, message = "value_smaller_than_min", f"Value {shown(value)} smaller than min of {smallest}"
        elif isinstance(largest, int | float) and value > largest:
            code, message = "value_bigger_than_max", f"Value {shown(value)} bigger than max of {largest}"
        else:
            return None
        extra = self.about(entry) | {"received_value": echoed(value)}
        return Problem(code=code, message=message, details=entry.name, node=name, extra=extra)

    def _choice(self, name: str, entry: Input, value: Any) -> tuple[Any, Problem | None]:
        if _is_open(entry):
            return value, None  # the choices are the client's affair (a remote list)
        choices, quick = self._allowed(entry)
        if isinstance(value, str) and (value in quick or value in entry.unlisted):
            return value, None
        if entry.choices_from in INPUT_FILES:
            return value, self._file(name, entry, value)
        if isinstance(value, tuple) and _takes_several(entry):
            wrong = next((item for item in value if item not in choices), None)
            return value, None if wrong is None else self._unlisted(name, entry, wrong, choices)
        if isinstance(value, str) and entry.choices_from and value.replace("\\", "/") in quick:
            return value.replace("\\", "/"), None  # a file name from a workflow made on Windows
        return value, None if value in choices else self._unlisted(name, entry, value, choices)

    def _allowed(self, entry: Input) -> tuple[Sequence[Any], frozenset[str]]:
        """The choices of an input, in order and for quick look-up."""
        key = entry.choices_from or id(entry)  # hashing a tuple of thousands of names takes longer than the rest
        found = self._choices.get(key)
        if found is None:
            try:
                choices = _own_choices(entry) or self._catalog.choices(entry, self._lists)
            except (LimnerError, LookupError):  # a list that this installation does not have: nothing to choose
                choices = ()
            found = self._choices[key] = choices, frozenset(item for item in choices if isinstance(item, str))
        return found

    def _file(self, name: str, entry: Input, value: Any) -> Problem | None:
        try:
            if isinstance(value, str) and self._exists is not None and self._exists(value):
                return None
        except (LimnerError, OSError, ValueError):  # a name that leaves its folder, or that no system can hold
            pass
        kind = INPUT_FILES[entry.choices_from or ""]
        details = f"{entry.name} - Invalid {kind} file: {shown(value)}"
        extra = {"input_name": entry.name, "advice": "Upload the file first, or put it into the input folder."}
        message = "Custom validation failed for node"
        return Problem(code="custom_validation_failed", message=message, details=details, node=name, extra=extra)

    def _unlisted(self, name: str, entry: Input, value: Any, choices: Sequence[Any]) -> Problem:
        many = len(choices) > SHOWN_CHOICES
        listed = f"(list of length {len(choices)})" if many else str(list(choices))
        details = f"{entry.name}: '{shown(value)}' not in {listed}"
        extra: dict[str, Any] = self.about(entry) | {"received_value": echoed(value)}
        if many:
            extra["input_config"] = None
        nearest = self._nearest(value, choices)
        if nearest:
            extra["nearest"] = nearest
        if entry.choices_from and entry.choices_from not in ("samplers", "schedules"):
            extra["list"] = entry.choices_from
            advice = f"Put the file into the model folder '{entry.choices_from}', or choose one that is there."
            extra["advice"] = advice
        return Problem(code="value_not_in_list", message="Value not in list", details=details, node=name, extra=extra)

    def _nearest(self, value: Any, choices: Sequence[Any]) -> list[str]:
        """The nearest names. Comparing names is slow, so a graph gets this help for its first mistakes only."""
        self._advised += 1
        if self._advised > _ADVISED or not isinstance(value, str) or len(value) > 300:
            return []
        return get_close_matches(value, [item for item in choices[:_NEAREST_OF] if isinstance(item, str)], 3, 0.4)


@dataclass(frozen=True)
class _Declared:
    """A type's inputs by name; which of them its own validation function judges, and whether it judges links too."""

    inputs: Mapping[str, Input]
    own: frozenset[str]
    own_types: bool


def _own_choices(entry: Input) -> Sequence[Any]:
    """Choices that stand in the options, as newer node classes write them."""
    options = entry.options.get("options") if entry.choices is None and entry.choices_from is None else None
    return options if isinstance(options, list | tuple) else ()


def _is_open(entry: Input) -> bool:
    """Whether nobody here knows the choices."""
    return entry.choices is None and entry.choices_from is None and not _own_choices(entry)


def _takes_several(entry: Input) -> bool:
    return bool(entry.options.get("multiselect") or entry.options.get("multi_select"))


def _missing(name: str, entry: Input) -> Problem:
    return Problem(
        code="required_input_missing",
        message="Required input is missing",
        details=entry.name,
        node=name,
        extra={"input_name": entry.name},
    )
