"""What can be wrong with one node of a graph: its inputs against what its type declares.

Whether the nodes before it are sound, and which outputs depend on it, is ``check``'s business.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from limner.graph.api_document import NO_INPUTS
from limner.graph.catalog import Catalog, Lists
from limner.graph.coercion import CoercionError, coerce, echoed, shown
from limner.graph.errors import LimnerError
from limner.graph.graph import Graph, Link, Node
from limner.graph.node_type import Input, NodeType, fits
from limner.graph.problem import Problem

Exists = Callable[[str], bool]
"""Says whether a file of the user exists: ``sub/a.png``, ``a.png [output]``."""

Validate = Callable[[str, NodeType, Mapping[str, Any]], Sequence[Problem]]
"""Runs a node type's own validation function where its code is: node id, type, coerced inputs (links as None)."""

INPUT_FILES: Mapping[str, str] = {"input pictures": "image", "input latents": "latent"}
"""Lists of a user's own files, and what such a file is called. Files that are not listed are allowed, if they exist."""

SHOWN_CHOICES = 20
"""Longer lists of choices are not repeated in a report."""

_NEAREST_OF = 10_000
_ADVISED = 20


class NodeChecker:
    """Checks nodes one by one and remembers what it looked up. For one check: lists may change between two."""

    def __init__(
        self, graph: Graph, catalog: Catalog, lists: Lists, exists: Exists | None, validate: Validate | None
    ) -> None:
        self._graph, self._catalog, self._lists = graph, catalog, lists
        self._exists, self._validate = exists, validate
        self._types: dict[str, tuple[dict[str, Input], frozenset[str]]] = {}
        self._choices: dict[str | int, tuple[Sequence[str], frozenset[str]]] = {}
        self._advised = 0

    def check(self, name: str, node: Node) -> tuple[Node, list[Problem]]:
        """The node with coerced constants, and what is wrong with it. Its type must be in the catalog.

        Cost: linear in its inputs.
        """
        kind = self._catalog.nodes[node.type]
        if node.inputs is NO_INPUTS:
            return node, [_exception(name, "KeyError", "'inputs'", 'The node has no inputs: write "inputs": {}.')]
        problems: list[Problem] = []
        values = dict(node.inputs)
        declared, own = self._declared(kind)
        for entry in declared.values():
            if entry.name in values:
                value, problem = self._input(name, entry, values[entry.name], entry.name in own)
                values[entry.name] = value
            else:
                problem = _missing(name, entry) if entry.required else None
            if problem is not None:
                problems.append(problem)
        problems += self._undeclared(name, node, declared)
        if not problems and self._validate is not None and kind.asks_validation:
            problems += self._validate(name, kind, {k: None if isinstance(v, Link) else v for k, v in values.items()})
        return Node(type=node.type, inputs=values, title=node.title, display=node.display), problems

    def _declared(self, kind: NodeType) -> tuple[dict[str, Input], frozenset[str]]:
        """The inputs of a type, and the names of those that its own validation function takes over."""
        found = self._types.get(kind.name)
        if found is None:
            inputs = {entry.name: entry for entry in kind.inputs}
            named = kind.validated if self._validate is not None else ()
            found = self._types[kind.name] = inputs, frozenset(inputs if "*" in named else named)
        return found

    def _undeclared(self, name: str, node: Node, declared: Mapping[str, Input]) -> Iterator[Problem]:
        """Links under names that the type does not declare order the run, so they must lead somewhere."""
        for key, link in node.links():
            if key not in declared:
                _, problem = self._source(name, link)
                if problem is not None:
                    yield problem

    def _input(self, name: str, entry: Input, value: Any, own: bool) -> tuple[Any, Problem | None]:
        """The coerced value of an input, or the value and what is wrong with it."""
        if isinstance(value, Link):
            return value, self._link(name, entry, value)
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

    def _link(self, name: str, entry: Input, link: Link) -> Problem | None:
        received, problem = self._source(name, link)
        if problem is not None or received is None or fits(received, entry.type):
            return problem
        return Problem(
            code="return_type_mismatch",
            message="Return type mismatch between linked nodes",
            details=f"{entry.name}, received_type({received}) mismatch input_type({entry.type})",
            node=name,
            extra=self._about(entry) | {"received_type": received, "linked_node": [link.source, link.output]},
        )

    def _source(self, name: str, link: Link) -> tuple[str | None, Problem | None]:
        """The type of a link's source."""
        source = self._graph.nodes.get(link.source)
        if source is None:
            advice = f"There is no node {link.source!r} in this graph: link another one."
            return None, _exception(name, "KeyError", repr(link.source), advice)
        outputs = self._catalog.nodes[source.type].outputs
        if not 0 <= link.output < len(outputs):
            advice = f"Node {link.source!r} ({source.type}) has {len(outputs)} outputs; number {link.output} was asked."
            return None, _exception(name, "IndexError", "tuple index out of range", advice)
        return outputs[link.output].type, None

    def _bad_link(self, name: str, entry: Input, value: list[Any]) -> Problem:
        """A list that is no link: of another length, or with something else than an id and a number in it."""
        advice = 'A link is ["node id", output number]; a list that is a value is written {"__value__": [...]}.'
        if len(value) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            extra = self._about(entry) | {"received_value": echoed(value), "advice": advice}
            return Problem(code="bad_linked_input", message=message, details=entry.name, node=name, extra=extra)
        if isinstance(value[0], str) and value[0] in self._graph.nodes:
            details = f"tuple indices must be integers or slices, not {type(value[1]).__name__}"
            return _exception(name, "TypeError", details, advice)
        text = shown(value[0])
        return _exception(name, "KeyError", f"'{text}'" if isinstance(value[0], str) else text, advice)

    def _unconverted(self, name: str, entry: Input, value: Any, error: CoercionError) -> Problem:
        reason = shown(error)
        return Problem(
            code="invalid_input_type",
            message=f"Failed to convert an input value to a {entry.type} value",
            details=f"{entry.name}, {shown(value)}, {reason}",
            node=name,
            extra=self._about(entry) | {"received_value": echoed(value), "exception_message": reason},
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
        extra = self._about(entry) | {"received_value": echoed(value)}
        return Problem(code=code, message=message, details=entry.name, node=name, extra=extra)

    def _choice(self, name: str, entry: Input, value: Any) -> tuple[Any, Problem | None]:
        if entry.choices is None and entry.choices_from is None:
            return value, None  # the choices are the client's affair (a remote list)
        choices, quick = self._allowed(entry)
        if isinstance(value, str) and value in quick:
            return value, None
        if entry.choices_from in INPUT_FILES:
            return value, self._file(name, entry, value)
        if isinstance(value, tuple) and entry.options.get("multiselect"):
            wrong = next((item for item in value if item not in choices), None)
            return value, None if wrong is None else self._unlisted(name, entry, wrong, choices)
        if isinstance(value, str) and entry.choices_from and value.replace("\\", "/") in quick:
            return value.replace("\\", "/"), None  # a file name from a workflow made on Windows
        return value, None if value in choices else self._unlisted(name, entry, value, choices)

    def _allowed(self, entry: Input) -> tuple[Sequence[str], frozenset[str]]:
        """The choices of an input, in order and for quick look-up."""
        key = entry.choices_from or id(entry)  # hashing a tuple of thousands of names takes longer than the rest
        found = self._choices.get(key)
        if found is None:
            try:
                choices = self._catalog.choices(entry, self._lists)
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

    def _unlisted(self, name: str, entry: Input, value: Any, choices: Sequence[str]) -> Problem:
        many = len(choices) > SHOWN_CHOICES
        listed = f"(list of length {len(choices)})" if many else str(list(choices))
        nearest = self._nearest(value, choices)
        details = f"{entry.name}: '{shown(value)}' not in {listed}"
        if nearest:
            details += f". Nearest: {', '.join(nearest)}"
        extra: dict[str, Any] = self._about(entry) | {"received_value": echoed(value)}
        if nearest:
            extra["nearest"] = nearest
        if entry.choices_from and entry.choices_from not in ("samplers", "schedules"):
            extra["list"] = entry.choices_from
            details += f". Put the file into the model folder '{entry.choices_from}', or choose one that is there"
        return Problem(code="value_not_in_list", message="Value not in list", details=details, node=name, extra=extra)

    def _nearest(self, value: Any, choices: Sequence[str]) -> list[str]:
        """The nearest names. Comparing names is slow, so a graph gets this help for its first mistakes only."""
        self._advised += 1
        if self._advised > _ADVISED or not isinstance(value, str) or len(value) > 300:
            return []
        return get_close_matches(value, [item for item in choices[:_NEAREST_OF] if isinstance(item, str)], 3, 0.4)

    def _about(self, entry: Input) -> dict[str, Any]:
        """The input's name and its declaration, as clients know both; no declaration where the choices are many."""
        if entry.type != "COMBO" or (entry.choices is None and entry.choices_from is None):
            return {"input_name": entry.name, "input_config": [entry.type, dict(entry.options)]}
        choices, _ = self._allowed(entry)
        config = [list(choices), dict(entry.options)] if len(choices) <= SHOWN_CHOICES else None
        return {"input_name": entry.name, "input_config": config}


def _missing(name: str, entry: Input) -> Problem:
    return Problem(
        code="required_input_missing",
        message="Required input is missing",
        details=entry.name,
        node=name,
        extra={"input_name": entry.name},
    )


def _exception(name: str, kind: str, details: str, advice: str) -> Problem:
    """What ComfyUI reports as an exception while it validates. The advice is ours."""
    return Problem(
        code="exception_during_validation",
        message="Exception when validating node",
        details=details,
        node=name,
        extra={"exception_type": kind, "traceback": [], "advice": advice},
    )
