"""V3 classes (``comfy_api``'s ``ComfyNode``) as node definitions.

Nothing here imports ``comfy_api``: a class brings its interface along. Hidden values reach a definition under names
with a colon, so that an input of the same name (``prompt`` is a common one) is not lost.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from comfy_host.pack_step import SERVICES, PackStep
from comfy_host.v1 import comparable
from comfy_host.v1_inputs import as_data, plain_text
from limner.engine.blocked import Blocked
from limner.graph.declare import NodeDefinition, NodeResult
from limner.graph.node_type import Input, NodeType, Output
from limner.graph.validation import EVERYTHING

ROOT = "_ComfyNodeInternal"
"""Name of the class that all V3 classes descend from, whatever version they are written for."""

HIDDEN = "hidden:"
"""What names of hidden parameters begin with."""


def is_v3(kind: Any) -> bool:
    """Whether a pack's class is a V3 class."""
    return any(base.__name__ == ROOT for base in getattr(kind, "__mro__", ()))


class V3Node:
    """A V3 class as the functions of a node definition.

    Args:
        kind: The class.
        schema: What it declared when it was loaded.
        described: The same as data.
    """

    def __init__(self, kind: Any, schema: Any, described: NodeType) -> None:
        self.kind, self.schema, self.type = kind, schema, described
        self._count = len(described.outputs)

    def call(self, **given: Any) -> NodeResult:
        """Calls ``execute``."""
        step, inputs = PackStep.split(given)
        with step.entered(self.type.pack):
            clone, received = self._prepared(step, inputs)
            return self._result(step, clone.EXECUTE_NORMALIZED(**received))

    async def call_async(self, **given: Any) -> NodeResult:
        """Calls and awaits ``execute``."""
        step, inputs = PackStep.split(given)
        with step.entered():
            clone, received = self._prepared(step, inputs)
            return self._result(step, await clone.EXECUTE_NORMALIZED_ASYNC(**received))

    def needs(self, **given: Any) -> Any:
        """Asks ``check_lazy_status`` which lazy inputs are wanted; may give something to await.

        Inside of dynamic inputs it receives pairs of a value and the key that it has to name.
        """
        step, inputs = PackStep.split(given)
        with step.entered():
            clone, received = self._prepared(step, inputs, leaf=lambda key, value: (value, key))
            return _later(clone.check_lazy_status(**received), _wanted)

    def fingerprint(self, **given: Any) -> Any:
        """Asks ``fingerprint_inputs``, links being None; may give something to await."""
        step, inputs = PackStep.split(given)
        if self.type.takes_lists:
            inputs = {name: [value] for name, value in inputs.items()}
        with step.entered():
            clone = self.kind.PREPARE_CLASS_CLONE()
            return _later(clone.fingerprint_inputs(**self.schema.nested(inputs)), comparable)

    def inspect(self, **inputs: Any) -> Iterator[tuple[str, str]]:
        """What is wrong with the keys of dynamic inputs: the input, and a sentence."""
        return self.schema.problems(inputs)

    def validate(self, **inputs: Any) -> Any:
        """Asks ``validate_inputs``: True, False or a sentence; or something to await."""
        function, takes = _validator(self.kind)
        if function is None:
            return True
        values = self.schema.nested(inputs)
        return function(**{name: value for name, value in values.items() if EVERYTHING in takes or name in takes})

    def _prepared(
        self, step: PackStep, given: Mapping[str, Any], leaf: Callable[[str, Any], Any] = lambda _, value: value
    ) -> tuple[Any, dict[str, Any]]:
        """The class for one call, and what it is called with."""
        hidden = {
            kind: _only(given[name]) if self.type.takes_lists else given[name]
            for name, kind in self.type.hidden.items()
            if name in given
        }
        inputs = {name: value for name, value in given.items() if name not in self.type.hidden}
        clone = self.kind.PREPARE_CLASS_CLONE({"hidden_inputs": hidden})
        return clone, self.schema.nested(step.arguments(inputs), leaf)

    def _result(self, step: PackStep, output: Any) -> NodeResult:
        """A NodeOutput as the engine takes it."""
        ui = shown(output.ui)
        if output.block_execution is not None:
            return NodeResult(values=(Blocked(output.block_execution or None),) * self._count, ui=ui)
        return step.result({"result": tuple(output.args), "ui": ui, "expand": output.expand}, self._count)


def shown(ui: Any) -> dict[str, list[Any]] | None:
    """What a node shows, as lists of plain values.

    Raises:
        TypeError: if it is neither a dictionary nor one of ``ui``'s objects.
    """
    if ui is None:
        return None
    told = ui.as_dict() if hasattr(ui, "as_dict") else ui
    if not isinstance(told, Mapping):
        raise TypeError(f"Expected ui to be a dict of lists, or an object of comfy_api's ui; got {type(ui).__name__}.")
    return {
        str(key): [dict(item) if isinstance(item, Mapping) else item for item in items] for key, items in told.items()
    }


def _only(value: Any) -> Any:
    """The only item of a hidden value's list."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _wanted(answer: Any) -> tuple[str, ...]:
    return () if answer is None else tuple(plain_text(name) for name in answer)


def _later(answer: Any, then: Callable[[Any], Any]) -> Any:
    """What is made of an answer; something to await if the answer is."""
    if not inspect.isawaitable(answer):
        return then(answer)

    async def awaited() -> Any:
        return then(await answer)

    return awaited()


def definition_of(kind: Any, name: str, display_name: str | None, module: str) -> NodeDefinition:
    """A V3 class as a node definition.

    Raises:
        Exception: whatever the class raises while it is asked for its schema.
    """
    schema = kind.GET_SCHEMA()
    described = _described(kind, schema, name, display_name, module)
    node = V3Node(kind, schema, described)
    return NodeDefinition(
        type=described,
        function=node.call_async if inspect.iscoroutinefunction(kind.execute) else node.call,
        services=SERVICES,
        fingerprint=node.fingerprint if described.asks_fingerprint else None,
        inspect=node.inspect if schema.is_dynamic else None,
        validate=node.validate if described.asks_validation else None,
        needs=node.needs if described.asks_needs else None,
    )


def _described(kind: Any, schema: Any, name: str, display_name: str | None, module: str) -> NodeType:
    """What a V3 class is, as data."""
    inputs = tuple(_as_data(entry) for entry in schema.declared())
    function, takes = _validator(kind)
    return NodeType(
        name=name,
        title=schema.display_name or display_name or name,
        category=schema.category or "",
        doc=schema.description or "",
        inputs=inputs,
        outputs=tuple(
            Output(name=plain_text(entry.label), type=entry.fitting, is_list=bool(entry.is_output_list))
            for entry in schema.outputs
        ),
        hidden={f"{HIDDEN}{entry.name}": entry.value for entry in schema.hidden},
        is_output=bool(schema.is_output_node),
        takes_lists=bool(schema.is_input_list),
        idempotent=not schema.not_idempotent,
        asks_fingerprint=_overrides(kind, "fingerprint_inputs"),
        asks_validation=function is not None or schema.is_dynamic,
        validated=_flat(takes, inputs),
        asks_needs=_overrides(kind, "check_lazy_status") and any(entry.lazy for entry in inputs),
        deprecated=bool(schema.is_deprecated),
        experimental=bool(schema.is_experimental),
        module=module,
        takes_any=bool(schema.accept_all_inputs),
        pack=module.removeprefix("custom_nodes."),
    )


def _as_data(entry: Input) -> Input:
    """A declared input that crosses a process border."""
    return msgspec.structs.replace(entry, options=as_data(entry.options))


def _flat(takes: tuple[str, ...], inputs: tuple[Input, ...]) -> tuple[str, ...]:
    """Names of parameters as keys of a prompt: a dynamic input stands for several."""
    inner = [entry.name for entry in inputs if "." in entry.name and entry.name.split(".")[0] in takes]
    return (*takes, *inner)


def _overrides(kind: Any, method: str) -> bool:
    """Whether a class has its own version of a method that the interface has too."""
    base = kind.GET_BASE_CLASS()
    return getattr(kind, method).__func__ is not getattr(base, method).__func__


def _validator(kind: Any) -> tuple[Callable[..., Any] | None, tuple[str, ...]]:
    """``validate_inputs``, if the class has its own, and what it takes by name; ``*`` if it takes all."""
    if not _overrides(kind, "validate_inputs"):
        return None, ()
    function = kind.PREPARE_CLASS_CLONE().validate_inputs
    parameters = inspect.signature(function).parameters.values()
    names = [parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    if len(names) < len(parameters):
        return function, (EVERYTHING, *names)
    return function, tuple(names)


def node_info(kind: Any, name: str, display_name: str | None, module: str) -> dict[str, Any]:
    """A V3 class as ``/object_info`` shows it; its schema is asked for now."""
    info = kind.GET_NODE_INFO_V1()
    return info | {"name": name, "display_name": info["display_name"] or display_name, "python_module": module}
